# SPDX-License-Identifier: Apache-2.0
"""Other people's drivers as managers: cocotbext-axi's masters, and drivers of one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotbext.axi import AxiLiteBus, AxiLiteMaster
from simulated import pulse_reset, reset, words_of_timeout
from trapline.managers.foreign import ForeignManager, as_manager
from trapline.managers.manager import Answer, BusError, BusSettings, Manager, Status

OKAY = Answer(Status.OKAY, b'')


async def start(dut: Any, make: Callable[[Any], Any], name: str = 'bus', **settings: Any) -> ForeignManager:
    """cocotbext-axi's drivers don't like a READY of X, so that they begin after a reset."""
    await reset(dut, latency=0)
    bus = as_manager(make(dut), clock=dut.clk, name=name)
    bus.configure(BusSettings(**settings))
    return bus


def axil_master(dut: Any) -> AxiLiteMaster:
    return AxiLiteMaster(AxiLiteBus.from_prefix(dut, 's_axil'), dut.clk, dut.rst_n, reset_active_level=False)


@cocotb.test()
async def axi_lite_master(dut: Any) -> None:
    bus = await start(dut, axil_master)
    assert isinstance(bus, Manager)
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (4, 12, 1)
    assert await bus.write(0x10, b'\x01\x02\x03\x84') == OKAY
    assert await bus.write(0x11, b'\xaa\xbb') == OKAY
    assert await bus.read(0x10, 4) == Answer(Status.OKAY, b'\x01\xaa\xbb\x84')
    assert await bus.write(0x10, b'\x77\x66\x55\x44', 0b0110) == OKAY
    assert await bus.read(0x11, 3) == Answer(Status.OKAY, b'\x66\x55\x84')
    for address, status in ((0x40, Status.SLVERR), (0x48, Status.DECERR)):
        assert await bus.read(address, 4) == Answer(status, b'')
        assert await bus.write(address, bytes(4)) == Answer(status, b'')


@cocotb.test()
async def strobes_with_holes(dut: Any) -> None:
    bus = await start(dut, axil_master)
    assert bus.why_not_write(0, 4, 0b1110) == ''
    assert bus.why_not_write(0, 4, 0b1101) == (
        "is driven by a driver that can't leave out bytes in the middle of a write"
    )
    assert await bus.write(0, b'abcd', 0b1101) == Answer(Status.DECERR, b'')
    # Of more words than one each is a call, if it is not left out.
    assert bus.why_not_write(2, 12, 0b0011_0000_0110_01) == ''
    assert bus.why_not_write(2, 12, 0b0011_0000_0101_01) != ''
    assert (await bus.read(0, 4)).data == bytes(4)


@cocotb.test()
async def stuck_channels_are_named(dut: Any) -> None:
    for address, is_write, words in (
        (0x60, False, 'ARREADY stayed low for 20 cycles (ARVALID=1 ARREADY=0 RVALID=0 RREADY=1)'),
        (0x70, False, 'RVALID stayed low for 20 cycles (ARVALID=0 ARREADY=0 RVALID=0 RREADY=1)'),
        (
            0x68,
            True,
            'WREADY stayed low for 20 cycles (AWVALID=0 AWREADY=0 WVALID=1 WREADY=0 BVALID=0 BREADY=1)',
        ),
    ):
        bus = await start(dut, axil_master, max_cycles=10)
        assert await words_of_timeout(bus.write(address, bytes(4)) if is_write else bus.read(address, 4)) == words
        assert await words_of_timeout(bus.read(0, 4)) == words
        # The driver sees the reset itself.
        bus.enter_reset()
        await pulse_reset(dut)
        assert await bus.write(0, b'good') == OKAY
        assert (await bus.read(0, 4)).data == b'good'


@cocotb.test()
async def a_reset_in_the_middle(dut: Any) -> None:
    """What the driver was about is withdrawn, and never counts as an answer."""
    bus = await start(dut, lambda _: AxiLiteMaster(AxiLiteBus.from_prefix(dut, 's_axil'), dut.clk))
    for call in (bus.read(0x60, 4), bus.write(0x60, bytes(4))):
        task = cocotb.start_soon(outcome_of(call))
        await ClockCycles(dut.clk, 6)
        assert '1' in (str(dut.s_axil_arvalid.value), str(dut.s_axil_awvalid.value))
        bus.enter_reset()
        await pulse_reset(dut)
        assert (str(dut.s_axil_arvalid.value), str(dut.s_axil_awvalid.value)) == ('0', '0')
        assert await task == 'a reset of the driver of bus bus dropped an access'
        assert await bus.write(0, b'good') == OKAY
        assert (await bus.read(0, 4)).data == b'good'


async def outcome_of(call: Awaitable[object]) -> str:
    try:
        return str(await call)
    except RuntimeError as error:
        return str(error)


@cocotb.test()
async def stalls_by_pauses(dut: Any) -> None:
    bus = await start(dut, axil_master, stall={'aw': 50, 'r': 50}, seed=3)
    for i in range(8):
        assert await bus.write(4 * i, bytes([i] * 4)) == OKAY
        assert (await bus.read(4 * i, 4)).data == bytes([i] * 4)


class OwnDriver:
    """What a team may have: no answers but data and exceptions."""

    data_bytes = 8

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.memory = bytearray(64)
        self.failure: Exception | None = None

    async def read(self, address: int, n: int) -> bytes | int:
        await self.wait()
        data = bytes(self.memory[address : address + n])
        return int.from_bytes(data, 'little') if address >= 32 else data

    async def write(self, address: int, data: bytes) -> None:
        await self.wait()
        self.memory[address : address + len(data)] = data

    async def wait(self) -> None:
        await RisingEdge(self.dut.clk)
        if self.failure:
            raise self.failure


@cocotb.test()
async def a_driver_of_ones_own(dut: Any) -> None:
    driver = OwnDriver(dut)
    bus = await start(dut, lambda _: driver)
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (8, 64, 1)
    for address in (0, 40):
        assert await bus.write(address, b'12345678', 0b00111100) == OKAY
        assert await bus.read(address, 8) == Answer(Status.OKAY, b'\0\0003456\0\0')
    for failure, status in (
        (BusError(), Status.SLVERR),
        (BusError(Status.DECERR), Status.DECERR),
        (RuntimeError('PSLVERR at 0x10'), Status.SLVERR),
        (type('DecodeError', (Exception,), {})(), Status.DECERR),
    ):
        driver.failure = failure
        assert await bus.read(0, 8) == Answer(status, b'')
        assert await bus.write(0, bytes(8)) == Answer(status, b'')
    driver.failure = ZeroDivisionError('its own failure')
    try:
        await bus.read(0, 8)
    except ZeroDivisionError as error:
        assert str(error) == 'its own failure'
    else:
        raise AssertionError('a failure of the driver was taken for an answer')


@cocotb.test()
async def drivers_that_are_none(dut: Any) -> None:
    class Silent(OwnDriver):
        async def read(self, address: int, n: int) -> bytes:
            await Timer(1, 'ms')
            return b''

        async def write(self, address: int, data: bytes) -> None:
            pass

    bus = await start(dut, Silent, max_cycles=5)
    assert await words_of_timeout(bus.read(0, 8)) == 'the driver Silent gave no answer for 10 cycles'

    class Short(OwnDriver):
        async def read(self, address: int, n: int) -> bytes:
            return b'x'

    bus = await start(dut, Short, name='s_axil')
    for call, words in (
        (lambda: bus.read(0, 4), "the driver of bus s_axil was asked for 4 bytes, and gave b'x'"),
        (
            lambda: as_manager(dut.clk, clock=dut.clk, name='s_axil').read(0, 1),
            'can drive no bus s_axil: it needs async read(address, n) and async write(address, data)',
        ),
    ):
        try:
            await call()
        except TypeError as error:
            assert words in str(error)
        else:
            raise AssertionError(words)
