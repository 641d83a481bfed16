# SPDX-License-Identifier: Apache-2.0
"""The Wishbone manager, classic and pipelined, against rtl/wb_bench.sv."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import ClockCycles
from simulated import Watch, pulse_reset, reset, timed, words_of_timeout
from trapline.managers.manager import Answer, BusSettings, Status
from trapline.managers.wishbone import WishboneManager

OKAY = Answer(Status.OKAY, b'')


async def start(dut: Any, prefix: str = 'wb', latency: int = 0, **settings: Any) -> WishboneManager:
    bus = WishboneManager(dut, prefix, dut.clk, word_address=False if prefix == 'wb' else None)
    bus.configure(BusSettings(**settings))
    await reset(dut, latency=latency, retry=0)
    return bus


@cocotb.test()
async def classic_cycles(dut: Any) -> None:
    bus = await start(dut)
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (4, 8, 1)
    watch = Watch(dut, 'i_wb_cyc', 'i_wb_stb', 'o_wb_ack')
    answer, cycles = await timed(bus.write(0x10, b'\x01\x02\x03\x84'))
    assert (answer, cycles) == (OKAY, 2)
    # The device's ACK stays for a cycle: the next access must not take it for its own.
    assert await bus.write(0x11, b'\xaa\xbb\xcc', 0b101) == OKAY
    assert await bus.read(0x10, 4) == Answer(Status.OKAY, b'\x01\xaa\x03\xcc')
    lines = watch.stop()
    for before, after in zip(lines, lines[1:]):
        assert before[:2] != ('1', '1') or before[2] == '0' or after[:2] == ('0', '0')
    assert await bus.read(0x11, 2) == Answer(Status.OKAY, b'\xaa\x03')


@cocotb.test()
async def select_of_reads(dut: Any) -> None:
    """The device shows SEL in the lowest bits of what it gives to a narrow read."""
    bus = await start(dut)
    assert (await bus.read(0x21, 2)).data == b'\0\0'
    assert (await bus.read(0x20, 2)).data == bytes([0b0011, 0])
    assert (await bus.read(0x20, 1)).data == bytes([0b0001])


@cocotb.test()
async def errors_and_retries(dut: Any) -> None:
    bus = await start(dut)
    assert await bus.read(0x38, 4) == Answer(Status.SLVERR, b'')
    assert await bus.write(0x38, bytes(4)) == Answer(Status.SLVERR, b'')
    dut.retry.value = 1
    cocotb.start_soon(let_it_pass(dut, 9))
    answer, cycles = await timed(bus.write(4, b'abcd'))
    assert answer == OKAY
    assert cycles > 9
    assert (await bus.read(4, 4)).data == b'abcd'


async def let_it_pass(dut: Any, cycles: int) -> None:
    await ClockCycles(dut.clk, cycles)
    dut.retry.value = 0


@cocotb.test()
async def an_answer_that_never_comes(dut: Any) -> None:
    bus = await start(dut, max_cycles=7)
    words = 'ACK stayed low for 7 cycles (CYC=1 STB=1 WE=0 ACK=0 ERR=0 RTY=0)'
    assert await words_of_timeout(bus.read(0x3C, 4)) == words
    assert await words_of_timeout(bus.read(0, 4)) == words
    bus.enter_reset()
    await pulse_reset(dut)
    dut.retry.value = 1
    assert 'ACK stayed low for 7 cycles' in await words_of_timeout(bus.read(0, 4))
    bus.enter_reset()
    dut.retry.value = 0
    await pulse_reset(dut)
    assert await bus.write(0, b'good') == OKAY


@cocotb.test()
async def what_an_address_counts(dut: Any) -> None:
    for answer in (None, True, False):
        try:
            bus = WishboneManager(dut, 'wb', dut.clk, word_address=answer)
        except ValueError as error:
            assert answer is None
            assert str(error) == (
                'nothing tells whether ADR of bus wb counts bytes or words of 4 bytes: say word_address=True or '
                'word_address=False'
            )
        else:
            assert bus.address_bits == (10 if answer else 8)


@cocotb.test()
async def pipelined_cycles(dut: Any) -> None:
    for latency in range(4):
        bus = await start(dut, 'wbp', latency)
        assert bus.address_bits == 8
        taken = 0
        for i in range(14):
            assert await bus.write(4 * i, bytes([i, 1, 2, 3])) == OKAY
            assert await bus.read(4 * i, 4) == Answer(Status.OKAY, bytes([i, 1, 2, 3]))
            taken += 2
        assert await bus.write(0x35, b'\xee') == OKAY
        assert (await bus.read(0x34, 4)).data == bytes([13, 0xEE, 2, 3])
        assert await bus.read(0x38, 4) == Answer(Status.SLVERR, b'')
        # Each request was taken once.
        await ClockCycles(dut.clk, 1)
        assert int(dut.wbp_taken.value) == taken + 3


@cocotb.test()
async def pipelined_and_stuck(dut: Any) -> None:
    bus = await start(dut, 'wbp', 1, max_cycles=5)
    assert await words_of_timeout(bus.write(0x3C, bytes(4))) == (
        'ACK stayed low for 5 cycles (pipelined; CYC=1 STB=0 STALL=0 WE=1 ACK=0 ERR=0)'
    )
    bus = await start(dut, 'wbp', 9, max_cycles=5)
    assert await words_of_timeout(bus.read(0, 4)) == (
        'STALL stayed high for 5 cycles (pipelined; CYC=1 STB=1 STALL=1 WE=0 ACK=0 ERR=0)'
    )


@cocotb.test()
async def noise_and_stalls(dut: Any) -> None:
    for prefix, names in (('wb', ('i_wb_stb', 'i_wb_addr')), ('wbp', ('wbp_stb_i', 'wbp_adr_i'))):
        seen = []
        for seed in (1, 1, 2):
            bus = await start(dut, prefix, seed=seed, stall={'aw': 50, 'ar': 50})
            watch = Watch(dut, *names)
            for i in range(8):
                await bus.write(4 * i, bytes([i] * 4))
                assert (await bus.read(4 * i, 4)).data == bytes([i] * 4)
            seen.append(watch.stop())
        assert seen[0] == seen[1] != seen[2]
        assert len({address for strobe, address in seen[0] if strobe == '0'}) > 3
