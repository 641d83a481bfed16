# SPDX-License-Identifier: Apache-2.0
"""The cocotb test module of a model whose user names none: everything follows from the bridge's settings.

It drives the clocks, the reset and the constant inputs, and serves the design until the bridge ends the link. Rising
edge n of a clock, from n = 1 on, comes at phase + n * period, as in a Verilator model.
"""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Timer

from ._from_settings import handle_of, resets_of
from ._settings import ClockSettings, read_settings
from .bridge import Bridge


@cocotb.test()
async def serve(dut: Any) -> None:
    """Serves the design to the run that started this simulation."""
    settings = read_settings()
    for name, value in settings.inputs.items():
        handle_of(dut, name, 'the input').value = value
    for reset in resets_of(dut, settings):
        reset.begin()
    for clock in settings.clocks:
        cocotb.start_soon(_run_clock(dut, clock))
    try:
        bridge = Bridge(dut)
    except ValueError as error:
        # The design is not as the configuration says: a sentence about that, without the way through our own code.
        raise error.with_traceback(None) from None
    async with bridge:
        if settings.resets:
            await bridge.reset()
        await bridge.served()


async def _run_clock(dut: Any, clock: ClockSettings) -> None:
    signals = [handle_of(dut, port, 'the clock') for port in clock.ports]
    for signal in signals:
        signal.value = 0
    # Clock begins with the low half of a period.
    ahead = clock.phase_ps + clock.period_ps // 2
    await Timer(ahead, 'ps')
    for signal in signals:
        # A clock in C costs a tenth of one in Python. What coroutines write after an edge comes after it with either.
        Clock(signal, clock.period_ps, 'ps', impl='gpi').start(start_high=False)
