# SPDX-License-Identifier: Apache-2.0
"""Our subordinates against cocotbext-axi's master, and against a manager that leaves things undone."""

from __future__ import annotations

from random import Random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotb.types import LogicArray
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBurstType, AxiBus, AxiMaster
from trapline._access_log import LoggedBurst
from trapline._dma import Dma, DmaFault
from trapline.managers.axi4 import AxiManager
from trapline.managers.axi4_lite import AxiLiteManager
from trapline.managers.manager import Answer, BusSettings, ProtocolBreach, Status
from trapline.memory import HostMemory
from trapline.subordinates.axi4 import AxiLiteSubordinate, AxiSubordinate
from trapline.subordinates.subordinate import Subordinate

PAGE = 0x4000_0000


class Time:
    def now(self) -> tuple[int, int]:
        return round(get_sim_time('ns') / 10), round(get_sim_time('ps'))


class Bench:
    def __init__(self, dut: Any, subordinate: Subordinate, **settings: Any) -> None:
        Clock(dut.clk, 10, 'ns').start()
        for name in ('awvalid', 'wvalid', 'bready', 'arvalid', 'rready'):
            getattr(dut, f'm_axi_{name}').value = 0
            getattr(dut, f'm_lite_{name}').value = 0
        self.bursts: list[LoggedBurst] = []
        self.faults: list[DmaFault] = []
        self.failures: list[Exception] = []
        self.memory = HostMemory()
        self.memory.map(PAGE, 4096)
        self.subordinate = subordinate
        dma = Dma(self.memory, Time(), self.bursts.append, report=self.faults.append)
        subordinate.serve(dma, BusSettings(**settings), self.failures.append)


async def moves_like_a_model(dut: Any, **settings: Any) -> None:
    """Against a model that moves each beat by itself."""
    bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk), **settings)
    await ClockCycles(dut.clk, 2)
    master = AxiMaster(AxiBus.from_prefix(dut, 'm_axi'), dut.clk)
    random = Random(1)
    model = bytearray(random.randbytes(4096))
    bench.memory.write(PAGE, bytes(model))
    for _ in range(20):
        size = random.randrange(4)
        offset, n = random.randrange(2000), random.randrange(1, 90)
        data = random.randbytes(n)
        assert int((await master.write(PAGE + offset, data, size=size)).resp) == 0
        model[offset : offset + n] = data
        offset, n = random.randrange(2000), random.randrange(1, 90)
        answer = await master.read(PAGE + offset, n, size=size)
        assert (bytes(answer.data), int(answer.resp)) == (model[offset : offset + n], 0)
    assert bench.memory.read(PAGE, 4096) == model


@cocotb.test()
async def bursts_of_any_size(dut: Any) -> None:
    await moves_like_a_model(dut)


@cocotb.test()
async def bursts_with_stalls(dut: Any) -> None:
    await moves_like_a_model(dut, stall=dict.fromkeys(('aw', 'w', 'b', 'ar', 'r'), 30))


@cocotb.test()
async def fixed_and_wrapping_bursts(dut: Any) -> None:
    bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk))
    master = AxiMaster(AxiBus.from_prefix(dut, 'm_axi'), dut.clk)
    bench.memory.write(PAGE, bytes(range(64)))
    answer = await master.read(PAGE + 0x10, 32, burst=AxiBurstType.WRAP)
    assert bytes(answer.data) == bytes([*range(0x10, 0x20), *range(0x10)])
    assert (bench.bursts[-1].address, bench.bursts[-1].data) == (PAGE, bytes(range(32)))
    answer = await master.read(PAGE + 8, 24, burst=AxiBurstType.FIXED)
    assert bytes(answer.data) == bytes(range(8, 16)) * 3
    await master.write(PAGE + 0x30, bytes(range(100, 132)), burst=AxiBurstType.WRAP)
    assert bench.memory.read(PAGE + 0x20, 32) == bytes([*range(116, 132), *range(100, 116)])
    await master.write(PAGE + 0x80, b'aaaaaaaabbbbbbbb', burst=AxiBurstType.FIXED)
    assert bench.memory.read(PAGE + 0x78, 24) == bytes(8) + b'bbbbbbbb' + bytes(8)
    assert bench.bursts[-1].data == b'bbbbbbbb'


@cocotb.test()
async def strobes_and_what_is_not_mapped(dut: Any) -> None:
    """Our own manager and subordinate face to face."""
    bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk))
    bus = AxiManager(dut, 'm_axi', dut.clk)
    bench.memory.write(PAGE, bytes(range(32)))
    assert (await bus.write(PAGE + 3, b'ABCDEFGHIJ', 0b1100100101)).status is Status.OKAY
    expected = bytearray(range(32))
    for i in (0, 2, 5, 8, 9):
        expected[3 + i] = b'ABCDEFGHIJ'[i]
    assert await bus.read(PAGE, 32) == Answer(Status.OKAY, bytes(expected))
    assert bench.bursts[0].data == bytes(byte if byte > 0x40 else 0 for byte in expected[:16])
    assert (await bus.read(PAGE + 0x1000, 24)) == Answer(Status.DECERR, b'', 0)
    assert (await bus.write(0, bytes(8))) == Answer(Status.DECERR, b'')
    assert [(fault.write, fault.address) for fault in bench.faults] == [(False, PAGE + 0x1000), (True, 0)]


@cocotb.test()
async def one_beat_at_a_time(dut: Any) -> None:
    bench = Bench(dut, AxiLiteSubordinate(dut, 'm_lite', dut.clk), stall={'r': 40, 'w': 40})
    bus = AxiLiteManager(dut, 'm_lite', dut.clk)
    assert await bus.write(PAGE + 6, b'xy') == Answer(Status.OKAY, b'')
    assert await bus.read(PAGE + 4, 4) == Answer(Status.OKAY, b'\0\0xy')
    assert bench.memory.read(PAGE, 12) == b'\0\0\0\0\0\0xy\0\0\0\0'
    assert await bus.read(PAGE - 4, 4) == Answer(Status.DECERR, b'')
    assert [(burst.address - PAGE, burst.data, burst.beats) for burst in bench.bursts[:2]] == [
        (4, b'\0\0xy', 1),
        (4, b'\0\0xy', 1),
    ]


@cocotb.test()
async def what_is_left_undone(dut: Any) -> None:
    bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk))
    for name, value in (('addr', PAGE + 0x40), ('len', 1), ('size', 3), ('burst', 1), ('id', 2)):
        getattr(dut, f'm_axi_aw{name}').value = value
        getattr(dut, f'm_axi_ar{name}').value = value
    dut.m_axi_wdata.value = 0x1122334455667788
    dut.m_axi_wstrb.value = 0xFF
    dut.m_axi_wvalid.value = 1
    await ClockCycles(dut.clk, 4)
    (wait,) = bench.subordinate.waits()
    assert wait.startswith('port m_axi: write data waits for its address since cycle ')
    assert wait.endswith(' (WVALID=1, AWVALID=0)')
    dut.m_axi_awvalid.value = dut.m_axi_arvalid.value = 1
    await ClockCycles(dut.clk, 1)
    dut.m_axi_awvalid.value = dut.m_axi_arvalid.value = 0
    await ClockCycles(dut.clk, 1)
    dut.m_axi_wvalid.value = 0
    await ClockCycles(dut.clk, 3)
    read, write = (wait.split(' since cycle ') for wait in bench.subordinate.waits())
    assert read[0] == 'port m_axi: beat 1 of 2 of the read burst at 0x40000040 waits to be taken'
    assert read[1].endswith(' (RREADY=0)')
    assert write[0] == 'port m_axi: the write burst at 0x40000040 waits for beat 2 of 2'
    dut.m_axi_wvalid.value = dut.m_axi_rready.value = 1
    await ClockCycles(dut.clk, 1)
    dut.m_axi_wvalid.value = 0
    await ClockCycles(dut.clk, 4)
    (answer,) = bench.subordinate.waits()
    assert answer.startswith('port m_axi: the answer to the write burst at 0x40000040 waits to be taken since cycle ')
    # It is in memory before the answer is taken.
    assert bench.memory.read(PAGE + 0x40, 16) == bytes.fromhex('8877665544332211') * 2
    assert (int(dut.m_axi_bid.value), int(dut.m_axi_bresp.value)) == (2, 0)
    dut.m_axi_bready.value = 1
    await ClockCycles(dut.clk, 2)
    assert bench.subordinate.waits() == []


@cocotb.test()
async def data_that_are_not_known(dut: Any) -> None:
    """Bits of X in bytes that are not written mean nothing; in others, and in requests, they end the run."""
    for strobes, failures in ((0x07, []), (0x0F, ['WDATA is X in bits 31:24 while it is valid'])):
        bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk))
        for name, value in (('addr', PAGE), ('len', 0), ('size', 3), ('burst', 1), ('id', 0)):
            getattr(dut, f'm_axi_aw{name}').value = value
        dut.m_axi_wdata.value = LogicArray('X' * 40 + '01' * 12)
        dut.m_axi_wstrb.value = strobes
        dut.m_axi_awvalid.value = 1
        await ClockCycles(dut.clk, 2)
        dut.m_axi_awvalid.value = 0
        dut.m_axi_wvalid.value = dut.m_axi_bready.value = 1
        await ClockCycles(dut.clk, 3)
        dut.m_axi_wvalid.value = 0
        assert [str(failure) for failure in bench.failures] == failures
        assert bench.memory.read(PAGE, 4) == (bytes(4) if failures else b'UUU\0')
        bench.subordinate.stop()
    bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk))
    dut.m_axi_araddr.value = LogicArray('X' * 32)
    dut.m_axi_arvalid.value = 1
    await ClockCycles(dut.clk, 3)
    assert [str(failure) for failure in bench.failures] == [f'ARADDR is {"x" * 32} while it is valid']


@cocotb.test()
async def bursts_that_are_none(dut: Any) -> None:
    for shape, words in (
        ((0xFF8, 1, 3, 1), 'ARADDR ends in 0xff8: a burst of 16 bytes crosses a multiple of 4096'),
        ((0, 0, 4, 1), 'ARSIZE=4 asks for beats of 16 bytes on a bus of 8'),
        ((0, 0, 3, 3), 'ARBURST=3 is reserved'),
        ((0, 16, 3, 0), 'ARLEN=16: a FIXED burst has 17 beats; 16 are the limit'),
        ((0, 2, 3, 2), 'ARLEN=2: a WRAP burst has 3 beats; 2, 4, 8 and 16 are possible'),
        ((4, 1, 3, 2), 'ARADDR ends in 0x004: a WRAP burst is not aligned to its beats of 8 bytes'),
    ):
        bench = Bench(dut, AxiSubordinate(dut, 'm_axi', dut.clk))
        for name, value in zip(('addr', 'len', 'size', 'burst'), shape):
            getattr(dut, f'm_axi_ar{name}').value = value
        dut.m_axi_arvalid.value = 1
        await ClockCycles(dut.clk, 3)
        (failure,) = bench.failures
        assert isinstance(failure, ProtocolBreach)
        assert failure.words == f'{words} (AXI IHI 0022, A3.4.1)'
        dut.m_axi_arvalid.value = 0
        bench.subordinate.stop()
