# SPDX-License-Identifier: Apache-2.0
"""cocotbext-axi's ApbMaster as a manager."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotbext.axi import ApbBus, ApbMaster
from simulated import reset, words_of_timeout
from trapline.managers.foreign import as_manager
from trapline.managers.manager import Answer, BusSettings, Status


class Bus(ApbBus):
    """As the device writes its names."""

    def __init__(self, dut: Any) -> None:
        names = {name: f'apb_{"PSELx" if name == "psel" else name.upper()}_i' for name in self._signals}
        names.update({name: f'apb_{name.upper()}_o' for name in ('pready', 'prdata')})
        self._signals = names
        self._optional_signals = {'pslverr': 'apb_PSLVERR_o'}
        super().__init__(dut, '')


@cocotb.test()
async def transfers(dut: Any) -> None:
    await reset(dut, latency=1)
    bus = as_manager(ApbMaster(Bus(dut), dut.clk, dut.rst_n, reset_active_level=False), clock=dut.clk)
    bus.configure(BusSettings(max_cycles=10))
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (4, 8, 1)
    assert await bus.write(0x10, b'\x01\x02\x03\x84') == Answer(Status.OKAY, b'')
    assert await bus.write(0x11, b'\xaa\xbb') == Answer(Status.OKAY, b'')
    assert await bus.read(0x10, 4) == Answer(Status.OKAY, b'\x01\xaa\xbb\x84')
    assert await bus.read(0x40, 4) == Answer(Status.SLVERR, b'')
    assert await bus.write(0x40, bytes(4)) == Answer(Status.SLVERR, b'')
    assert await words_of_timeout(bus.read(0x44, 4)) == ('PREADY stayed low for 20 cycles (PSEL=1 PENABLE=1 PREADY=0)')
