# SPDX-License-Identifier: Apache-2.0
"""One program under `trapline run`, from its start to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .._child import end_with_parent
from .._command import find_command
from ._accesses import Access, Describe, read_log
from ._described import Described
from ._setup import PathText, Setup, to_flags, to_replay_flags
from ._verdicts import Result

#: For pytest: a failed call is shown where the test made it.
__tracebackhide__ = True

#: Between SIGTERM and SIGKILL, seconds: a run ends within 2 s of a signal where it is given a processor and a disk.
_PATIENCE_S = 20.0
_PREFIX = 'trapline: '
#: The result of a test is the plugin's to write.
_NOT_FOR_RUNS = ('TRAPLINE_RESULTS',)


class RunFailed(Exception):
    """Trapline failed, or the bus, or the program can't be run: its exit status is not the program's own.

    :ivar result: of the run, as far as it got
    """

    def __init__(self, message: str, result: RunResult) -> None:
        super().__init__(message)
        self.result = result


@dataclass
class RunResult:
    """What came of a program.

    :ivar program: its words, the program first
    :ivar status: exit status as `trapline run` gives it: the program's own, or 128 + the signal that ended it
    :ivar stdout: what it printed
    :ivar stderr: what it printed there, and Trapline's own lines, which begin with `trapline: `
    :ivar accesses: of the program and its children, oldest first
    :ivar seed: power-up state, idle lanes and stalls followed from it
    :ivar folder: holds the log and what the run has left; goes away with the test
    :ivar registers: what the program has touched of registers that are described, as `trapline run --report` has it
    :ivar described: reads what describes the registers of its devices; None where nobody knows
    :ivar is_of_bench: its accesses are not here, but among those that the bench's `stop` gives
    :ivar replay_flags: what `trapline replay` needs for the same models, in the folder `cwd`; None where there is a
        waveform
    """

    program: tuple[str, ...]
    status: int
    stdout: str
    stderr: str
    seed: int
    folder: Path
    accesses: list[Access] = field(default_factory=list)
    replay_flags: list[str] | None = None
    cwd: PathText | None = None
    described: Describe | None = None
    registers: list[Result] = field(default_factory=list)
    is_of_bench: bool = False

    @property
    def sentences(self) -> list[str]:
        """Trapline's own lines, without their prefix."""
        return [line[len(_PREFIX) :] for line in self.stderr.splitlines() if line.startswith(_PREFIX)]

    @property
    def failed(self) -> bool:
        """Its status is not 0."""
        return self.status != 0

    @property
    def output(self) -> str:
        """All that program and Trapline have printed."""
        return self.stdout + self.stderr

    def stop(self) -> list[Access]:
        """It has ended."""
        return self.accesses

    def __repr__(self) -> str:
        """Short: it stands in the messages of failed assertions."""
        last = self.stderr.strip().splitlines()[-1:] or self.stdout.strip().splitlines()[-1:]
        words = f': {last[0]}' if last and self.status else ''
        count = len(self.accesses)
        return f'<{self.program[0]}: status {self.status}, {count} accesses, seed {self.seed}{words}>'


@dataclass(frozen=True)
class Program:
    """What is to be run, and how it is started."""

    words: tuple[str, ...]
    env: Mapping[str, str]
    cwd: PathText | None
    input: str | None
    timeout_s: float | None


def run_program(program: Program, setup: Setup, *, folder: Path, test: str) -> RunResult:
    """Runs it under `trapline run`.

    :param folder: empty, takes the log and the evidence
    :param test: `SUITE::TEST`, what the run is called
    :raises RunFailed: if the exit status is not the program's own
    :raises subprocess.TimeoutExpired: after `timeout_s` seconds; nothing of the run is left then
    """
    files = {name: folder / name for name in ('accesses.jsonl', 'report.json', 'results')}
    wishes = ['--log', files['accesses.jsonl'], '--report', files['report.json'], '--results', files['results']]
    command = [*find_command(), 'run', *to_flags(setup), *map(str, wishes), '--', *program.words]
    status, stdout, stderr = execute(command, program, {'TRAPLINE_TEST': test})
    log = files['accesses.jsonl']
    described = Described(setup, program.cwd)
    accesses = read_log(log, described) if log.exists() else []
    result = RunResult(program.words, status, stdout, stderr, setup['seed'], folder, accesses)
    result.described, result.registers = described, registers_in(files['report.json'])
    result.replay_flags, result.cwd = to_replay_flags(setup), program.cwd
    failure = _failure(result, files['report.json'])
    if failure is not None:
        raise RunFailed(failure, result)
    return result


def execute(command: Sequence[str], program: Program, variables: Mapping[str, str]) -> tuple[int, str, str]:
    """Runs a command line to its end, whatever happens to the test: exit status, stdout and stderr."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_RUNS}
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if program.input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors='replace',
        cwd=program.cwd,
        env={**inherited, **program.env, **variables},
        preexec_fn=end_with_parent(),
    )
    try:
        stdout, stderr = child.communicate(program.input, timeout=program.timeout_s)
    except BaseException:
        end(child)
        raise
    return child.returncode if child.returncode >= 0 else 128 - child.returncode, stdout, stderr


def end(child: subprocess.Popen[str]) -> None:
    """Ends a bridge in order, and all that it has started."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def registers_in(report: Path) -> list[Result]:
    """What programs have touched of registers, by device; nothing where none are described, or there is no report."""
    try:
        found: list[Result] = json.loads(report.read_text(encoding='utf-8')).get('registers', [])
    except (OSError, ValueError):
        return []
    return found


def _failure(result: RunResult, report: Path) -> str | None:
    """Why the exit status is not the program's own. Without a report Trapline did not get as far as its end."""
    try:
        failure = json.loads(report.read_text(encoding='utf-8')).get('failure')
    except (OSError, ValueError):
        failure = (result.sentences or [f'status {result.status}'])[-1]
    return None if failure is None else str(failure)
