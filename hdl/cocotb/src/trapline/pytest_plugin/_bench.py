# SPDX-License-Identifier: Apache-2.0
"""Models for one test without a program: the test itself reads, writes, lets time pass and waits for interrupts."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from .._child import end_with_parent
from .._command import find_command
from ..control import ControlClient, ControlError, ModelState
from ._accesses import Access, read_log
from ._described import Described
from ._run import Program, RunResult, end, execute, registers_in
from ._setup import PathText, Setup, to_flags, to_replay_flags
from ._verdicts import Result

#: Of pino, in the JSON lines that a bridge prints.
_ERROR_LEVEL = 50
#: Of accesses at which the bus broke.
_BROKEN = ('TIMEOUT', 'DISCONNECTED')

#: For pytest: a failed call is shown where the test made it.
__tracebackhide__ = True


class BenchFailed(Exception):
    """The bridge of a bench did not start, or a model of it failed and no call of the test has said so."""


class Bench:
    """A `trapline serve` with models of its own, which start at their first need; made by `trapline_bench`.

    Devices and models are named as in the configuration; a model may be left out where there is only one. Values are
    whole numbers of up to 8 bytes, offsets bytes from the start of the device. What the bus does not answer with OKAY
    raises `trapline.control.BusError`, what the bridge refuses `trapline.control.ControlError`.
    """

    def __init__(self, setup: Setup, folder: Path, test: str) -> None:
        self.seed = setup['seed']
        self.folder = folder
        self.replay_flags = to_replay_flags(setup)
        self.cwd: PathText | None = None
        self._test = test
        self._described = Described(setup)
        self._log = folder / 'accesses.jsonl'
        self._report = folder / 'report.json'
        self._accesses: list[Access] | None = None
        self._noticed = False
        self._words = (folder / 'bridge.jsonl').open('w+', encoding='utf-8')
        self._bridge = _start(setup, (self._log, self._report), self._words)
        try:
            #: Where other programs reach this bridge.
            self.address = self._await_address()
            #: For everything else that ControlService offers.
            self.control = ControlClient(self.address)
        except BaseException:
            end(self._bridge)
            raise

    def read(self, device: str, offset: int, width_bytes: int = 4) -> int:
        """The value of a register; `width_bytes` is 1, 2, 4 or 8."""
        with _Noticing(self):
            return self.control.read(device, offset, width_bytes)

    def write(self, device: str, offset: int, value: int, width_bytes: int = 4) -> None:
        """Writes a register; see `read`."""
        with _Noticing(self):
            self.control.write(device, offset, value, width_bytes)

    # A property, for types of `trapline registers --types` to say which devices there are.
    @property
    def reg(self) -> Any:
        """`reg(device)`: the registers of a device by their names, as `bench.reg('uart0').LCR.read()`.

        Raises `trapline.registers.RegisterError` if nothing describes them, or there is none of a name.
        """
        return self._reg

    def _reg(self, device: str) -> Any:
        return self._described().handles(device, self)

    def advance(self, cycles: int, model: str = '') -> ModelState:
        """Lets 1 to 4294967295 clock cycles pass."""
        with _Noticing(self):
            return self.control.advance(cycles, model)

    def reset(self, model: str = '', cycles: int = 0) -> ModelState:
        """Asserts reset; for as many clock cycles as at power-up unless told."""
        with _Noticing(self):
            return self.control.reset(model, cycles)

    def wait_for_interrupt(self, line: str, model: str = '', cycles: int = 1_000_000) -> ModelState:
        """Lets time pass until the interrupt output is high; at once if it is. Raises when it stays low for `cycles`
        clock cycles."""
        with _Noticing(self):
            return self.control.wait_for_interrupt(line, model, cycles)

    def cycle(self, model: str = '') -> int:
        """Clock cycles since power-up."""
        with _Noticing(self):
            return self.control.start(model).cycle

    def run(self, program: str, args: Sequence[str] = (), timeout_s: float | None = None) -> RunResult:
        """Runs a program on these models (`trapline run --bridge`). Its accesses are among those of `stop`."""
        words = Program((program, *args), {}, None, None, timeout_s)
        command = [*find_command(), 'run', '--bridge', self.address, '--', *words.words]
        status, stdout, stderr = execute(command, words, {'TRAPLINE_TEST': self._test})
        return RunResult(words.words, status, stdout, stderr, self.seed, self.folder, is_of_bench=True)

    def stop(self) -> list[Access]:
        """Ends the models. Returns all accesses, those of the test and those of programs; again at each call."""
        if self._accesses is None:
            self.control.close()
            end(self._bridge)
            self._accesses = read_log(self._log, self._described) if self._log.exists() else []
        return self._accesses

    @property
    def registers(self) -> list[Result]:
        """What programs have touched of registers that are described, once the bench has been stopped."""
        return registers_in(self._report)

    @property
    def failed(self) -> bool:
        """A call of the test has raised."""
        return self._noticed

    @property
    def output(self) -> str:
        """What RTL and bridge have printed."""
        return ''.join(f'{line.get("msg", "")}\n' for line in self._lines())

    def unnoticed(self) -> BenchFailed | None:
        """What went wrong with models or bus while no call of the test has raised. The bench has been stopped."""
        errors = [str(line.get('msg')) for line in self._lines() if line.get('level') == _ERROR_LEVEL]
        broken = [str(one) for one in self.stop() if one.status in _BROKEN]
        return BenchFailed([*errors, *broken][0]) if (errors or broken) and not self._noticed else None

    def note(self) -> None:
        """The test knows that something failed."""
        self._noticed = True

    def _await_address(self) -> str:
        assert self._bridge.stdout is not None
        address = self._bridge.stdout.readline().strip()
        if address:
            return address
        self._bridge.wait()
        raise BenchFailed(self.output.strip() or f'trapline serve ended with status {self._bridge.returncode}')

    def _lines(self) -> list[dict[str, object]]:
        text = Path(self._words.name).read_text(encoding='utf-8', errors='replace')
        return [_to_line(line) for line in text.splitlines()]


class _Noticing:
    """Of a call that raises the test knows whatever there is to know."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ControlError):
            self._bench.note()


def _start(setup: Setup, outputs: tuple[Path, Path], words: IO[str]) -> subprocess.Popen[str]:
    log, report = map(str, outputs)
    command = [*find_command(), 'serve', *to_flags(setup), '--log', log, '--report', report]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=words,
        text=True,
        env={**os.environ, 'TRAPLINE_LOG_FORMAT': 'json'},
        preexec_fn=end_with_parent(),
    )


def _to_line(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {'msg': line}
