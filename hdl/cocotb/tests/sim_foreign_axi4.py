# SPDX-License-Identifier: Apache-2.0
"""cocotbext-axi's AxiMaster as a manager."""

from __future__ import annotations

from random import Random
from typing import Any

import cocotb
from cocotbext.axi import AxiBus, AxiMaster
from simulated import reset, words_of_timeout
from trapline.managers.foreign import as_manager
from trapline.managers.manager import Answer, BusSettings, Status


@cocotb.test()
async def bursts(dut: Any) -> None:
    await reset(dut)
    master = AxiMaster(AxiBus.from_prefix(dut, 's_axi'), dut.clk, dut.rst_n, reset_active_level=False)
    bus = as_manager(master, clock=dut.clk)
    bus.configure(BusSettings(max_cycles=10))
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (8, 13, 256)
    data = Random(1).randbytes(2048)
    assert await bus.write(0x800, data) == Answer(Status.OKAY, b'')
    assert int(dut.last_len.value) == 255
    assert await bus.read(0x800, 2048) == Answer(Status.OKAY, data)
    assert await bus.write(0x803, b'abcdefghij') == Answer(Status.OKAY, b'')
    assert (await bus.read(0x801, 14)).data == data[1:3] + b'abcdefghij' + data[13:15]
    # Words that follow each other are one call.
    assert bus.why_not_write(4, 20, 0b0000_1111_0000_0000_1111) == ''
    assert bus.why_not_write(4, 20, 0b1111_0000_0000_1111_0000) != ''
    assert (await bus.read(0x17F0, 32)).status is Status.SLVERR
    assert await words_of_timeout(bus.read(0x1F00, 8)) == (
        'ARREADY stayed low for 20 cycles (ARVALID=1 ARREADY=0 RVALID=0 RREADY=1)'
    )
