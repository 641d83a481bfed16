# SPDX-License-Identifier: Apache-2.0
"""hdl/models/axi_dma.sv copies host memory: through our subordinate, and through those of cocotbext-axi."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiRam, AxiSlave
from trapline._access_log import LoggedBurst
from trapline._dma import Dma, DmaFault
from trapline.managers.axi4_lite import AxiLiteManager
from trapline.managers.manager import BusSettings, Status
from trapline.memory import HostMemory
from trapline.subordinates.axi4 import AxiSubordinate
from trapline.subordinates.foreign import HostRegion
from trapline.subordinates.subordinate import Subordinate

CONTROL, STATUS, HEAD, COUNT, FAULT = 0x00, 0x04, 0x08, 0x10, 0x14
BASE = 0x8000_0000


class Time:
    def now(self) -> tuple[int, int]:
        return round(get_sim_time('ns') / 10), round(get_sim_time('ps'))


class Bench:
    """The engine, its control port, and two mapped pages at BASE of which the second may only be read."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.bursts: list[LoggedBurst] = []
        self.notes: list[tuple[Any, ...]] = []
        self.faults: list[DmaFault] = []
        self.failures: list[Exception] = []
        self.memory = HostMemory()
        self.dma = Dma(
            self.memory, Time(), self.bursts.append, lambda *note: self.notes.append(note), self.faults.append
        )
        self.memory.map(BASE, 4096)
        self.memory.map(BASE + 4096, 4096, writable=False)
        self.control = AxiLiteManager(dut, 's_axil', dut.clk_i)

    async def start(self, subordinate: Subordinate, **settings: Any) -> None:
        dut = self.dut
        Clock(dut.clk_i, 10, 'ns').start()
        dut.rst_ni.value = 0
        await ClockCycles(dut.clk_i, 3)
        dut.rst_ni.value = 1
        await RisingEdge(dut.clk_i)
        subordinate.serve(self.dma, BusSettings(**settings), self.failures.append)

    async def write(self, register: int, value: int) -> None:
        assert (await self.control.write(register, value.to_bytes(4, 'little'))).status is Status.OKAY

    async def read(self, register: int) -> int:
        return int.from_bytes((await self.control.read(register, 4)).data, 'little')

    async def copy(self, source: int, destination: int, size: int, descriptor: int = BASE) -> int:
        """Gives STATUS at the end."""
        self.memory.write(descriptor, struct.pack('<QQIIQ', source, destination, size, 1, 0))
        await self.write(HEAD, descriptor)
        await self.write(CONTROL, 1)
        for _ in range(200):
            status = await self.read(STATUS)
            if not status & 1:
                return status
        raise AssertionError('the engine does not end')


@cocotb.test()
async def a_copy_and_its_log(dut: Any) -> None:
    bench = Bench(dut)
    subordinate = AxiSubordinate(dut, 'm_axi', dut.clk_i)
    await bench.start(subordinate)
    data = bytes(range(200))
    bench.memory.write(BASE + 0x100, data)
    assert await bench.copy(BASE + 0x100, BASE + 0x800, 200) == 2
    assert bench.memory.read(BASE + 0x7F8, 216) == bytes(8) + data + bytes(8)
    assert bench.memory.read(BASE + 24, 8) == struct.pack('<II', 1, 200)
    told = [(burst.is_write, burst.address - BASE, len(burst.data), burst.beats) for burst in bench.bursts]
    assert told == [
        (False, 0x000, 24, 3),
        (False, 0x100, 128, 16),
        (True, 0x800, 128, 16),
        (False, 0x180, 72, 9),
        (True, 0x880, 72, 9),
        (True, 0x018, 8, 1),
    ]
    assert bench.bursts[2].data == data[:128]
    assert {(burst.port, burst.status) for burst in bench.bursts} == {('m_axi', Status.OKAY)}
    assert [burst.cycle_end - burst.cycle_start for burst in bench.bursts] == [2, 15, 16, 8, 9, 1]
    assert [note[1:4] for note in bench.notes][1:3] == [(False, BASE + 0x100, 128), (True, BASE + 0x800, 128)]
    assert (bench.faults, bench.failures, subordinate.waits()) == ([], [], [])


@cocotb.test()
async def what_is_not_mapped(dut: Any) -> None:
    bench = Bench(dut)
    await bench.start(AxiSubordinate(dut, 'm_axi', dut.clk_i))
    cases = (
        (BASE + 0x2000, BASE + 0x800, BASE, False, BASE + 0x2000),
        (BASE + 0x100, BASE + 0x1800, BASE, True, BASE + 0x1800),
        (BASE + 0x100, 0x10, BASE, True, 0x10),
    )
    for source, destination, descriptor, is_write, address in cases:
        bench.faults.clear()
        bench.bursts.clear()
        assert await bench.copy(source, destination, 64, descriptor) == 4
        assert await bench.read(FAULT) == address & 0xFFFF_FFFF
        assert bench.memory.read(BASE + 24, 8) == struct.pack('<II', 2, 0)
        (fault,) = bench.faults
        assert fault[:5] == ('m_axi', is_write, address, 0, address)
        (burst,) = [burst for burst in bench.bursts if burst.status is not Status.OKAY]
        assert (burst.status, burst.address, burst.cycle_start) == (Status.DECERR, address, fault.cycle)
        await bench.write(STATUS, 6)


@cocotb.test()
async def stalls_and_a_reset(dut: Any) -> None:
    bench = Bench(dut)
    subordinate = AxiSubordinate(dut, 'm_axi', dut.clk_i)
    data = bytes(range(100, 164))
    seen = []
    for seed in (1, 1, 2):
        await bench.start(subordinate, seed=seed, stall=dict.fromkeys(('aw', 'w', 'b', 'ar', 'r'), 50))
        bench.memory.write(BASE + 0x100, data)
        bench.memory.write(BASE + 0x200, bytes(64))
        bench.bursts.clear()
        assert await bench.copy(BASE + 0x100, BASE + 0x200, 64) == 2
        assert bench.memory.read(BASE + 0x200, 64) == data
        begin = bench.bursts[0].cycle_start
        seen.append([(burst.cycle_start - begin, burst.cycle_end - begin) for burst in bench.bursts])
        subordinate.enter_reset()
    assert seen[0] == seen[1] != seen[2]
    subordinate.stop()
    await bench.start(subordinate)
    assert await bench.copy(BASE + 0x100, BASE + 0x300, 64) == 2
    assert bench.memory.read(BASE + 0x300, 64) == data


async def copies_through(dut: Any, make: Callable[[HostRegion], object]) -> None:
    """Host memory where it is mapped, and the team's own everywhere else."""
    data = bytes(range(80))
    own = bytearray(4096)
    region = HostRegion('m_axi', otherwise=own)
    bench = Bench(dut)
    assert isinstance(region, Subordinate)
    await bench.start(region)
    make(region)
    bench.memory.write(BASE + 0x100, data)
    assert await bench.copy(BASE + 0x100, BASE + 0x200, 80) == 2
    assert bench.memory.read(BASE + 0x200, 88) == data + bytes(8)
    assert await bench.copy(BASE + 0x100, 0x40, 80) == 2
    assert own[0x38:0x98] == bytes(8) + data + bytes(8)
    words = [burst for burst in bench.bursts if burst.is_write and burst.address == BASE + 0x208]
    assert [(burst.data, burst.beats, burst.status) for burst in words] == [(data[8:16], 1, Status.OKAY)]
    assert bench.faults == []
    # What may only be read is an error, and told.
    assert await bench.copy(BASE + 0x100, BASE + 0x1000, 8) == 6
    assert [fault[:3] for fault in bench.faults] == [('m_axi', True, BASE + 0x1000)]


@cocotb.test()
async def the_slave_of_cocotbext_axi(dut: Any) -> None:
    bus = AxiBus.from_prefix(dut, 'm_axi')
    await copies_through(dut, lambda region: AxiSlave(bus, dut.clk_i, target=region))


@cocotb.test()
async def the_ram_of_cocotbext_axi(dut: Any) -> None:
    bus = AxiBus.from_prefix(dut, 'm_axi')
    await copies_through(dut, lambda region: AxiRam(bus, dut.clk_i, mem=region))
