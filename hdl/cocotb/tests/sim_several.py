# SPDX-License-Identifier: Apache-2.0
"""Several tests of one module in one simulation of rtl/two_registers.sv, as teams write them; some shall fail."""

from __future__ import annotations

import warnings
from typing import Any

import cocotb
from cocotb.regression import TestFactory
from cocotb.triggers import RisingEdge
from sim_host_run import DEVICES, poke, start

ENDLESS = ['sh', '-c', f'while {" ".join(poke(4, 7))}; do :; done']


class ScoreboardError(Exception):
    """What a team's own code raises."""


@cocotb.test()
@cocotb.parametrize(value=[1, 2], is_right=[True, False])
async def parametrized(dut: Any, value: int, is_right: bool) -> None:
    async with await start(dut) as bridge:
        assert await bridge.run(poke(4, value), devices=DEVICES) == 0
        assert int(dut.a.r1.value) == value
        assert is_right, f'{value} is wrong'


async def made(dut: Any, status: int) -> None:
    async with await start(dut) as bridge:
        assert await bridge.run(['sh', '-c', f'exit {status}'], devices=DEVICES) == status
        assert await bridge.run(poke(4, status), devices=DEVICES) == 0
        assert int(dut.a.r1.value) == status


with warnings.catch_warnings():
    warnings.simplefilter('ignore', DeprecationWarning)
    factory = TestFactory(made)
    factory.add_option('status', [5, 6])
    factory.generate_tests()


@cocotb.test()
async def a_coroutine_beside_the_program_fails(dut: Any) -> None:
    async def scoreboard() -> None:
        while True:
            await RisingEdge(dut.clk)
            if dut.a_awvalid.value == 1:
                raise ScoreboardError('nobody expected that write')

    async with await start(dut) as bridge:
        cocotb.start_soon(scoreboard())
        await bridge.run(ENDLESS, devices=DEVICES)


@cocotb.test(timeout_time=2, timeout_unit='us')
async def time_is_up(dut: Any) -> None:
    async with await start(dut) as bridge:
        await bridge.run(ENDLESS, devices=DEVICES)


@cocotb.test()
async def the_next_test_has_a_fresh_bridge(dut: Any) -> None:
    bridge = await start(dut)
    for value in (0x77, 0x78):
        async with bridge:
            assert await bridge.run(poke(4, value), devices=DEVICES) == 0
        assert int(dut.a.r1.value) == value


@cocotb.test()
async def one_run_at_a_time(dut: Any) -> None:
    async with await start(dut) as bridge:
        several = ' & '.join(' '.join(poke(0x1000 + 4 * index, index)) for index in (0, 1))
        first = cocotb.start_soon(bridge.run(['sh', '-c', f'{several}; wait'], devices=DEVICES))
        second = cocotb.start_soon(bridge.run(['true'], devices=DEVICES))
        try:
            await second
        except RuntimeError as error:
            assert 'programs run on this simulation already' in str(error)
        else:
            raise AssertionError('it took a second run')
        assert await first == 0
        assert (int(dut.b.r0.value), int(dut.b.r1.value)) == (0, 1)
