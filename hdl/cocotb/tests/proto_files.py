# SPDX-License-Identifier: Apache-2.0
"""Reads the `.proto` files, as far as they go in this project: messages, enums, fields, oneofs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PROTO = Path(__file__).resolve().parents[3] / 'proto/trapline/v1'


class ProtoField(NamedTuple):
    number: int
    name: str
    kind: str
    is_repeated: bool
    oneof: str


_FIELD = re.compile(r'(repeated )?([\w.]+) (\w+) = (\d+);')


def read_messages(file: str) -> dict[str, list[ProtoField]]:
    """The fields of each message of `file`.proto by the message's name; of an enum's type, `kind` is "enum"."""
    text = re.sub(r'//.*', '', (PROTO / f'{file}.proto').read_text())
    enums = set(re.findall(r'\benum (\w+)', ''.join(path.read_text() for path in PROTO.glob('*.proto'))))
    bodies = re.findall(r'^message (\w+) \{(\}|.*?^\})', text, re.DOTALL | re.MULTILINE)
    return {name: _fields_of(body, enums) for name, body in bodies}


def _fields_of(body: str, enums: set[str]) -> list[ProtoField]:
    oneofs = re.findall(r'oneof (\w+) \{(.*?)\}', body, re.DOTALL)
    plain = re.sub(r'oneof \w+ \{.*?\}', '', body, flags=re.DOTALL)
    return [
        ProtoField(int(number), name, 'enum' if kind in enums else kind, bool(repeated), oneof)
        for oneof, part in [('', plain), *oneofs]
        for repeated, kind, name, number in _FIELD.findall(part)
    ]
