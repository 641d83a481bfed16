# SPDX-License-Identifier: Apache-2.0
"""The tables of ControlService are those of its `.proto` file."""

from __future__ import annotations

import re

import pytest
from proto_files import PROTO, ProtoField, read_messages
from trapline import _control_messages
from trapline._codec import Message

TABLES = {each.name: each for each in vars(_control_messages).values() if isinstance(each, Message)}


def to_proto(message: Message) -> list[ProtoField]:
    return [
        ProtoField(one.number, one.name, one.message.name if one.message else one.kind, one.is_repeated, one.oneof)
        for one in message.fields.values()
    ]


@pytest.mark.parametrize('name', TABLES)
def test_a_table_says_what_its_proto_file_says(name: str) -> None:
    known = {key: fields for path in PROTO.glob('*.proto') for key, fields in read_messages(path.stem).items()}
    assert sorted(to_proto(TABLES[name])) == sorted(known[name])


def test_every_message_has_a_table() -> None:
    assert set(read_messages('control')) - set(TABLES) == set()


def test_statuses_are_those_of_the_bus() -> None:
    text = (PROTO / 'bus.proto').read_text()
    numbers = {int(number): name for name, number in re.findall(r'\bSTATUS_(\w+) = (\d+);', text)}
    assert numbers == dict(enumerate(_control_messages.STATUSES))
