# SPDX-License-Identifier: Apache-2.0
"""The codec against the encoding that protobuf's own documents define, byte by byte."""

from __future__ import annotations

import random

import pytest
from trapline._codec import CodecError, Field, Message, decode, encode
from trapline._messages import ACCESS, BY_NAME, FAULT, MODEL_REPLY, MODEL_REQUEST, OPEN_SESSION

POINT = Message('Point', [Field(1, 'x', 'int32'), Field(2, 'marks', 'uint32', repeated=True)])

# Value and bytes, written down by hand from https://protobuf.dev/programming-guides/encoding.
KNOWN = [
    (ACCESS, {'seq': 150}, '08 96 01'),
    (ACCESS, {'offset': 2**64 - 1}, '18 ff ff ff ff ff ff ff ff ff 01'),
    (ACCESS, {'offset': 2**53 + 1}, '18 81 80 80 80 80 80 80 10'),
    (ACCESS, {'data': b'\x01\x02', 'hold': True}, '32 02 01 02 40 01'),
    (FAULT, {'kind': 'finish', 'line': 300}, '0a 06 66 69 6e 69 73 68 20 ac 02'),
    (FAULT, {'message': 'Zähler'}, '12 07 5a c3 a4 68 6c 65 72'),
    (OPEN_SESSION, {'pid': -1}, '10 ff ff ff ff ff ff ff ff ff 01'),
    (OPEN_SESSION, {'devices': [{'handle': 1}, {}]}, '1a 02 08 01 1a 00'),
    (MODEL_REQUEST, {'id': 1, 'stop': {}}, '08 01 4a 00'),
    (POINT, {'marks': [3, 270, 86942]}, '12 06 03 8e 02 9e a7 05'),
]


@pytest.mark.parametrize(('message', 'value', 'wire'), KNOWN)
def test_known_bytes(message: Message, value: dict, wire: str) -> None:
    assert encode(message, value) == bytes.fromhex(wire)
    decoded = decode(message, bytes.fromhex(wire))
    assert {name: decoded[name] for name in value if name != 'devices'} == {
        name: content for name, content in value.items() if name != 'devices'
    }


def test_what_is_not_sent_has_its_default() -> None:
    assert decode(ACCESS, b'') == {
        **dict.fromkeys(['seq', 'device', 'offset', 'operation', 'width_bytes', 'byte_enables', 'tid', 'pc'], 0),
        **{'data': b'', 'hold': False, 'patience_cycles': 0, 'packet_end': False, 'wanted_bytes': 0, 'posted': False},
        **{'elements': 0, 'descending': False, 'stack': 0, 'frames': []},
    }
    assert decode(MODEL_REQUEST, b'') == {'id': 0}
    assert decode(OPEN_SESSION, b'')['devices'] == []
    assert encode(ACCESS, {'seq': 0, 'data': b'', 'hold': False}) == b''


def test_a_field_that_nobody_knows_is_skipped() -> None:
    unknown = bytes.fromhex('f8 07 05 fa 07 02 aa bb f9 07 01 02 03 04 05 06 07 08 fd 07 01 02 03 04')
    assert decode(ACCESS, unknown + b'\x08\x07' + unknown)['seq'] == 7


def test_the_last_member_of_a_oneof_holds() -> None:
    both = encode(MODEL_REQUEST, {'stop': {}}) + encode(MODEL_REQUEST, {'reset': {'cycles': 3}})
    assert decode(MODEL_REQUEST, both) == {'id': 0, 'reset': {'cycles': 3}}


def test_a_message_in_two_pieces_is_one() -> None:
    pieces = encode(MODEL_REPLY, {'fault': {'line': 7}}) + encode(MODEL_REPLY, {'fault': {'kind': 'time'}})
    fault = decode(MODEL_REPLY, pieces)['fault']
    assert (fault['kind'], fault['line']) == ('time', 7)


def test_packed_and_unpacked_numbers_are_the_same() -> None:
    assert decode(POINT, bytes.fromhex('10 03 10 8e 02'))['marks'] == [3, 270]


def test_an_int32_keeps_its_sign() -> None:
    assert decode(POINT, encode(POINT, {'x': -(2**31)}))['x'] == -(2**31)


@pytest.mark.parametrize(
    ('wire', 'words'),
    [
        ('08', 'Access ends in the middle of a field'),
        ('08 80', 'Access ends in the middle of a field'),
        ('32 05 01 02', 'Access ends in the middle of a field'),
        ('f9 07 01', 'Access ends in the middle of a field'),
        ('5a 03 0a 05 61', 'Site ends in the middle of a field'),
        ('08' + ' ff' * 10 + ' 01', 'a number has more than ten bytes'),
        ('30 05', 'Access.data is a bytes, but the wire has a number'),
        ('0a 01 05', 'Access.seq is a uint64, but the wire has bytes'),
        ('0b', 'Access has a field of wire type 3, which no message of ours has'),
        ('5a 03 0a 01 ff', 'Site.module is not UTF-8'),
    ],
)
def test_broken_bytes_are_named(wire: str, words: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(ACCESS, bytes.fromhex(wire))
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ('value', 'words'),
    [
        ({'sequence': 1}, 'Access has no field sequence'),
        ({'device': 2**32}, "device is 4294967296, which uint32 can't hold"),
        ({'seq': -1}, "seq is -1, which uint64 can't hold"),
        ({'offset': 2**64}, "offset is 18446744073709551616, which uint64 can't hold"),
    ],
)
def test_what_no_message_can_carry_is_named(value: dict, words: str) -> None:
    with pytest.raises(CodecError) as caught:
        encode(ACCESS, value)
    assert str(caught.value) == words


def draw(random_: random.Random, message: Message) -> dict:
    """A value of the message with all of its plain fields set, and one member of each oneof."""
    value = {}
    for field in message.fields.values():
        if field.oneof and random_.choice([True, False]):
            value = {name: content for name, content in value.items() if not message.fields[name].oneof}
        elif field.oneof and any(message.fields[name].oneof for name in value):
            continue
        contents = [draw_field(random_, field) for _ in range(random_.randrange(4) if field.is_repeated else 1)]
        value[field.name] = contents if field.is_repeated else contents[0]
    return value


def draw_field(random_: random.Random, field: Field) -> object:
    if field.message:
        return draw(random_, field.message)
    bits = random_.randrange(65)
    number = random_.getrandbits(bits) if bits else 0
    return {
        'uint64': number,
        'uint32': number & 0xFFFFFFFF,
        'enum': number & 0x7FFFFFFF,
        'int32': (number & 0xFFFFFFFF) - (1 << 31),
        'bool': bool(number & 1),
        'string': 'ä' * (number % 300),
        'bytes': bytes(number % 300),
    }[field.kind]


@pytest.mark.parametrize('name', BY_NAME)
def test_what_was_encoded_is_decoded(name: str) -> None:
    random_ = random.Random(name)
    for _ in range(20):
        value = draw(random_, BY_NAME[name])
        assert decode(BY_NAME[name], encode(BY_NAME[name], value)) == value


def test_bytes_that_are_cut_or_changed_never_do_more_than_raise_codec_error() -> None:
    random_ = random.Random(1)
    for _ in range(2000):
        wire = bytearray(encode(MODEL_REQUEST, draw(random_, MODEL_REQUEST)))
        if wire:
            wire[random_.randrange(len(wire))] = random_.getrandbits(8)
        try:
            decode(MODEL_REQUEST, wire[: random_.randrange(len(wire) + 1)])
        except CodecError:
            pass
