# SPDX-License-Identifier: Apache-2.0
"""Test benches as users write them, each for one thing that may go wrong; test_faults.py starts them by name."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, Timer

import trapline
from trapline import Answer, AxiLiteManager, Bridge, Reset, Status


async def start(dut: Any, ports: dict[str, Any] | None = None) -> Bridge:
    """A clock that rises at 5 ns for the first time, a reset, and the bridge."""
    Clock(dut.clk, 10, 'ns').start(start_high=False)
    dut.rst_n.value = 0
    for _ in range(2):
        await RisingEdge(dut.clk)
    dut.rst_n.value = 1
    buses = {'a': AxiLiteManager(dut, 'a', dut.clk), 'b': AxiLiteManager(dut, 'b', dut.clk)}
    return Bridge(
        dut,
        clock=dut.clk,
        ports=ports or buses,
        interrupts={'a_irq': dut.a_irq, 'b_irq': 'b_irq'},
        reset=Reset(dut.rst_n, active='low', cycles=4),
    )


class BrokenDriver:
    """A driver that does not know what to do at offset 0xbad, and works elsewhere."""

    data_bytes = 4
    address_bits = 12
    max_beats = 1
    max_cycles = 100

    def configure(self, settings: Any) -> None: ...

    def enter_reset(self) -> None: ...

    def why_not_write(self, address: int, n: int, enables: int | None = None) -> str:
        return ''

    async def read(self, address: int, n: int) -> Answer:
        await Timer(30, 'ns')
        if address == 0xBAD:
            raise KeyError('no such register')
        return Answer(Status.OKAY, bytes(n))

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        await Timer(30, 'ns')
        if address == 0xBA0:
            raise trapline.managers.manager.ProtocolBreach('BRESP is xx while BVALID is high')
        return Answer(Status.OKAY, b'')


@cocotb.test()
async def plain(dut: Any) -> None:
    async with await start(dut) as bridge:
        await bridge.served()


@cocotb.test()
async def with_a_broken_driver(dut: Any) -> None:
    async with await start(dut, {'a': BrokenDriver()}) as bridge:
        await bridge.served()


async def watch_irq(dut: Any) -> None:
    await RisingEdge(dut.a_irq)
    assert dut.b_irq.value == 1, 'b_irq comes first'


@cocotb.test()
async def with_a_monitor_that_fails(dut: Any) -> None:
    async with await start(dut) as bridge:
        cocotb.start_soon(watch_irq(dut))
        await bridge.served()


@cocotb.test()
async def that_ends_early(dut: Any) -> None:
    async with await start(dut) as bridge:
        served = cocotb.start_soon(bridge.served())
        await RisingEdge(dut.a_irq)
        served.cancel()


@cocotb.test()
async def with_a_scoreboard(dut: Any) -> None:
    async with await start(dut) as bridge:
        await bridge.served()
        assert dut.a_irq.value == 1, 'an interrupt was expected'


@cocotb.test(timeout_time=2, timeout_unit='us')
async def with_a_time_limit(dut: Any) -> None:
    async with await start(dut) as bridge:
        await bridge.served()


@cocotb.test()
async def with_cocotbext_axi(dut: Any) -> None:
    from cocotbext.axi import AxiLiteBus, AxiLiteMaster

    master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, 'a'), dut.clk, dut.rst_n, reset_active_level=False)
    async with await start(dut, {'a': master}) as bridge:
        await bridge.served()
