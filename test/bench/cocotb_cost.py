# SPDX-License-Identifier: Apache-2.0
"""What an access costs in a cocotb simulation: by Trapline's AXI4-Lite manager, and by cocotbext-axi's master.

`cocotb_cost.py FOLDER ROUNDS ACCESSES [SIMULATOR]` builds the device there and simulates it; both drive it in turns,
so that a machine whose speed drifts does so for both. Prints a line for each round: who, and nanoseconds of CPU time an
access (all work is in one process).
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DEVICE = HERE.parents[1] / 'hdl/cocotb/tests/rtl/axil_bench.sv'


def simulate(folder: str, rounds: str, accesses: str, simulator: str = 'icarus') -> None:
    from cocotb_tools.runner import get_runner

    runner = get_runner(simulator)
    options = ['-g2012'] if simulator == 'icarus' else ['-Wno-fatal', '-O3', '-CFLAGS', '-O2']
    runner.build(
        sources=[DEVICE],
        hdl_toplevel='axil_bench',
        build_dir=folder,
        build_args=options,
        timescale=('1ns', '1ps'),
        log_file=Path(folder, 'build.log'),
    )
    costs = Path(folder, 'costs.txt')
    costs.write_text('')
    paths = [str(HERE), *sys.path]
    runner.test(
        test_module='cocotb_cost',
        hdl_toplevel='axil_bench',
        build_dir=folder,
        test_dir=folder,
        results_xml=str(Path(folder, 'results.xml')),
        log_file=Path(folder, 'simulation.log'),
        extra_env={'PYTHONPATH': os.pathsep.join(paths), 'COST': f'{rounds} {accesses}'},
    )
    print(costs.read_text(), end='')


if __name__ == '__main__':
    simulate(*sys.argv[1:])
else:
    import cocotb
    from cocotb.clock import Clock
    from cocotb.triggers import ClockCycles
    from cocotbext.axi import AxiLiteBus, AxiLiteMaster
    from trapline import AxiLiteManager

    ROUNDS, ACCESSES = (int(word) for word in os.environ.get('COST', '1 100').split())

    @cocotb.test()
    @cocotb.parametrize(('round_', range(ROUNDS)), ('name', ['cocotb-ours', 'cocotbext']))
    async def cost(dut: Any, round_: int, name: str) -> None:
        """Half reads, half writes. Each is a test of its own: at its end the driver and its coroutines are gone."""
        logging.getLogger('cocotb').setLevel(logging.WARNING)
        Clock(dut.clk, 10, 'ns', impl='gpi').start()
        dut.latency.value = 0
        dut.rst_n.value = 0
        await ClockCycles(dut.clk, 2)
        driver = ours(dut) if name == 'cocotb-ours' else theirs(dut)
        dut.rst_n.value = 1
        await ClockCycles(dut.clk, 2)
        ns = await measure(driver, ACCESSES)
        with open('costs.txt', 'a') as costs:
            costs.write(f'{name} {ns:.0f}\n')

    def ours(dut: Any) -> Any:
        return AxiLiteManager(dut, 's_axil', dut.clk)

    def theirs(dut: Any) -> Any:
        return AxiLiteMaster(AxiLiteBus.from_prefix(dut, 's_axil'), dut.clk)

    async def measure(driver: Any, accesses: int) -> float:
        await repeat(lambda i: driver.write(i, b'\1\2\3\4'), 32)
        begin = time.process_time_ns()
        await repeat(lambda i: driver.write(i, b'\1\2\3\4'), accesses // 2)
        await repeat(lambda i: driver.read(i, 4), accesses // 2)
        return (time.process_time_ns() - begin) / accesses

    async def repeat(call: Callable[[int], Awaitable[object]], count: int) -> None:
        for i in range(count):
            await call(4 * i % 64)
