# SPDX-License-Identifier: Apache-2.0
"""Real simulations for tests: Icarus Verilog builds a device once, and each test starts it with the link to itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bridge_end import PATIENCE_S, BridgeEnd
from simulation import HERE, PACKAGE, RTL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIGNALS = (
    *('awaddr', 'awvalid', 'awready', 'wdata', 'wstrb', 'wvalid', 'wready', 'bresp', 'bvalid', 'bready'),
    *('araddr', 'arvalid', 'arready', 'rdata', 'rresp', 'rvalid', 'rready'),
)

SIMULATOR = os.environ.get('TRAPLINE_TEST_SIMULATOR', 'icarus')
"""Any that cocotb's runner knows, for a run of these tests by hand; its program is the one on PATH."""
COMMAND = (sys.executable, '-c')
ARGUMENTS = {'icarus': ['-g2012'], 'verilator': ['-Wno-fatal', '--timing']}.get(SIMULATOR, [])
TWO_REGISTERS = (RTL / 'registers.sv', RTL / 'two_registers.sv')

RUN = """
import json, sys
from cocotb_tools.runner import get_runner
runner = get_runner(sys.argv[2])
spec = json.loads(sys.argv[1])
if spec['build']:
    runner.build(sources=spec['sources'], includes=spec['includes'], hdl_toplevel=spec['top'],
                 build_dir=spec['build_dir'], build_args=sys.argv[3:], timescale=('1ns', '1ps'))
else:
    runner.test(hdl_toplevel=spec['top'], test_module=spec['module'], build_dir=spec['build_dir'],
                test_dir=spec['test_dir'], extra_env=spec['env'], testcase=spec['test'], hdl_toplevel_lang='verilog')
"""


def build(
    folder: Path,
    top: str = 'two_registers',
    sources: Sequence[Path] = TWO_REGISTERS,
    includes: Sequence[Path] = (),
) -> Path:
    """Compiles a design; gives the folder that holds it."""
    spec = {'build': True, 'top': top, 'sources': [str(source) for source in sources], 'build_dir': str(folder)}
    spec['includes'] = [str(include) for include in includes]
    (folder / 'top').write_text(top)
    subprocess.run([*COMMAND, RUN, json.dumps(spec), SIMULATOR, *ARGUMENTS], check=True, stdout=subprocess.DEVNULL)
    return folder


def port(name: str, clock: str = 'clk', **more: Any) -> dict[str, Any]:
    """An AXI4-Lite port as the bridge would describe it."""
    signals = {signal: f'{name}_{signal}' for signal in SIGNALS}
    return {'name': name, 'protocol': 'axi4-lite', 'signals': signals, 'clock': clock, 'dataWidth': 32, **more}


def settings_of(link: Path, **more: Any) -> dict[str, Any]:
    """What the bridge would say of two_registers."""

    return {
        'name': 'device',
        'link': str(link),
        'seed': 7,
        'clock': {'port': 'clk', 'others': [], 'periodPs': 10000},
        'reset': {'port': 'rst_n', 'active': 'low', 'others': [], 'cycles': 16},
        'ports': [port('a'), port('b')],
        'interrupts': ['a_irq', 'b_irq'],
        **more,
    }


class Simulation:
    """A simulation that runs, and the link to it."""

    def __init__(self, process: subprocess.Popen[str], link: BridgeEnd, hello: dict[str, Any], folder: Path) -> None:
        self.process = process
        self.link = link
        self.hello = hello
        self.folder = folder

    def output(self) -> str:
        """Waits for its end."""
        self.link.socket.close()
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        return output


@contextmanager
def simulation(
    built: Path, folder: Path, module: str = 'trapline.testbench', test: str | None = None, **more: Any
) -> Iterator[Simulation]:
    """Starts one, and waits until it has said Hello, or why it can't."""
    folder.mkdir(parents=True, exist_ok=True)
    # Folders of tests may be deeper than a socket's path is long.
    with TemporaryDirectory(dir='/tmp') as short, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        path = Path(short, 'model.link')
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(PATIENCE_S)
        settings = folder / 'model.json'
        settings.write_text(json.dumps(settings_of(path, **more)))
        environment = {'TRAPLINE_MODEL': str(settings)}
        spec = {
            'build': False,
            'top': (built / 'top').read_text(),
            'module': module,
            'test': test,
            'build_dir': str(built),
            'test_dir': str(folder),
        }
        process = subprocess.Popen(
            [*COMMAND, RUN, json.dumps({**spec, 'env': environment}), SIMULATOR],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, 'PYTHONPATH': os.pathsep.join([str(PACKAGE), str(HERE), *sys.path])},
            start_new_session=True,
        )
        try:
            link = BridgeEnd(_accepted(listener, process))
            hello = link.receive()
            assert hello is not None
            # One that fails before its clock has run says nothing else.
            if 'fault' in hello:
                link.unasked.append({'what': 'fault', **hello['fault']})
            yield Simulation(process, link, hello.get('hello', {}), folder)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait()
            assert process.stdout
            process.stdout.close()


def _accepted(listener: socket.socket, process: subprocess.Popen[str]) -> socket.socket:
    listener.settimeout(0.1)
    while True:
        try:
            return listener.accept()[0]
        except socket.timeout:
            if process.poll() is not None:
                raise AssertionError(f'the simulation ended: {process.communicate()[0]}') from None
