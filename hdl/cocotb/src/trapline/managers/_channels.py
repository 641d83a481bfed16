# SPDX-License-Identifier: Apache-2.0
"""The two halves of a handshake channel, as a manager drives them: registers that change at a rising edge.

VALID waits for no READY; once high it stays, with its payload unchanged, until READY (AXI IHI 0022, A3.2.1). While it
is low the payload is random, drawn from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from ._signals import Lane, reader
from ._writes import writer

__all__ = ['Request', 'Response']


class Request:
    """A channel on which we say VALID: AW, W, AR. Ask ``step`` once at each rising edge after ``begin``."""

    __slots__ = (
        '_drive_valid',
        '_lanes',
        '_random',
        '_ready',
        '_rest',
        '_values',
        'beats_taken',
        'is_offered',
        'stall',
    )

    def __init__(self, valid: Any, ready: Any, lanes: list[Lane], random: Random) -> None:
        self._drive_valid = writer(valid)
        self._ready = reader(ready)
        self._lanes = lanes
        self._random = random
        self._values: tuple[int, ...] | None = None
        self._rest: Iterator[tuple[int, ...]] | None = None
        self.is_offered = False
        self.beats_taken = 0
        self.stall = 0

    def begin(self, values: tuple[int, ...], rest: Iterator[tuple[int, ...]] | None = None) -> None:
        """Offers these values, each lane its own, unless a stall holds them back; then the rest."""
        self._values = values
        self._rest = rest
        self.beats_taken = 0
        if not self.stall or self._random.randrange(100) >= self.stall:
            self._offer()

    def _offer(self) -> None:
        values, self._values = self._values, None
        if values is None:
            return
        if not self.is_offered:
            self.is_offered = True
            self._drive_valid(1)
        for lane in self._lanes:
            lane.drive(values[lane.index])

    def step(self) -> bool:
        """Whether, at this edge, nothing is left that was not taken. Else ``is_offered`` says whether READY is what
        is waited for."""
        if self.is_offered:
            if self._ready() != '1':
                return False
            self.beats_taken += 1
            if self._rest is not None:
                return self._go_on(self._rest)
            self.withdraw()
            return True
        if self._values is None:
            return True
        if self._random.randrange(100) >= self.stall:
            self._offer()
        return False

    def _go_on(self, rest: Iterator[tuple[int, ...]]) -> bool:
        self._values = next(rest, None)
        if self._values is None:
            self._rest = None
            self.withdraw()
            return True
        if self.stall and self._random.randrange(100) < self.stall:
            self.is_offered = False
            self._drive_valid(0)
        else:
            self._offer()
        return False

    def withdraw(self) -> None:
        """VALID goes low, its payload to noise."""
        self.is_offered = False
        self._drive_valid(0)
        draw = self._random.getrandbits
        for lane in self._lanes:
            lane.drive(draw(lane.bits))

    def reset(self) -> None:
        """The same, and nothing is left to offer."""
        self._values = None
        self._rest = None
        self.withdraw()


class Response:
    """A channel on which we say READY: B, R."""

    __slots__ = ('_drive_ready', '_is_ready', '_random', 'is_valid', 'stall')

    def __init__(self, valid: Any, ready: Any, random: Random) -> None:
        self.is_valid: Callable[[], str] = reader(valid)
        self._drive_ready = writer(ready)
        self._random = random
        self._is_ready = False
        self.stall = 0

    def begin(self) -> None:
        """READY goes high, unless a stall holds it back."""
        self._set(not self.stall or self._random.randrange(100) >= self.stall)

    def _set(self, is_ready: bool) -> None:
        if is_ready != self._is_ready:
            self._is_ready = is_ready
            self._drive_ready(is_ready)

    def has_come(self) -> bool:
        """Whether a response is taken at this edge."""
        return self._is_ready and self.is_valid() == '1'

    def step(self) -> None:
        """At an edge, if more is awaited after it."""
        if self.stall:
            self._set(self._random.randrange(100) >= self.stall)

    def end(self) -> None:
        """READY goes low."""
        self._set(False)

    def reset(self) -> None:
        """The same from whatever it was."""
        self._is_ready = False
        self._drive_ready(0)
