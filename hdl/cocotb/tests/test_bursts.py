# SPDX-License-Identifier: Apache-2.0
"""How accesses are split, against the words of `hdl/sim/bursts.h`."""

from __future__ import annotations

import random

import pytest
from trapline._bursts import Burst, piece_of, split_into_bursts

# Address, width, enables, word, most beats, and what becomes of it.
KNOWN = [
    (0x10, 4, None, 4, 1, [Burst(0x10, 1, 4)]),
    (0x12, 1, None, 4, 1, [Burst(0x10, 1, 4)]),
    (0x10, 8, None, 4, 1, [Burst(0x10, 1, 4), Burst(0x14, 1, 4)]),
    (0x13, 2, None, 4, 1, [Burst(0x10, 1, 4), Burst(0x14, 1, 4)]),
    (0x10, 12, 0xF0F, 4, 1, [Burst(0x10, 1, 4), Burst(0x18, 1, 4)]),
    (0x10, 4, 0, 4, 1, []),
    # A bus with bursts: its own width if it is aligned, its own address if it is not.
    (0x12, 2, None, 4, 256, [Burst(0x12, 1, 2)]),
    (0x11, 2, None, 4, 256, [Burst(0x11, 1, 4)]),
    (0x12, 10, None, 4, 256, [Burst(0x12, 3, 4)]),
    (0x10, 64, None, 4, 4, [Burst(0x10, 4, 4), Burst(0x20, 4, 4), Burst(0x30, 4, 4), Burst(0x40, 4, 4)]),
    (0xFF8, 16, None, 8, 256, [Burst(0xFF8, 1, 8), Burst(0x1000, 1, 8)]),
    (0x10, 12, 0xF0F, 4, 256, [Burst(0x10, 1, 4), Burst(0x18, 1, 4)]),
    (2**64 - 8, 8, None, 4, 1, [Burst(2**64 - 8, 1, 4), Burst(2**64 - 4, 1, 4)]),
]


@pytest.mark.parametrize(('address', 'width', 'enables', 'word', 'max_beats', 'bursts'), KNOWN)
def test_known_splits(
    address: int, width: int, enables: int | None, word: int, max_beats: int, bursts: list[Burst]
) -> None:
    assert split_into_bursts(address, width, enables, word, max_beats) == bursts


@pytest.mark.parametrize('word', [1, 2, 4, 8, 16, 64, 128])
@pytest.mark.parametrize('max_beats', [1, 2, 16, 256])
def test_every_wanted_byte_is_carried_once(word: int, max_beats: int) -> None:
    random_ = random.Random(word * 1000 + max_beats)
    for _ in range(40):
        width = random_.choice([1, 2, 4, 8, 10, 64, random_.randint(1, 64), random_.randint(65, 4096)])
        enables = random_.getrandbits(width) if width <= 64 and random_.random() < 0.5 else None
        address = random_.getrandbits(14)
        bursts = split_into_bursts(address, width, enables, word, max_beats)
        carried: list[int] = []
        for burst in bursts:
            assert 1 <= burst.beats <= max_beats
            assert burst.address // 4096 == (burst.end - 1) // 4096
            piece = piece_of(burst, address, width, enables, trims=max_beats == 1)
            wanted = range(piece.begin, piece.end)
            carried += [i for i in wanted if piece.enables is None or piece.enables >> (i - piece.begin) & 1]
            assert burst.address <= address + piece.begin or max_beats == 1
            assert address + piece.end <= burst.end
        assert carried == [i for i in range(width) if enables is None or enables >> i & 1]


def test_a_bus_of_single_beats_is_asked_for_no_more_than_is_wanted() -> None:
    (burst,) = split_into_bursts(0x10, 4, 0b0100, 4, 1)
    assert piece_of(burst, 0x10, 4, 0b0100, trims=True) == (2, 3, None)
    (burst,) = split_into_bursts(0x10, 8, 0b1010_0000, 8, 1)
    assert piece_of(burst, 0x10, 8, 0b1010_0000, trims=True) == (5, 8, 0b101)
