# SPDX-License-Identifier: Apache-2.0
"""The other way round, on rtl/two_registers.sv: tests that somebody started start programs, which join them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cocotb
from cocotb.triggers import RisingEdge
from simulated import reset
from trapline import Answer, AxiLiteManager, Bridge, Reset

BASE = 0x43C0_0000
DEVICES = {
    'a0': {'base': BASE, 'size': 0x1000, 'port': 'a'},
    'b0': {'base': BASE + 0x1000, 'size': 0x1000, 'port': 'b'},
}


def poke(address: int, value: int) -> list[str]:
    return ['busybox', 'devmem', hex(BASE + address), '32', hex(value)]


async def start(dut: Any, **ports: Any) -> Bridge:
    await reset(dut)
    buses = {'a': AxiLiteManager(dut, 'a', dut.clk), 'b': AxiLiteManager(dut, 'b', dut.clk), **ports}
    interrupts = {'a_irq': dut.a_irq}
    return Bridge(dut, clock=dut.clk, ports=buses, interrupts=interrupts, reset=Reset(dut.rst_n, active='low'))


@cocotb.test()
async def programs_run_one_after_the_other_and_the_test_goes_on_between(dut: Any) -> None:
    async with await start(dut) as bridge:
        assert await bridge.run(poke(0x1004, 0x5EED), devices=DEVICES) == 0
        assert int(dut.b.r1.value) == 0x5EED
        for _ in range(10):
            await RisingEdge(dut.clk)
        log = Path('second.jsonl')
        flags = ['--log', str(log)]
        peek = ['sh', '-c', f'busybox devmem {BASE + 0x1004:#x} 32 > seen; exit 7']
        assert await bridge.run(peek, devices=DEVICES, flags=flags) == 7
        assert Path('seen').read_text() == '0x00005EED\n'
        lines = log.read_text().splitlines()
        assert len(lines) == 1
        assert '"op":"read","device":"b0","offset":4,"widthBytes":4,"data":"0x00005eed","status":"OKAY"' in lines[0]


@cocotb.test()
async def a_configuration_names_the_devices_as_well(dut: Any) -> None:
    async with await start(dut) as bridge:
        program = [sys.executable, 'wait_for_irq.py']
        assert await bridge.run(program, config='interrupts.config.json', model='regs') == 0


@cocotb.test()
async def what_trapline_refuses_is_status_125(dut: Any) -> None:
    async with await start(dut) as bridge:
        beyond = {'c0': {'base': BASE, 'size': 0x1000, 'port': 'c'}}
        assert await bridge.run(['true'], devices=beyond) == 125
        assert await bridge.run(['./nowhere'], devices=DEVICES) == 127
        assert await bridge.run(poke(0x18, 1)[:3], devices=DEVICES, max_cycles=50) == 125
        refused: list[tuple[Any, dict[str, Any], str]] = [
            (['true'], {'flags': ['--max-cycles=50']}, 'give max_cycles to the call'),
            (['true'], {'stall': {'zz': 4}}, 'channels are aw, w, b, ar, r'),
            (['true'], {'max_cycles': 0}, 'a handshake has at least 1 cycle'),
            ('./poke', {}, 'give its words as a list'),
            ([], {}, 'give its words as a list'),
        ]
        for program, more, words in refused:
            try:
                await bridge.run(program, devices=DEVICES, **more)
            except ValueError as error:
                assert words in str(error)
            else:
                raise AssertionError(f'it took {program}, {more}')
    try:
        Bridge(dut, clock=dut.clk, ports={'a': Broken()}, reset=dut.rst_n)
    except TypeError as error:
        assert 'is no trapline.Reset' in str(error)
    else:
        raise AssertionError('it took a signal')


class Broken:
    """A driver with a mistake in it."""

    data_bytes, address_bits, max_beats, max_cycles = 4, 12, 1, 100

    def configure(self, settings: object) -> None: ...

    def enter_reset(self) -> None: ...

    def why_not_write(self, address: int, n: int, enables: int | None = None) -> str:
        return ''

    async def read(self, address: int, n: int) -> Answer:
        raise KeyError('no such register')

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        raise KeyError('no such register')


@cocotb.test()
async def an_exception_of_a_driver_ends_the_program(dut: Any) -> None:
    async with await start(dut, a=Broken()) as bridge:
        try:
            await bridge.run(poke(0, 1), devices=DEVICES)
        except KeyError as error:
            assert str(error) == "'no such register'"
        else:
            raise AssertionError('it was not told')


@cocotb.test()
async def a_bridge_that_serves_joins_as_well(dut: Any) -> None:
    async with await start(dut) as bridge:
        client = subprocess.Popen([sys.executable, 'client.py'])
        try:
            assert await bridge.serve(devices=DEVICES, flags=['--address-file', 'address']) == 0
            assert client.wait() == 0
        finally:
            client.kill()
    assert Path('seen').read_text() == '0x0000BEEF\n'


@cocotb.test()
async def nothing_is_left(dut: Any) -> None:
    temporary = Path(os.environ['TMPDIR'])
    assert [one.name for one in temporary.iterdir()] == []
