# SPDX-License-Identifier: Apache-2.0
"""Read data that is neither 0 nor 1: which bits count, and how they are told."""

from __future__ import annotations

import pytest
from trapline._carrier import _judged
from trapline.managers._bus import known_and_unknown, unknown_in_words
from trapline.managers.manager import Answer, Status


def test_weak_levels_are_levels() -> None:
    assert known_and_unknown('01LHXZUW-1') == (0b0101000001, 0b0000111110)


@pytest.mark.parametrize(
    ('bits', 'words'),
    [
        (0x8, 'bit 3'),
        (0xF008, 'bits 15:12 and 3'),
        (0x15, 'bits 4, 2 and 0'),
        (0x555, 'bits 10, 8, 6, 4 and others'),
    ],
)
def test_bits_in_words(bits: int, words: str) -> None:
    assert unknown_in_words(bits) == words


def test_bytes_that_nobody_asks_for_mean_nothing() -> None:
    answer = Answer(Status.SLVERR, b'\1\0\3', 0, 0xFF00)
    assert _judged(answer, 0x10, 0b101, 4) == Answer(Status.OKAY, b'\1\0\3')
    assert _judged(answer, 0x10, None, 4) == Answer(Status.SLVERR, b'', 0, 0xFF00)


def test_bits_are_those_of_the_word_in_which_the_first_lies() -> None:
    answer = Answer(Status.SLVERR, bytes(8), 0, 0x0F << 24 | 0xFF << 56)
    assert _judged(answer, 0x12, None, 4) == Answer(Status.SLVERR, b'', 1, 0x0F00)
