# SPDX-License-Identifier: Apache-2.0
"""The other way round: each case is a cocotb test of sim_host_run.py, with real programs and the real `trapline`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from real_trapline import BASE, environment
from simulation import RTL, cases_of, needs_icarus, simulate
from trapline._host_run import make_folder

WAIT_FOR_IRQ = """
import mmap, os, struct
device = os.open('/dev/uio0', os.O_RDWR)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')
registers[4] = 500
count, = struct.unpack('I', os.read(device, 4))
registers[5] = 0
assert count == 1
"""

CLIENT = f"""
import os, subprocess, time
from trapline._command import find_command
from trapline.control import ControlClient
command = find_command()
while not os.path.exists('address') or not open('address').read().endswith('\\n'):
    time.sleep(0.05)
address = open('address').read().strip()
run = [*command, 'run', '--bridge', address, '--', 'busybox', 'devmem', '{BASE:#x}', '32']
with ControlClient(address) as bridge:
    try:
        subprocess.run([*run, '0xbeef'], check=True)
        subprocess.run(run, check=True, stdout=open('seen', 'w'))
        assert bridge.read('a0', 0) == 0xbeef
    finally:
        bridge.stop()
"""


@pytest.fixture(scope='module')
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp('host_run')
    # Deeper than a socket's path is long, as below pytest-xdist's.
    temporary = folder / ('deep' * 20) / 'tmp'
    temporary.mkdir(parents=True)
    (folder / 'wait_for_irq.py').write_text(WAIT_FOR_IRQ)
    (folder / 'client.py').write_text(CLIENT)
    ports = {'a': {'dataWidth': 32}, 'b': {'dataWidth': 32}}
    regs = {'kind': 'cocotb', 'top': 'two_registers', 'python': 'sim_host_run.py', 'ports': ports}
    uio = {'kind': 'uio', 'index': 0, 'maps': [{'port': 'a', 'size': 0x1000}], 'interrupt': 'a_irq', 'model': 'regs'}
    config = {'models': {'regs': regs}, 'devices': {'a0': uio}}
    (folder / 'interrupts.config.json').write_text(json.dumps(config))
    variables = environment(TMPDIR=str(temporary))
    wanted = {name: variables[name] for name in ('TRAPLINE', 'TRAPLINE_CACHE', 'TMPDIR')}
    return simulate(
        'sim_host_run', 'two_registers', [RTL / 'registers.sv', RTL / 'two_registers.sv'], folder, None, wanted
    )


@needs_icarus
@pytest.mark.parametrize('case', cases_of('sim_host_run'))
def test_host_run(case: str, outcomes: dict[str, str]) -> None:
    words = outcomes.get(case, 'the simulation did not come to it')
    if words:
        pytest.fail(words, pytrace=False)


def test_a_socket_has_room_where_the_temporary_folder_is_deep() -> None:
    name = '/trapline-join-XXXXXXXX/model.sock'
    with tempfile.TemporaryDirectory(dir='/tmp') as home:
        for length, is_there in ((107 - len(name), True), (108 - len(name), False)):
            temporary = Path(home, 'x' * (length - len(home) - 1))
            temporary.mkdir()
            folder = make_folder(str(temporary))
            folder.rmdir()
            assert (folder.parent == temporary) is is_there
            assert len(str(folder / 'model.sock')) <= 107
