# SPDX-License-Identifier: Apache-2.0
"""AXI4 and AXI4-Lite subordinates: answer a manager port of the design out of host memory.

What the design meets (AXI IHI 0022, A3.2 to A3.4) is what `hdl/bfm/axi4_subordinate_bfm.sv` promises: INCR, FIXED and
WRAP bursts of any size, narrow and unaligned; one read and one write burst at a time, answered in the order of their
requests with their own IDs. Write data is taken after its address. Memory that is not mapped is answered with DECERR on
each beat of a read, or on the response of a write, which then changes nothing; so is a write where the design may only
read. Lanes that a read beat does not cover are 0. READYs are high as soon as something can be taken, and answers come
without a gap, unless stalls delay them. An exclusive access gets OKAY, which says that it failed.

A breach of the protocol that would make answers wrong ends the run. What the design leaves undone is waited for without
a limit, and can be asked for. No coroutine runs per cycle while the design asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any

import cocotb
from cocotb.task import Task
from cocotb.triggers import ReadWrite, RisingEdge

from .._dma import Burst, Dma
from ..managers._axi import AXI4, AXI_LITE
from ..managers._bus import check_strobes, known_and_unknown, unknown_in_words, word_bits_of
from ..managers._signals import BusFamily, Wire, find_signals
from ..managers.manager import BusSettings, ProtocolBreach, Status
from ._half import Half, Number

__all__ = ['AxiLiteSubordinate', 'AxiSubordinate']

_RESP_OF = {Status.OKAY: 0, Status.SLVERR: 2, Status.DECERR: 3}
_INCR = 1


class AxiSubordinate:
    """Answers an AXI4 or AXI3 manager port. A word has 8 to 1024 bits.

    Args:
        dut: the design, or any part of it that has the port's signals.
        prefix: what their names begin with, as `m_axi`; may be empty.
        clock: the port's clock.
        signals: handles, or names in `dut`, by signal (`awaddr`), where the names are not the usual ones.

    Raises:
        SignalError: there is no such port, or its signals don't fit together.
    """

    family: BusFamily = AXI4

    def __init__(self, dut: Any, prefix: str, clock: Any, *, signals: Mapping[str, Any] | None = None) -> None:
        self.name = prefix or self.family.title
        self.signals = find_signals(dut, prefix, self.family, signals)
        self.data_bytes = word_bits_of(self.name, self.signals, ('wdata', 'rdata')) // 8
        check_strobes(self.name, self.signals, 'wstrb', 'WSTRB', self.data_bytes)
        self._random = Random()
        edge = RisingEdge(clock)
        self._reads = _Reads(self, edge) if 'arvalid' in self.signals else None
        self._writes = _Writes(self, edge) if 'awvalid' in self.signals else None
        self._halves: list[Half] = [half for half in (self._reads, self._writes) if half is not None]
        self._tasks: list[Task[None]] = []
        self._dma: Dma | None = None
        self._fail: Callable[[Exception], None] | None = None
        for half in self._halves:
            half.go_quiet()

    @property
    def random(self) -> Random:
        """Of the run's seed."""
        return self._random

    @property
    def dma(self) -> Dma:
        """Where bursts go to."""
        assert self._dma is not None
        return self._dma

    def serve(self, dma: Dma, settings: BusSettings, fail: Callable[[Exception], None]) -> None:
        """Begins to answer; returns at once. What goes wrong later is told to `fail`."""
        self.stop()
        self._dma, self._fail = dma, fail
        self._random.seed(f'{settings.seed} {self.name}')
        for half in self._halves:
            half.stall = {name: settings.stall.get(name, 0) for name in ('aw', 'w', 'b', 'ar', 'r')}
        self._start()

    def _start(self) -> None:
        beside = [coroutine for half in self._halves if (coroutine := half.beside()) is not None]
        runs = [half.run() for half in self._halves]
        self._tasks = [cocotb.start_soon(self._guard(coroutine)) for coroutine in runs + beside]

    async def _guard(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except Exception as error:
            assert self._fail is not None
            self._fail(error)

    def stop(self) -> None:
        """Answers no more; VALIDs and READYs go low."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        for half in self._halves:
            half.go_quiet()

    def enter_reset(self) -> None:
        """What was under way is forgotten; a write burst whose last beat had not come has changed nothing."""
        if self._tasks:
            self.stop()
            self._start()

    def waits(self) -> list[str]:
        """What is waited for from the design, a phrase each."""
        return [f'port {self.name}: {phrase}' for half in self._halves for phrase in half.waits()]

    def settle(self, text: str, strobes: int) -> int:
        """A word that the design writes.

        Raises:
            ProtocolBreach: a byte with a strobe has bits that are neither 0 nor 1, which memory can't hold.
        """
        try:
            return int(text, 2)
        except ValueError:
            word, unknown = known_and_unknown(text)
        unknown &= sum(0xFF << 8 * i for i in range(self.data_bytes) if strobes >> i & 1)
        if unknown:
            raise ProtocolBreach(f'WDATA is X in {unknown_in_words(unknown)} while it is valid')
        return word

    def shape_of(self, channel: str, numbers: Mapping[str, Number]) -> tuple[int, int, int, int]:
        """Address, beats, bytes of a beat and kind of the burst that is on offer."""
        size = numbers['size'].read() if 'size' in numbers else self.data_bytes.bit_length() - 1
        beats = numbers['len'].read() + 1 if 'len' in numbers else 1
        kind = numbers['burst'].read() if 'burst' in numbers else _INCR
        return numbers['addr'].read(), beats, 1 << size, kind


class AxiLiteSubordinate(AxiSubordinate):
    """Answers an AXI4-Lite manager port: each transfer is a burst of one beat, as wide as the bus."""

    family = AXI_LITE

    def shape_of(self, channel: str, numbers: Mapping[str, Number]) -> tuple[int, int, int, int]:
        """As for AXI4; of the word, whatever the address says below it: strobes say which bytes count."""
        address, beats, size, kind = super().shape_of(channel, numbers)
        return address & -size, beats, size, kind


class _Reads(Half):
    def __init__(self, bus: AxiSubordinate, edge: RisingEdge) -> None:
        super().__init__(bus, edge, 'ar')
        signals = bus.signals
        self._valid, self._ready = Wire(signals['rvalid']), Wire(signals['rready'])
        self._lanes = self.lanes('rid', 'rdata', 'rresp', 'rlast')

    def go_quiet(self) -> None:
        self.withdraw_request()
        self._valid.drive(0)
        self.scramble(self._lanes)

    async def run(self) -> None:
        while True:
            identity = await self.take_request()
            burst = self.begin(False)
            while burst.beat < burst.beats:
                await self.hold_back('r')
                status, word = burst.read_beat()
                self.offer(self._lanes, (identity, word, _RESP_OF[status], int(burst.beat == burst.beats)))
                await self.give(self._valid, self._ready, 'taken')
            self.burst = None
            self.scramble(self._lanes)

    def phrase(self, wait: str, since: str, burst: Burst | None) -> str:
        assert burst is not None
        return (
            f'beat {burst.beat} of {burst.beats} of the read burst at {burst.address:#x} waits to be taken{since} '
            f'(RREADY=0)'
        )


class _Writes(Half):
    def __init__(self, bus: AxiSubordinate, edge: RisingEdge) -> None:
        super().__init__(bus, edge, 'aw')
        signals = bus.signals
        self._w_valid, self._w_ready = Wire(signals['wvalid']), Wire(signals['wready'])
        self._b_valid, self._b_ready = Wire(signals['bvalid']), Wire(signals['bready'])
        self._data = self.text('wdata')
        all_lanes = (1 << bus.data_bytes) - 1
        strobes = Number('wstrb', signals['wstrb']).read if 'wstrb' in signals else None
        self._strobes: Callable[[], int] = strobes or (lambda: all_lanes)
        self._lanes = self.lanes('bid', 'bresp')

    def go_quiet(self) -> None:
        self.withdraw_request()
        self._w_ready.drive(0)
        self._b_valid.drive(0)
        self.scramble(self._lanes)

    async def run(self) -> None:
        while True:
            identity = await self.take_request()
            burst = self.begin(True)
            while burst.beat < burst.beats:
                await self.take(self._w_valid, self._w_ready, 'w', 'data')
                strobes = self._strobes()
                burst.write_beat(self.bus.settle(self._data(), strobes), strobes)
            # The answer is offered in the next cycle, and by then the bytes are in memory.
            await self.hold_back('b')
            self.offer(self._lanes, (identity, _RESP_OF[burst.end_write()]))
            self._b_valid.drive(1)
            await ReadWrite()
            self.bus.dma.store_ended_writes()
            await self.give(self._b_valid, self._b_ready, 'response')
            self.burst = None
            self.scramble(self._lanes)

    def beside(self) -> Coroutine[Any, Any, None]:
        return self.note_early(self._w_valid)

    def phrase(self, wait: str, since: str, burst: Burst | None) -> str:
        if burst is None:
            return f'write data waits for its address{since} (WVALID=1, AWVALID=0)'
        if wait == 'data':
            return (
                f'the write burst at {burst.address:#x} waits for beat {burst.beat + 1} of {burst.beats}{since} '
                f'(WVALID=0)'
            )
        return f'the answer to the write burst at {burst.address:#x} waits to be taken{since} (BREADY=0)'
