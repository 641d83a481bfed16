# SPDX-License-Identifier: Apache-2.0
"""Test benches as users write them, each for one thing that may go wrong; test_faults.py starts them by name."""

from __future__ import annotations

import json
from typing import Any

import cocotb
import trapline
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, Timer
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
        if address == 0xBA4:
            json.loads('{')  # fails deep in a library
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


@cocotb.test()
async def without_a_clock(dut: Any) -> None:
    async with Bridge(dut, clock=dut.clk, ports={'a': AxiLiteManager(dut, 'a', dut.clk)}) as bridge:
        await bridge.served()


@cocotb.test()
async def with_mistakes(dut: Any) -> None:
    """What the arguments of Bridge are checked for; needs no link."""
    bus = AxiLiteManager(dut, 'a', dut.clk)

    def refused(**arguments: Any) -> str:
        try:
            Bridge(dut, **{'clock': dut.clk, 'ports': {'a': bus}, **arguments})
        except (ValueError, TypeError) as error:
            return str(error)
        return ''

    assert refused() == ''
    assert refused(ports={}).startswith('a bridge needs a bus: name one, as ports=')
    assert refused(ports={'x' * 64: bus}) == f"ports: a name has 1 to 63 bytes, not '{'x' * 64}'"
    assert refused(ports={str(i): bus for i in range(17)}) == 'a bridge has at most 16 ports, not 17'
    assert refused(ports={'a': object()}).startswith('object can drive no bus a')
    assert refused(interrupts={'irq': 'no_irq'}) == 'interrupt irq: the design has no signal no_irq'
    assert refused(interrupts={'irqs': dut.irqs}) == "interrupt irqs has 2 bits; name them one by one, as 'irqs[0]'"
    assert refused(interrupts={'irq': 'irqs[3]'}) == 'interrupt irq: irqs has bits 8 to 7'
    assert refused(interrupts={'irq': 'irqs[7]'}) == ''
    Clock(dut.clk, 10, 'ns').start()
    async with Bridge(dut, clock=dut.clk, ports={'a': bus}) as bridge:
        try:
            await bridge.reset()
        except ValueError as error:
            assert str(error) == "nobody named the design's reset; give it to Bridge, as reset=Reset(dut.rst_n)"
        else:
            raise AssertionError('it was reset')
        try:
            await bridge.served()
        except RuntimeError as error:
            assert str(error).startswith('nobody asked for this simulation to be served (TRAPLINE_MODEL is not set)')
        else:
            raise AssertionError('it was served')


@cocotb.test()
async def with_a_slow_clock(dut: Any) -> None:
    """16384 cycles are all that 64 bits of picoseconds hold."""
    Clock(dut.clk, 1 << 50, 'ps', impl='gpi').start(start_high=False)
    bridge = Bridge(
        dut, clock=dut.clk, ports={'a': AxiLiteManager(dut, 'a', dut.clk)}, interrupts=[], reset=Reset(dut.rst_n)
    )
    async with bridge:
        await bridge.reset()
        await bridge.served()
