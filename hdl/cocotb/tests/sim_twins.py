# SPDX-License-Identifier: Apache-2.0
"""Drives every input of a device at random and writes down every output of every cycle: the same for two languages."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import cocotb
from cocotb.triggers import Timer

CYCLES = 4000
HALF_NS = 5
VALIDS = ('s_axil_awvalid', 's_axil_wvalid', 's_axil_bready', 's_axil_arvalid', 's_axil_rready')
OUTPUTS = (
    *('s_axil_awready', 's_axil_wready', 's_axil_bresp', 's_axil_bvalid'),
    *('s_axil_arready', 's_axil_rdata', 's_axil_rresp', 's_axil_rvalid'),
    *('gpio_o', 'gpio_oe_o', 'irq_o'),
)


def drive(dut: Any, draw: random.Random, business: float) -> None:
    for name in VALIDS:
        getattr(dut, name).value = int(draw.random() < business)
    for channel in ('aw', 'ar'):
        # Mostly registers, sometimes the hole behind them, sometimes anything.
        top = draw.choice((0x14, 0x14, 0x14, 0x24, 1 << len(dut.s_axil_awaddr)))
        getattr(dut, f's_axil_{channel}addr').value = draw.randrange(top)
        getattr(dut, f's_axil_{channel}prot').value = draw.getrandbits(3)
    strobes = len(dut.s_axil_wstrb)
    dut.s_axil_wstrb.value = draw.choice(((1 << strobes) - 1, draw.getrandbits(strobes)))
    # What counts comes to a small number soon.
    dut.s_axil_wdata.value = draw.getrandbits(draw.choice((4, 4, 4, len(dut.s_axil_wdata))))
    if hasattr(dut, 'gpio_i') and draw.random() < 0.2:
        dut.gpio_i.value = draw.getrandbits(len(dut.gpio_i))


@cocotb.test()
async def record(dut: Any) -> None:
    draw = random.Random(int(os.environ['TWIN_SEED']))
    if hasattr(dut, 'gpio_i'):
        dut.gpio_i.value = 0
    outputs = [name for name in OUTPUTS if hasattr(dut, name)]
    lines = []
    for cycle in range(CYCLES):
        in_reset = cycle < 5 or cycle % 500 < 3
        dut.rst_ni.value = int(not in_reset)
        # In between what counts is left alone.
        drive(dut, draw, 0.7 if cycle % 200 < 100 else 0.3)
        dut.clk_i.value = 0
        await Timer(HALF_NS, 'ns')
        lines.append(' '.join(str(getattr(dut, name).value) for name in outputs))
        dut.clk_i.value = 1
        await Timer(HALF_NS, 'ns')
    Path(os.environ['TWIN_RECORD']).write_text('\n'.join(lines))
