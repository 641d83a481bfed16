# SPDX-License-Identifier: Apache-2.0
"""Drives every input of a device at random and writes down every output of every cycle: the same for two languages."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import cocotb
from cocotb.triggers import Timer

CYCLES = 1000
HALF_NS = 5
VALIDS = ('s_axil_awvalid', 's_axil_wvalid', 's_axil_bready', 's_axil_arvalid', 's_axil_rready')
OUTPUTS = (
    *('s_axil_awready', 's_axil_wready', 's_axil_bresp', 's_axil_bvalid'),
    *('s_axil_arready', 's_axil_rdata', 's_axil_rresp', 's_axil_rvalid'),
    *('gpio_o', 'gpio_oe_o', 'irq_o'),
)


def drive(dut: Any, draw: random.Random) -> None:
    for name in VALIDS:
        getattr(dut, name).value = int(draw.random() < 0.7)
    for channel in ('aw', 'ar'):
        # Mostly registers, sometimes the hole behind them, sometimes anything.
        top = draw.choice((0x14, 0x14, 0x14, 0x20, 1 << len(dut.s_axil_awaddr)))
        getattr(dut, f's_axil_{channel}addr').value = draw.randrange(top)
        getattr(dut, f's_axil_{channel}prot').value = draw.getrandbits(3)
    for name in ('s_axil_wdata', 's_axil_wstrb'):
        signal = getattr(dut, name)
        signal.value = draw.getrandbits(len(signal))
    if draw.random() < 0.2:
        dut.gpio_i.value = draw.getrandbits(len(dut.gpio_i))


@cocotb.test()
async def record(dut: Any) -> None:
    draw = random.Random(int(os.environ['TWIN_SEED']))
    dut.gpio_i.value = 0
    lines = []
    for cycle in range(CYCLES):
        in_reset = cycle < 5 or cycle % 500 < 3
        dut.rst_ni.value = int(not in_reset)
        drive(dut, draw)
        dut.clk_i.value = 0
        await Timer(HALF_NS, 'ns')
        lines.append(' '.join(str(getattr(dut, name).value) for name in OUTPUTS))
        dut.clk_i.value = 1
        await Timer(HALF_NS, 'ns')
    Path(os.environ['TWIN_RECORD']).write_text('\n'.join(lines))
