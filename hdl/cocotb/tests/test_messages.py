# SPDX-License-Identifier: Apache-2.0
"""The tables of messages are those of the `.proto` files."""

from __future__ import annotations

import pytest
from proto_files import PROTO, ProtoField, read_messages
from trapline import _messages
from trapline._codec import Field, Message

# Of these files the tables have every message.
COMPLETE = ('bus', 'model')


def to_proto(message: Message) -> list[ProtoField]:
    return [
        ProtoField(field.number, field.name, kind_of(field), field.is_repeated, field.oneof)
        for field in message.fields.values()
    ]


def kind_of(field: Field) -> str:
    return field.message.name if field.message else field.kind


def all_messages() -> dict[str, list[ProtoField]]:
    return {name: fields for path in PROTO.glob('*.proto') for name, fields in read_messages(path.stem).items()}


@pytest.mark.parametrize('name', _messages.BY_NAME)
def test_a_table_says_what_its_proto_file_says(name: str) -> None:
    assert sorted(to_proto(_messages.BY_NAME[name])) == sorted(all_messages()[name])


@pytest.mark.parametrize('file', COMPLETE)
def test_every_message_has_a_table(file: str) -> None:
    assert set(read_messages(file)) - set(_messages.BY_NAME) == set()


def test_the_reader_of_proto_files_sees_them_whole() -> None:
    """Else a field that it overlooks would be missed by the tests above."""
    for file in COMPLETE:
        text = (PROTO / f'{file}.proto').read_text()
        fields = [line for line in text.splitlines() if line.startswith('  ') and ' = ' in line.split('//')[0]]
        enum_values = [line for line in fields if line.split('=')[0].strip().isupper()]
        assert len(fields) - len(enum_values) == sum(map(len, read_messages(file).values()))


def test_enums_have_the_numbers_of_their_proto_file() -> None:
    text = (PROTO / 'bus.proto').read_text()
    for operation in _messages.Operation:
        assert f'OPERATION_{operation.name} = {operation.value};' in text
