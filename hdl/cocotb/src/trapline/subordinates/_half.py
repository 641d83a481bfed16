# SPDX-License-Identifier: Apache-2.0
"""The handshakes of a subordinate's read half, or its write half: who waits for what, without a look at each cycle.

While a signal of the design is low nothing runs until it changes; the edge after that is the one that sees it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, Protocol

from cocotb.triggers import RisingEdge

from .._dma import Burst, Dma
from ..managers._signals import Lane, Wire, lanes_of, reader
from ..managers.manager import ProtocolBreach

_REQUEST = ('addr', 'len', 'size', 'burst', 'id')


class Number:
    """A signal of the design whose value counts in this cycle."""

    def __init__(self, name: str, handle: Any) -> None:
        self._name = name
        self._text = reader(handle)

    def read(self) -> int:
        """Its value.

        Raises:
            ProtocolBreach: it is not all 0 and 1.
        """
        text = self._text()
        try:
            return int(text, 2)
        except ValueError:
            raise ProtocolBreach(f'{self._name.upper()} is {text.lower()} while it is valid') from None


class Whole(Protocol):
    """The subordinate, as its halves see it."""

    name: str
    data_bytes: int
    signals: dict[str, Any]

    @property
    def random(self) -> Random:
        """Of the run's seed."""

    @property
    def dma(self) -> Dma:
        """Where bursts go to."""

    def shape_of(self, channel: str, numbers: Mapping[str, Number]) -> tuple[int, int, int, int]:
        """Address, beats, bytes of a beat and kind of the burst that is on offer."""

    def settle(self, text: str, strobes: int) -> int:
        """What is written where bits of the data are neither 0 nor 1."""


class Half(ABC):
    """The read half or the write half of a subordinate."""

    def __init__(self, bus: Whole, edge: RisingEdge, channel: str) -> None:
        self.bus = bus
        self.burst: Burst | None = None
        self.stall: dict[str, int] = {}
        self._edge = edge
        self._channel = channel
        self._valid_of_request = Wire(bus.signals[f'{channel}valid'])
        self._ready_of_request = Wire(bus.signals[f'{channel}ready'])
        self._numbers = {
            name: Number(f'{channel}{name}', bus.signals[f'{channel}{name}'])
            for name in _REQUEST
            if f'{channel}{name}' in bus.signals
        }
        self._wait = ''
        self._wait_cycle = 0

    @abstractmethod
    async def run(self) -> None:
        """Answers bursts for ever."""

    def beside(self) -> Coroutine[Any, Any, None] | None:
        """What runs beside that, if anything."""
        return None

    @abstractmethod
    def go_quiet(self) -> None:
        """VALIDs and READYs low, the rest noise."""

    @abstractmethod
    def phrase(self, wait: str, since: str, burst: Burst | None) -> str:
        """A wait in words."""

    def waits(self) -> list[str]:
        """What is waited for now."""
        return [self.phrase(self._wait, f' since cycle {self._wait_cycle}', self.burst)] if self._wait else []

    # ---- signals

    def lanes(self, *names: str) -> list[Lane]:
        """Signals that are driven, in the order of the values that `offer` takes."""
        return lanes_of(self.bus.signals, names)

    def text(self, name: str) -> Callable[[], str]:
        """What reads a signal."""
        return reader(self.bus.signals[name])

    def offer(self, lanes: list[Lane], values: tuple[int, ...]) -> None:
        """Drives lanes with their values."""
        for lane in lanes:
            lane.drive(values[lane.index])

    def scramble(self, lanes: list[Lane]) -> None:
        """Drives lanes with noise of the seed."""
        for lane in lanes:
            lane.drive(self.bus.random.getrandbits(lane.bits))

    def withdraw_request(self) -> None:
        """Takes no address."""
        self.burst = None
        self._wait = ''
        self._ready_of_request.drive(0)

    # ---- handshakes; each ends at the edge at which it happens

    def _is_held_back(self, channel: str) -> bool:
        percent = self.stall.get(channel, 0)
        return percent > 0 and self.bus.random.randrange(100) < percent

    async def hold_back(self, channel: str) -> None:
        """As many cycles as a stall lasts."""
        while self._is_held_back(channel):
            await self._edge

    def begin(self, is_write: bool) -> Burst:
        """The burst whose address has just been taken."""
        shape = self.bus.shape_of(self._channel, self._numbers)
        self.burst = self.bus.dma.begin(self.bus.name, self.bus.data_bytes, is_write, shape)
        return self.burst

    async def take_request(self) -> int:
        """Takes an address; gives its ID."""
        await self.take(self._valid_of_request, self._ready_of_request, self._channel, '')
        return self._numbers['id'].read() if 'id' in self._numbers else 0

    async def note_early(self, data_valid: Wire) -> None:
        """Notes data that wait for their address."""
        request, data = self._valid_of_request.read, data_valid.read
        while True:
            if data() == '1':
                await self._edge
                if self.burst is None and data() == '1' and request() != '1':
                    self._note('address')
            await data_valid.change

    async def take(self, valid: Wire, ready: Wire, channel: str, wait: str) -> None:
        """Says READY until VALID comes, and notes from when on that is waited for, unless `wait` is empty."""
        level = valid.read
        while True:
            is_ready = not self._is_held_back(channel)
            ready.drive(is_ready)
            await self._edge
            if level() == '1':
                if is_ready:
                    break
                continue
            if wait:
                self._note(wait)
            if not self.stall.get(channel):
                await valid.change
        ready.drive(0)
        self._note('')

    async def give(self, valid: Wire, ready: Wire, wait: str) -> None:
        """Says VALID until READY comes."""
        level = ready.read
        valid.drive(1)
        await self._edge
        while level() != '1':
            self._note(wait)
            await ready.change
            await self._edge
        valid.drive(0)
        self._note('')

    def _note(self, wait: str) -> None:
        """From this edge on that is waited for, or nothing."""
        if wait != self._wait:
            self._wait = wait
            self._wait_cycle = self.bus.dma.time.now()[0]
