# SPDX-License-Identifier: Apache-2.0
"""The APB manager against rtl/apb_bench.sv, whose first bus writes its names as the standard's figures do."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import RisingEdge
from simulated import Watch, pulse_reset, reset, timed, words_of_timeout
from trapline.managers.apb import ApbManager
from trapline.managers.manager import Answer, BusSettings, Status

OKAY = Answer(Status.OKAY, b'')


async def start(dut: Any, latency: int = 0, **settings: Any) -> ApbManager:
    bus = ApbManager(dut, 'apb', dut.clk)
    bus.configure(BusSettings(**settings))
    await reset(dut, latency=latency)
    return bus


@cocotb.test()
async def words_and_parts_of_them(dut: Any) -> None:
    bus = await start(dut)
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (4, 8, 1)
    assert await bus.write(0x10, b'\x01\x02\x03\x84') == OKAY
    assert await bus.write(0x11, b'\xaa\xbb\xcc', 0b101) == OKAY
    assert await bus.read(0x10, 4) == Answer(Status.OKAY, b'\x01\xaa\x03\xcc')
    assert await bus.read(0x12, 2) == Answer(Status.OKAY, b'\x03\xcc')


@cocotb.test()
async def errors(dut: Any) -> None:
    bus = await start(dut)
    assert await bus.read(0x40, 4) == Answer(Status.SLVERR, b'')
    assert await bus.write(0x40, bytes(4)) == Answer(Status.SLVERR, b'')
    assert await bus.read(0x3C, 4) == Answer(Status.OKAY, bytes(4))


@cocotb.test()
async def phases_of_a_transfer(dut: Any) -> None:
    """One setup cycle, then access cycles; nothing changes meanwhile, and a second transfer follows at once."""
    bus = await start(dut, latency=2)
    names = (
        'apb_PSELx_i',
        'apb_PENABLE_i',
        'apb_PADDR_i',
        'apb_PWRITE_i',
        'apb_PWDATA_i',
        'apb_PSTRB_i',
        'apb_PPROT_i',
    )
    watch = Watch(dut, *names)
    _, cycles = await timed(bus.write(0x04, b'\x05\0\0\0'))
    assert cycles == 2 + 2
    await bus.read(0x08, 4)
    await RisingEdge(dut.clk)
    lines = watch.stop()
    write = ('00000100', '1', f'{5:032b}', '1111', '000')
    read = ('00001000', '0', f'{0:032b}', '0000', '000')
    transfer = [('1', '0'), ('1', '1'), ('1', '1'), ('1', '1')]
    assert lines[:8] == [(*phase, *payload) for payload in (write, read) for phase in transfer]


@cocotb.test()
async def idle_lanes_are_noise(dut: Any) -> None:
    seen = []
    for seed in (1, 1, 2):
        bus = await start(dut, seed=seed, stall={'aw': 50, 'ar': 50})
        watch = Watch(dut, 'apb_PSELx_i', 'apb_PENABLE_i', 'apb_PADDR_i')
        for i in range(8):
            await bus.write(4 * i, bytes([i] * 4))
            assert (await bus.read(4 * i, 4)).data == bytes([i] * 4)
        seen.append(watch.stop())
    assert seen[0] == seen[1] != seen[2]
    idle = [line for line in seen[0] if line[0] == '0']
    assert {line[1] for line in idle} == {'0'}
    assert len({line[2] for line in idle}) > 3


@cocotb.test()
async def a_ready_that_never_comes(dut: Any) -> None:
    bus = await start(dut, max_cycles=6)
    words = 'PREADY stayed low for 6 cycles (PSEL=1 PENABLE=1 PWRITE=1 PREADY=0)'
    assert await words_of_timeout(bus.write(0x44, bytes(4))) == words
    assert await words_of_timeout(bus.read(0, 4)) == words
    bus.enter_reset()
    await pulse_reset(dut)
    assert await bus.write(0, b'good') == OKAY


@cocotb.test()
async def a_bus_of_apb2(dut: Any) -> None:
    """Without PREADY it is always ready, without PSLVERR never wrong, without PSTRB it takes whole words."""
    bus = ApbManager(dut, 'apb2', dut.clk)
    await reset(dut, latency=0)
    assert bus.why_not_write(4, 4) == ''
    assert bus.why_not_write(4, 2) == (
        'has no PSTRB, so that a write of less than its words of 4 bytes would change bytes which the program '
        "doesn't write (key ports.apb2.narrowWrites)"
    )
    assert bus.why_not_write(4, 12, 0xF0F) == ''
    assert bus.why_not_write(4, 12, 0xF1F) != ''
    answer, cycles = await timed(bus.write(4, b'abcd'))
    assert (answer, cycles) == (OKAY, 2)
    assert await bus.read(4, 4) == Answer(Status.OKAY, b'abcd')
    wide = ApbManager(dut, 'apb2', dut.clk, narrow_writes='zeros')
    assert wide.why_not_write(4, 2) == ''
    assert await wide.write(4, b'xy') == OKAY
    assert await wide.read(4, 4) == Answer(Status.OKAY, b'xy\0\0')
