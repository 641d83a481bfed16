# SPDX-License-Identifier: Apache-2.0
"""What the cocotb tests beside this file have in common: a clock, a reset, and looks at the wires."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time
from trapline.managers.manager import HandshakeTimeout

PERIOD_NS = 10
Result = TypeVar('Result')


async def reset(dut: Any, **levels: int) -> None:
    """Starts the clock, sets inputs, and resets for two cycles."""
    Clock(dut.clk, PERIOD_NS, 'ns').start()
    for name, level in levels.items():
        getattr(dut, name).value = level
    await pulse_reset(dut)


async def pulse_reset(dut: Any) -> None:
    """Two cycles of reset; ends at a rising edge."""
    dut.rst_n.value = 0
    await RisingEdge(dut.clk)
    await RisingEdge(dut.clk)
    dut.rst_n.value = 1
    await RisingEdge(dut.clk)


async def timed(call: Awaitable[Result]) -> tuple[Result, int]:
    """What a call returns, and how many cycles it took."""
    begin = get_sim_time('ns')
    result = await call
    return result, round((get_sim_time('ns') - begin) / PERIOD_NS)


async def words_of_timeout(call: Awaitable[object]) -> str:
    """Of a call that must run into one."""
    try:
        answer = await call
    except HandshakeTimeout as end:
        return end.words
    raise AssertionError(f'it was answered: {answer}')


class Watch:
    """Notes signals once a cycle, just before each rising edge: what the design is about to see."""

    def __init__(self, dut: Any, *names: str) -> None:
        self.cycles: list[tuple[str, ...]] = []
        self._signals = [getattr(dut, name) for name in names]
        self._clock = dut.clk
        self._task = cocotb.start_soon(self._run())

    async def _run(self) -> None:
        while True:
            await RisingEdge(self._clock)
            self.cycles.append(tuple(str(signal.value) for signal in self._signals))

    def stop(self) -> list[tuple[str, ...]]:
        """All that was noted."""
        self._task.cancel()
        return self.cycles
