# SPDX-License-Identifier: Apache-2.0
"""Protocol Buffers by tables: the few types that Trapline's messages are made of, and nothing else.

A message is described by a `Message` (see `_messages`), its value is a dict by field name. Integers keep all their 64
bits. Decoding gives every field of a plain type, with proto3's default where the wire has none; a message field, or a
member of a oneof, is in the dict only if it was sent. Fields that the table does not know are skipped.

Encoding: https://protobuf.dev/programming-guides/encoding. Groups, fixed-width numbers, zigzag numbers and maps are
not supported: no message of `proto/trapline/v1` has one, which a test holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

Value = dict[str, Any]
Buffer = Union[bytes, bytearray, memoryview]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_NUMBERS = ('uint64', 'uint32', 'int32', 'enum')
_SCALARS = (*_NUMBERS, 'bool')
_DEFAULTS: dict[str, Any] = {'string': '', 'bytes': b'', 'bool': False}
_LOWEST = {'int32': -(1 << 31), 'enum': -(1 << 31)}
_BEYOND = {'uint64': 1 << 64, 'uint32': 1 << 32, 'int32': 1 << 31, 'enum': 1 << 31, 'bool': 2}
_MASK64 = (1 << 64) - 1


class CodecError(ValueError):
    """Bytes that are no such message, or a value that no such message can carry."""


class Field:
    """One field. `kind` is a scalar type's name, "enum", "string", "bytes", or the `Message` that it holds."""

    __slots__ = ('encode', 'is_repeated', 'key', 'kind', 'message', 'name', 'number', 'oneof', 'wire_type')

    def __init__(self, number: int, name: str, kind: str | Message, *, repeated: bool = False, oneof: str = '') -> None:
        self.number = number
        self.name = name
        self.kind = 'message' if isinstance(kind, Message) else kind
        self.message = kind if isinstance(kind, Message) else None
        self.is_repeated = repeated
        self.oneof = oneof
        self.wire_type = _VARINT if self.kind in _SCALARS else _BYTES
        self.key = to_varint(number << 3 | self.wire_type)
        self.encode = _encoder_of(self)

    def to_value(self, number: int) -> int | bool:
        """What a number of the wire means here. Higher bits than the type has are cut off."""
        if self.kind == 'bool':
            return number != 0
        if self.kind == 'uint32':
            return number & 0xFFFFFFFF
        if self.kind in _LOWEST:
            number &= 0xFFFFFFFF
            return number - (1 << 32) if number >= 1 << 31 else number
        return number


class Message:
    """One message type: its name in the `.proto` file and its fields."""

    def __init__(self, name: str, fields: Iterable[Field]) -> None:
        self.name = name
        self.fields = {field.name: field for field in fields}
        self.by_number = {field.number: field for field in self.fields.values()}
        self.rivals = {field.name: self._rivals_of(field) for field in self.fields.values() if field.oneof}
        self.plain = {
            field.key[0]: field.name
            for field in self.fields.values()
            if field.kind in _NUMBERS and not (field.is_repeated or field.oneof) and len(field.key) == 1
        }
        """Names of plain numbers by what their fields begin with."""
        self.repeated = [field.name for field in self.fields.values() if field.is_repeated]
        self.defaults: Value = {
            field.name: _DEFAULTS.get(field.kind, 0)
            for field in self.fields.values()
            if not (field.is_repeated or field.message or field.oneof)
        }

    def _rivals_of(self, field: Field) -> list[str]:
        return [other.name for other in self.fields.values() if other.oneof == field.oneof and other is not field]

    def __repr__(self) -> str:
        return f'Message({self.name})'


# ---- encoding


def encode(message: Message, value: Mapping[str, Any]) -> bytes:
    """The bytes of one message, its fields in the order of the mapping; those at their defaults are left out.

    Raises `CodecError` for a field that the message has not, and for a value that its type can't hold.
    """
    fields = message.fields
    parts = []
    for name, content in value.items():
        field = fields.get(name)
        if field is None:
            raise CodecError(f'{message.name} has no field {name}')
        if content or field.oneof or (field.message is not None and content is not None):
            parts.append(field.encode(content))
    return b''.join(parts)


def to_varint(value: int) -> bytes:
    """An unsigned number in groups of seven bits, lowest first."""
    if value < 0x80:
        return _SMALL[value]
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


_SMALL = [bytes([value]) for value in range(0x80)]


def _encoder_of(field: Field) -> Callable[[Any], bytes]:
    if not field.is_repeated:
        return _single_encoder_of(field, field.key)
    if field.wire_type == _VARINT:  # proto3 packs repeated numbers
        packed_key, element = to_varint(field.number << 3 | _BYTES), _single_encoder_of(field, b'')
        return lambda content: packed_key + _encode_bytes(b''.join(map(element, content)))
    single = _single_encoder_of(field, field.key)
    return lambda content: b''.join(map(single, content))


def _single_encoder_of(field: Field, key: bytes) -> Callable[[Any], bytes]:
    if field.message is not None:
        message = field.message
        return lambda content: key + _encode_bytes(encode(message, content))
    if field.kind == 'bytes':
        return lambda content: key + _encode_bytes(content)
    if field.kind == 'string':
        return lambda content: key + _encode_bytes(content.encode())
    return _number_encoder_of(field, key)


def _encode_bytes(content: Buffer) -> bytes:
    return to_varint(len(content)) + content


def _number_encoder_of(field: Field, key: bytes) -> Callable[[Any], bytes]:
    lowest, beyond = _LOWEST.get(field.kind, 0), _BEYOND[field.kind]
    small = [key + bytes([value]) for value in range(min(0x80, beyond))]
    count = len(small)

    def encode_number(value: int) -> bytes:
        if 0 <= value < count:
            return small[value]
        if not lowest <= value < beyond:
            raise CodecError(f"{field.name} is {value}, which {field.kind} can't hold")
        return key + to_varint(value & _MASK64)

    return encode_number


# ---- decoding


def decode(message: Message, data: Buffer) -> Value:
    """The value of one message. Raises `CodecError` if the bytes are none, or end in the middle of a field."""
    try:
        return _decode(message, bytes(data), 0, len(data), None)
    except IndexError:
        raise CodecError(f'{message.name} ends in the middle of a field') from None


def _decode(message: Message, data: bytes, at: int, end: int, known: Value | None) -> Value:
    """What lies in data[at:end], on top of what is known of the same message from before."""
    value: Value = dict(message.defaults) if known is None else known
    if known is None:
        for name in message.repeated:
            value[name] = []
    plain = message.plain
    while at < end:
        key = data[at]
        at += 1
        name = plain.get(key, '')
        if not name:
            at = _decode_field(message, value, data, at - 1, end)
            continue
        # What most fields are: a number with a key of one byte.
        content = data[at]
        at += 1
        if content >= 0x80:
            content, at = _take_varint(data, at - 1)
            if content > 0x7FFFFFFF:
                content = message.fields[name].to_value(content)
        value[name] = content
    if at > end:
        raise CodecError(f'{message.name} ends in the middle of a field')
    return value


def _decode_field(message: Message, value: Value, data: bytes, at: int, end: int) -> int:
    """One field of any kind, put into the value. Where it ends."""
    key, at = _take_varint(data, at)
    wire = key & 7
    begin = content = 0
    if wire == _VARINT:
        content, at = _take_varint(data, at)
    elif wire == _BYTES:
        length, begin = _take_varint(data, at)
        at = begin + length
    else:
        at = _skip(message, wire, at)
    if at > end:
        raise CodecError(f'{message.name} ends in the middle of a field')
    field = message.by_number.get(key >> 3)
    if field is None:
        return at
    if wire == _BYTES:
        _put_bytes(message, field, value, data, begin, at)
    elif field.wire_type != wire:
        raise CodecError(f'{message.name}.{field.name} is a {field.kind}, but the wire has a number')
    else:
        _put(message, field, value, field.to_value(content))
    return at


def _put(message: Message, field: Field, value: Value, content: Any) -> None:
    name = field.name
    if field.is_repeated:
        value[name].append(content)
        return
    if field.oneof:
        for rival in message.rivals[name]:
            value.pop(rival, None)
    value[name] = content


def _put_bytes(message: Message, field: Field, value: Value, data: bytes, begin: int, end: int) -> None:
    kind = field.kind
    if kind == 'bytes':
        _put(message, field, value, data[begin:end])
    elif field.message is not None:
        # A message that is sent in two pieces is both together.
        known = None if field.is_repeated else value.get(field.name)
        _put(message, field, value, _decode(field.message, data, begin, end, known))
    elif kind == 'string':
        try:
            _put(message, field, value, data[begin:end].decode())
        except UnicodeDecodeError:
            raise CodecError(f'{message.name}.{field.name} is not UTF-8') from None
    elif field.is_repeated:
        while begin < end:
            content, begin = _take_varint(data, begin)
            _put(message, field, value, field.to_value(content))
    else:
        raise CodecError(f'{message.name}.{field.name} is a {kind}, but the wire has bytes')


def _take_varint(data: bytes, at: int) -> tuple[int, int]:
    """A varint and where it ends; more than 64 bits are cut off, as everywhere."""
    value = data[at]
    at += 1
    if value < 0x80:
        return value, at
    value &= 0x7F
    shift = 7
    while True:
        byte = data[at]
        at += 1
        if byte < 0x80:
            return (value | byte << shift) & _MASK64, at
        value |= (byte & 0x7F) << shift
        shift += 7
        if shift >= 70:
            raise CodecError('a number has more than ten bytes')


def _skip(message: Message, wire: int, at: int) -> int:
    if wire == _FIXED64:
        return at + 8
    if wire == _FIXED32:
        return at + 4
    raise CodecError(f'{message.name} has a field of wire type {wire}, which no message of ours has')
