# SPDX-License-Identifier: Apache-2.0
"""The AXI4-Lite manager against rtl/axil_bench.sv."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import ReadOnly, ReadWrite, RisingEdge
from simulated import Watch, pulse_reset, reset, timed, words_of_timeout
from trapline.managers.axi4_lite import AxiLiteManager
from trapline.managers.manager import Answer, BusSettings, HandshakeTimeout, ProtocolBreach, Status

OKAY = Answer(Status.OKAY, b'')
CHANNELS = ('aw', 'w', 'b', 'ar', 'r')


async def start(dut: Any, latency: int = 0, **settings: Any) -> AxiLiteManager:
    bus = AxiLiteManager(dut, 's_axil', dut.clk)
    bus.configure(BusSettings(**settings))
    await reset(dut, latency=latency)
    return bus


@cocotb.test()
async def reads_what_was_written(dut: Any) -> None:
    bus = await start(dut)
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (4, 12, 1)
    assert await bus.write(0x10, b'\x01\x02\x03\x84') == OKAY
    assert await bus.read(0x10, 4) == Answer(Status.OKAY, b'\x01\x02\x03\x84')
    assert await bus.read(0x14, 4) == Answer(Status.OKAY, b'\0\0\0\0')


@cocotb.test()
async def parts_of_words(dut: Any) -> None:
    bus = await start(dut)
    model = bytearray(64)
    for address in range(4):
        for n in range(1, 5 - address):
            for enables in (None, 1, (1 << n) - 1, 0b0101 & (1 << n) - 1):
                data = bytes(0x11 * (i + 1) + 0x40 + address for i in range(n))
                assert await bus.write(0x20 + address, data, enables) == OKAY
                for i in range(n):
                    if enables is None or enables >> i & 1:
                        model[address + i] = data[i]
                assert (await bus.read(0x20, 4)).data == model[:4]
                assert (await bus.read(0x20 + address, n)).data == model[address : address + n]


@cocotb.test()
async def answers_of_the_device(dut: Any) -> None:
    bus = await start(dut)
    for address, status in ((0x40, Status.SLVERR), (0x48, Status.DECERR)):
        assert await bus.read(address, 4) == Answer(status, b'')
        assert await bus.write(address, b'\0\0\0\0') == Answer(status, b'')
    assert (await bus.read(0x50, 4)).status is Status.OKAY


@cocotb.test()
async def no_cycle_is_lost(dut: Any) -> None:
    bus = await start(dut)
    for latency in (0, 3):
        dut.latency.value = latency
        _, cycles = await timed(bus.write(0, b'abcd'))
        assert cycles == 3 + latency
        _, cycles = await timed(bus.read(0, 4))
        assert cycles == 3 + latency
    answer, cycles = await timed(bus.read(0x90, 4))
    assert (answer.data, cycles) == (b'ZZZZ', 1)


@cocotb.test()
async def stuck_channels_are_named(dut: Any) -> None:
    bus = await start(dut, max_cycles=9)
    data = bytes(4)
    for call, words in (
        (lambda: bus.read(0x60, 4), 'ARREADY stayed low for 9 cycles (ARVALID=1 ARREADY=0 RVALID=0 RREADY=1)'),
        (lambda: bus.read(0x70, 4), 'RVALID stayed low for 9 cycles (ARVALID=0 ARREADY=0 RVALID=0 RREADY=1)'),
        (
            lambda: bus.write(0x60, data),
            'AWREADY stayed low for 9 cycles (AWVALID=1 AWREADY=0 WVALID=0 WREADY=0 BVALID=0 BREADY=1)',
        ),
        (
            lambda: bus.write(0x68, data),
            'WREADY stayed low for 9 cycles (AWVALID=0 AWREADY=0 WVALID=1 WREADY=0 BVALID=0 BREADY=1)',
        ),
        (
            lambda: bus.write(0x70, data),
            'BVALID stayed low for 9 cycles (AWVALID=0 AWREADY=0 WVALID=0 WREADY=0 BVALID=0 BREADY=1)',
        ),
    ):
        assert await words_of_timeout(call()) == words
        # Only a reset helps.
        assert await words_of_timeout(bus.read(0, 4)) == words
        bus.enter_reset()
        await pulse_reset(dut)
        assert await bus.write(0, b'good') == OKAY
        assert (await bus.read(0, 4)).data == b'good'


@cocotb.test()
async def what_is_offered_stays(dut: Any) -> None:
    bus = await start(dut, max_cycles=4)
    watch = Watch(dut, 's_axil_arvalid', 's_axil_araddr', 's_axil_arprot')
    try:
        await bus.read(0x60, 4)
    except HandshakeTimeout:
        pass
    for _ in range(3):
        await RisingEdge(dut.clk)
    assert set(watch.stop()[1:]) == {('1', f'{0x60:012b}', '000')}


@cocotb.test()
async def idle_lanes_are_noise_of_the_seed(dut: Any) -> None:
    names = ('arvalid', 'araddr', 'awvalid', 'awaddr', 'awprot', 'wvalid', 'wdata', 'wstrb')
    seen = []
    for seed in (7, 7, 8):
        bus = await start(dut, seed=seed)
        watch = Watch(dut, *(f's_axil_{name}' for name in names))
        for i in range(4):
            await bus.write(4 * i, bytes([i] * 4))
            await bus.read(4 * i, 4)
        seen.append(watch.stop())
    assert seen[0] == seen[1] != seen[2]
    idle_addresses = {line[1] for line in seen[0] if line[0] == '0'}
    assert len(idle_addresses) > 4
    assert {line[6] for line in seen[0] if line[5] == '1'} == {f'{0x01010101 * i:032b}' for i in range(4)}


@cocotb.test()
async def stalls_of_the_seed(dut: Any) -> None:
    """Each channel alone, and all at once: data survive, time is lost, and one seed is one run."""
    for stall in ({name: 60} for name in CHANNELS), (dict.fromkeys(CHANNELS, 50),):
        for one in stall:
            cycles = [await self_checking_run(dut, seed, one) for seed in (1, 1, 2)]
            assert cycles[0] == cycles[1]
            assert cycles[0] != cycles[2]
            assert min(cycles) > 16 * 6


async def self_checking_run(dut: Any, seed: int, stall: dict[str, int]) -> int:
    bus = await start(dut, seed=seed, stall=stall)
    cycles = 0
    for i in range(16):
        _, taken = await timed(bus.write(4 * (i % 8), bytes([i, 1, 2, 3])))
        cycles += taken
        answer, taken = await timed(bus.read(4 * (i % 8), 4))
        cycles += taken
        assert answer == Answer(Status.OKAY, bytes([i, 1, 2, 3]))
    return cycles


@cocotb.test()
async def unknown_bits(dut: Any) -> None:
    """Read data that is X is an error that says where, in the bytes that are asked for; a response that is X ends the
    run."""
    bus = await start(dut)
    assert await bus.read(0x80, 2) == Answer(Status.SLVERR, bytes(2), 0, 0xFFFF)
    assert (await bus.read(0x81, 1)).unknown == 0xFF
    for call in (bus.read(0x88, 4), bus.write(0x88, bytes(4))):
        try:
            await call
        except ProtocolBreach as breach:
            assert breach.words[1:] == 'RESP is xx while it is valid'
        else:
            raise AssertionError('a response of X was taken')
        bus.enter_reset()
        await pulse_reset(dut)


@cocotb.test()
async def signals_by_a_map(dut: Any) -> None:
    words = ('awaddr', 'awvalid', 'awready', 'wdata', 'wvalid', 'wready', 'bvalid', 'bready')
    bus = AxiLiteManager(dut, 'mapped', dut.clk, signals={name: f's_axil_{name}' for name in words})
    dut.s_axil_wstrb.value = 0xF
    await reset(dut, latency=0)
    assert await bus.write(0, b'abcd') == OKAY
    # No read channels were named: such a transfer is no business of this device.
    assert await bus.read(0, 4) == Answer(Status.DECERR, b'')
    assert bus.why_not_write(0, 4) == ''
    assert (
        bus.why_not_write(0, 4, 0b0111)
        == bus.why_not_write(2, 2)
        == (
            'has no WSTRB, so that a write of less than its words of 4 bytes would change bytes which the program '
            "doesn't write (key ports.mapped.narrowWrites)"
        )
    )


@cocotb.test()
async def a_time_step_that_has_been_closed(dut: Any) -> None:
    """Cocotb's own refusal."""
    bus = await start(dut)
    await ReadOnly()
    for call in (bus.read(0, 4), bus.write(0, bytes(4))):
        try:
            await call
        except RuntimeError as error:
            assert 'ReadOnly' in str(error)
        else:
            raise AssertionError('it was begun')


@cocotb.test()
async def others_drive_in_the_same_time_step(dut: Any) -> None:
    """Of a signal the last one who drives it in a time step does, be it the manager or somebody else."""
    bus = await start(dut)
    dut.s_axil_arvalid.value = 0
    bus.enter_reset()
    dut.s_axil_arvalid.value = 0
    _, cycles = await timed(bus.read(0, 4))
    assert cycles == 3
    await RisingEdge(dut.clk)
    bus.enter_reset()
    for name in ('araddr', 'arprot', 'arvalid'):
        getattr(dut, f's_axil_{name}').value = 1
    await ReadOnly()
    assert [str(dut.s_axil_araddr.value), str(dut.s_axil_arprot.value)] == ['000000000001', '001']
    assert dut.s_axil_arvalid.value == 1


@cocotb.test()
async def begun_in_the_phase_of_writing(dut: Any) -> None:
    bus = await start(dut)
    for i in range(2):
        await RisingEdge(dut.clk)
        await ReadWrite()
        _, cycles = await timed(bus.write(4 * i, b'abcd'))
        assert cycles == 3
    await ReadWrite()
    assert (await bus.read(4, 4)).data == b'abcd'


@cocotb.test()
async def buses_that_are_none(dut: Any) -> None:
    for make, words in (
        (
            lambda: AxiLiteManager(dut, 'm_axi', dut.clk),
            "axil_bench has no AXI4-Lite bus 'm_axi': awaddr, awvalid, awready, wdata, wvalid, wready, bvalid, bready, "
            'araddr, arvalid, arready, rdata, rvalid, rready not found (no port has that prefix); name the signals, '
            "as signals: { awaddr: 'NAME', … }",
        ),
        (
            lambda: AxiLiteManager(dut, 'x', dut.clk, signals={'araddr': 's_axil_araddr', 'arvalid': 'nothing'}),
            "axil_bench has no signal 'nothing'",
        ),
        (
            lambda: AxiLiteManager(dut, 'x', dut.clk, signals={'adr': 's_axil_araddr'}),
            "AXI4-Lite has no signal 'adr'; its signals are araddr, arprot, arready, arvalid, awaddr, awprot, awready, "
            'awvalid, bready, bresp, bvalid, rdata, rready, rresp, rvalid, wdata, wready, wstrb, wvalid',
        ),
    ):
        try:
            make()
        except ValueError as error:
            assert str(error) == words, error
        else:
            raise AssertionError(words)
