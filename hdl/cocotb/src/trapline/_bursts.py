# SPDX-License-Identifier: Apache-2.0
"""How an access of any width and alignment becomes bursts of bus words; as `hdl/sim/bursts.cc` does it.

Pure: knows no queue, and of the bus only the width of its words and how many beats a burst may have. A bus without
bursts takes one beat at a time, each within a word; the others take as few bursts as AXI allows.
"""

from __future__ import annotations

from typing import NamedTuple

from ._limits import BURST_BOUNDARY


class Burst(NamedTuple):
    """Beats at ascending addresses, as AXI's INCR (IHI 0022, A3.4.1)."""

    address: int
    """Of the first byte. Where the bus knows bursts it need not be aligned."""
    beats: int
    beat_bytes: int
    """A power of two; every beat but the first begins at a multiple of it."""

    def beat_address(self, beat: int) -> int:
        if beat == 0:
            return self.address
        return self.address - self.address % self.beat_bytes + beat * self.beat_bytes

    @property
    def end(self) -> int:
        """The address behind its last beat."""
        return self.beat_address(self.beats)


class Piece(NamedTuple):
    """The bytes of an access that one burst carries, as a `Manager` is asked for them."""

    begin: int
    """Of the access's bytes, the first."""
    end: int
    """And the one behind the last."""
    enables: int | None
    """Bit i says whether byte begin + i is moved; None stands for all."""


def split_into_bursts(address: int, width: int, enables: int | None, word: int, max_beats: int) -> list[Burst]:
    """The bursts that carry `width` bytes from `address` on, over a bus with words of so many bytes.

    Bit i of `enables` says whether byte i is wanted; None stands for all. Words without a wanted byte get no beat. An
    access that is naturally aligned and no wider than the word becomes one beat of its own width where the bus knows
    bursts.
    """
    if enables is None:
        enables = (1 << width) - 1
    is_narrow = max_beats > 1 and width <= word and width & (width - 1) == 0 and address % width == 0
    bursts: list[Burst] = []
    for word_address in range(address - address % word, address + width, word):
        if not _enables_of(enables, word_address - address, word):
            continue
        last = bursts[-1] if bursts else None
        if (
            last is not None
            and last.beats < max_beats
            and word_address % BURST_BOUNDARY != 0
            and last.beat_bytes == word
            and last.end == word_address
        ):
            bursts[-1] = last._replace(beats=last.beats + 1)
        else:
            start = max(word_address, address) if max_beats > 1 else word_address
            bursts.append(Burst(start, 1, width if is_narrow else word))
    return bursts


def piece_of(burst: Burst, address: int, width: int, enables: int | None, *, trims: bool) -> Piece:
    """Which bytes of an access (see `split_into_bursts`) a burst carries.

    Where `trims` says so, bytes that are not wanted are left out at both ends, and not only marked: for a bus whose
    beats have no address of their own within the word.
    """
    begin = max(burst.address - address, 0)
    end = min(burst.end - address, width)
    if enables is None:
        return Piece(begin, end, None)
    wanted = _enables_of(enables, begin, end - begin)
    if trims:
        lowest = (wanted & -wanted).bit_length() - 1
        end = begin + wanted.bit_length()
        begin += lowest
        wanted >>= lowest
    return Piece(begin, end, None if wanted == (1 << (end - begin)) - 1 else wanted)


def _enables_of(enables: int, begin: int, count: int) -> int:
    """Those of `count` bytes from byte `begin` on, which may lie before the first."""
    shifted = enables >> begin if begin >= 0 else enables << -begin
    return shifted & ((1 << count) - 1)


def with_enables_only(data: bytes, enables: int) -> bytes:
    """The bytes, those that are not enabled as 0."""
    return bytes(byte if enables >> i & 1 else 0 for i, byte in enumerate(data))
