# SPDX-License-Identifier: Apache-2.0
"""The team's test bench of copier.sv: cocotbext-axi drives its registers, a RAM answers its DMA, and a scoreboard
holds every word that it writes to the word that it read."""

import importlib.util
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiLiteRam

FROM, TO, COUNT, STATUS = 0x0, 0x4, 0x8, 0xC
DONE, ERROR = 2, 4


class Scoreboard:
    """Watches the memory port: what is written is what was read, in the same order."""

    def __init__(self, dut):
        self.words = 0
        self._dut = dut
        self._expected = []
        cocotb.start_soon(self._watch())

    async def _watch(self):
        dut = self._dut
        while True:
            await RisingEdge(dut.clk)
            if dut.m_axi_rvalid.value == 1 and dut.m_axi_rready.value == 1:
                self._expected.append(int(dut.m_axi_rdata.value))
            if dut.m_axi_wvalid.value == 1 and dut.m_axi_wready.value == 1:
                word = int(dut.m_axi_wdata.value)
                assert self._expected and word == self._expected.pop(0), f'0x{word:08x} was written, and never read'
                self.words += 1


class Bench:
    def __init__(self, dut):
        self.dut = dut
        self.control = AxiLiteMaster(AxiLiteBus.from_prefix(dut, 's_axil'), dut.clk, dut.rst)
        self.ram = AxiLiteRam(AxiLiteBus.from_prefix(dut, 'm_axi'), dut.clk, dut.rst, size=2**16)
        self.scoreboard = Scoreboard(dut)

    @classmethod
    async def start(cls, dut):
        Clock(dut.clk, 10, 'ns').start()
        dut.rst.value = 1
        bench = cls(dut)
        await ClockCycles(dut.clk, 4)
        dut.rst.value = 0
        await ClockCycles(dut.clk, 2)
        return bench

    async def copy(self, source, target, words):
        await self.control.write_dword(FROM, source)
        await self.control.write_dword(TO, target)
        await self.control.write_dword(COUNT, words)
        if not self.dut.irq.value == 1:
            await RisingEdge(self.dut.irq)
        return await self.control.read_dword(STATUS)


@cocotb.test()
async def registers_keep_their_values(dut):
    bench = await Bench.start(dut)
    for register in (FROM, TO):
        value = random.getrandbits(32)
        await bench.control.write_dword(register, value)
        assert await bench.control.read_dword(register) == value


@cocotb.test()
async def words_are_copied(dut):
    bench = await Bench.start(dut)
    data = random.randbytes(256)
    bench.ram.write(0x1000, data)
    assert await bench.copy(0x1000, 0x2000, len(data) // 4) == DONE
    assert bench.ram.read(0x2000, len(data)) == data
    assert bench.scoreboard.words == len(data) // 4


@cocotb.test()
async def the_interrupt_falls_when_it_is_told(dut):
    bench = await Bench.start(dut)
    await bench.copy(0x0, 0x100, 1)
    await bench.control.write_dword(STATUS, 0)
    await ClockCycles(dut.clk, 2)
    assert dut.irq.value == 0


@cocotb.test(skip=importlib.util.find_spec('trapline') is None)
async def the_driver_passes_its_self_test(dut):
    import trapline

    bench = await Bench.start(dut)
    bench.ram.read_if.mem = bench.ram.write_if.mem = memory = trapline.HostRegion('m_axi', otherwise=bench.ram.mem)
    ports = {'s_axil': bench.control}
    async with trapline.Bridge(dut, clock=dut.clk, ports=ports, interrupts=['irq'], subordinates=[memory]) as bridge:
        assert await bridge.run(['./copy'], model='bench', flags=['--model', 'copier=bench']) == 0
    assert bench.scoreboard.words == 64
