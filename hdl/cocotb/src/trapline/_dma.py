# SPDX-License-Identifier: Apache-2.0
"""The bursts that the design's manager ports start, carried out in host memory, as `hdl/sim/dma.cc` does it.

Where each beat of a burst lies (AXI IHI 0022, A3.4.1), what it may do, and who is told when it may not. The handshakes
are those of `subordinates/`. A read burst fetches its bytes when it begins, a write burst stores them when the edge is
over in which it ends: what is read at an edge is what was written at edges before it, in whatever order coroutines run.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, Protocol

from ._access_log import LoggedBurst
from ._limits import BURST_BOUNDARY
from .managers.manager import ProtocolBreach, Status
from .memory import PAGE_BYTES, HostMemory

_MAX_FIXED_BEATS = 16


class BurstKind(IntEnum):
    """AxBURST."""

    FIXED = 0
    INCR = 1
    WRAP = 2


class DmaFault(NamedTuple):
    """The design reached for what is not mapped, or wrote where it may only read. Fields are those of the message."""

    port: str
    write: bool
    address: int
    """Of the beat."""
    beat: int
    """Counts from 0 in its burst."""
    burst_address: int
    cycle: int
    time_ps: int


class Time(Protocol):
    """What the time is."""

    def now(self) -> tuple[int, int]:
        """The cycle under way, and the time in picoseconds."""


class Burst:
    """One burst of one manager port."""

    def __init__(self, dma: Dma, port: str, word_bytes: int, is_write: bool, shape: tuple[int, int, int, int]) -> None:
        self._dma = dma
        self._port = port
        self._word_bytes = word_bytes
        self.is_write = is_write
        self.address, self.beats, self.beat_bytes, kind = shape
        _check(word_bytes, is_write, shape)
        self._kind = BurstKind(kind)
        self.beat = 0
        """How many have been."""
        self._begin = dma.time.now()
        self.lowest = self.address - self.address % (
            self.beats * self.beat_bytes if kind == BurstKind.WRAP else self.beat_bytes
        )
        span = self.beat_bytes if kind == BurstKind.FIXED else self.beats * self.beat_bytes
        reach = min(span, PAGE_BYTES - self.lowest % PAGE_BYTES)
        self._data = bytearray(reach)
        self._dirty = bytearray(reach if is_write else 0)
        self._status = self._ask(reach)

    def _ask(self, reach: int) -> Status:
        """Whole beats: a few bytes more than an unaligned burst asks for, and no harm done."""
        if self._dma.memory.why_not(self.is_write, self.address) is not None:
            cycle, time_ps = self._begin
            self._dma.report(DmaFault(self._port, self.is_write, self.address, 0, self.address, cycle, time_ps))
            return Status.DECERR
        if not self.is_write:
            self._data[:] = self._dma.memory.read(self.lowest, reach)
        return Status.OKAY

    def _beat_address(self) -> int:
        aligned = self.address - self.address % self.beat_bytes
        if self._kind is BurstKind.FIXED or self.beat == 0:
            return self.address
        offset = self.beat * self.beat_bytes
        if self._kind is BurstKind.INCR:
            return aligned + offset
        return self.lowest + (aligned - self.lowest + offset) % (self.beats * self.beat_bytes)

    def _next_beat(self) -> tuple[int, int]:
        """First byte and end of the next beat, counted from the lowest of the burst."""
        first = self._beat_address()
        self.beat += 1
        return first - self.lowest, first - first % self.beat_bytes + self.beat_bytes - self.lowest

    def read_beat(self) -> tuple[Status, int]:
        """The next beat as a bus word; lanes that it does not cover are 0."""
        first, end = self._next_beat()
        lane = (self.lowest + first) % self._word_bytes
        word = int.from_bytes(self._data[first:end], 'little') << 8 * lane if self._status is Status.OKAY else 0
        if self.beat == self.beats:
            self._end(bytes(self._data))
        return self._status, word

    def write_beat(self, word: int, strobes: int) -> None:
        """The next beat, in its lanes of the bus word; bit i of the strobes enables byte i of it."""
        first, end = self._next_beat()
        lane = (self.lowest + first) % self._word_bytes
        for i, at in enumerate(range(first, end), lane):
            if strobes >> i & 1:
                self._data[at] = word >> 8 * i & 0xFF
                self._dirty[at] = 1

    def end_write(self) -> Status:
        """All beats have come: the answer of the whole."""
        if self._status is Status.OKAY:
            self._dma.to_store(self)
        self._end(bytes(byte if dirty else 0 for byte, dirty in zip(self._data, self._dirty)))
        return self._status

    def store(self) -> None:
        """To memory, with as few writes as the strobes allow."""
        begin = self._dirty.find(1)
        while begin >= 0:
            end = self._dirty.find(0, begin)
            end = len(self._dirty) if end < 0 else end
            self._dma.memory.write(self.lowest + begin, bytes(self._data[begin:end]))
            begin = self._dirty.find(1, end)

    def _end(self, data: bytes) -> None:
        cycle, time_ps = self._dma.time.now()
        status = self._status
        self._dma.log(
            LoggedBurst(
                self._port, self.is_write, self.lowest, data, self.beats, status, self._begin[0], cycle, time_ps
            )
        )
        self._dma.note(self._port, self.is_write, self.address, self.beats * self.beat_bytes, self._begin[1], time_ps)


class Dma:
    """What all manager ports of a design share.

    Args:
        memory: host memory.
        time: cycle numbers and picoseconds.
        log: takes each burst that has ended.
        note: takes port, direction, address, bytes, begin and end in ps of each, for traces of the run.
        report: is told of what the design may not do.
    """

    def __init__(
        self,
        memory: HostMemory,
        time: Time,
        log: Callable[[LoggedBurst], None] = lambda _: None,
        note: Callable[[str, bool, int, int, int, int], None] = lambda *_: None,
        report: Callable[[DmaFault], None] = lambda _: None,
    ) -> None:
        self.memory = memory
        self.time = time
        self.log = log
        self.note = note
        self.report = report
        self._ended: list[Burst] = []

    def begin(self, port: str, word_bytes: int, is_write: bool, shape: tuple[int, int, int, int]) -> Burst:
        """The burst that a port asks for now: address, beats, bytes of a beat, AxBURST.

        Raises:
            ProtocolBreach: the bus knows no such burst.
        """
        return Burst(self, port, word_bytes, is_write, shape)

    def move(self, port: str, address: int, size: int, data: bytes | None) -> bytes:
        """Reads `size` bytes, or writes `data`, inside one page, for whoever has no bursts; logged as one beat.

        Raises:
            NotMapped: the design may not do that; it has been reported.
        """
        is_write = data is not None
        cycle, time_ps = self.time.now()
        problem = self.memory.why_not(is_write, address)
        if data is not None and problem is None:
            self.memory.write(address, data)
        elif problem is None:
            data = self.memory.read(address, size)
        status = Status.OKAY if problem is None else Status.DECERR
        self.log(LoggedBurst(port, is_write, address, data or bytes(size), 1, status, cycle, cycle, time_ps))
        self.note(port, is_write, address, size, time_ps, time_ps)
        if problem is not None:
            self.report(DmaFault(port, is_write, address, 0, address, cycle, time_ps))
            raise problem
        return data or b''

    def to_store(self, burst: Burst) -> None:
        """A write burst has ended at the edge under way."""
        self._ended.append(burst)

    def store_ended_writes(self) -> None:
        """The edge is over: what was written in it goes to memory."""
        while self._ended:
            self._ended.pop(0).store()


def _check(word_bytes: int, is_write: bool, shape: tuple[int, int, int, int]) -> None:
    fault = _fault_of(word_bytes, 'AW' if is_write else 'AR', shape)
    if fault:
        raise ProtocolBreach(f'{fault} (AXI IHI 0022, A3.4.1)')


def _fault_of(word_bytes: int, channel: str, shape: tuple[int, int, int, int]) -> str:
    """In the words of axi4_checker."""
    address, beats, beat_bytes, kind = shape
    length = f'{channel}LEN={beats - 1}'
    if kind > BurstKind.WRAP:
        return f'{channel}BURST={kind} is reserved'
    if beat_bytes > word_bytes:
        size = beat_bytes.bit_length() - 1
        return f'{channel}SIZE={size} asks for beats of {beat_bytes} bytes on a bus of {word_bytes}'
    if kind == BurstKind.FIXED:
        return (
            f'{length}: a FIXED burst has {beats} beats; {_MAX_FIXED_BEATS} are the limit'
            if beats > _MAX_FIXED_BEATS
            else ''
        )
    ends = f'{channel}ADDR ends in 0x{address % BURST_BOUNDARY:03x}'
    aligned = address - address % beat_bytes
    if kind == BurstKind.WRAP:
        if beats not in (2, 4, 8, 16):
            return f'{length}: a WRAP burst has {beats} beats; 2, 4, 8 and 16 are possible'
        return '' if aligned == address else f'{ends}: a WRAP burst is not aligned to its beats of {beat_bytes} bytes'
    if aligned % BURST_BOUNDARY + beats * beat_bytes <= BURST_BOUNDARY:
        return ''
    return f'{ends}: a burst of {beats * beat_bytes} bytes crosses a multiple of {BURST_BOUNDARY}'
