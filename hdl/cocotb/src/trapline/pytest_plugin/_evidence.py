# SPDX-License-Identifier: Apache-2.0
"""What a failed test hands over: the log with the places in the program, what was printed, the waveform around the
access that is to blame where the run has made one, and how to repeat it. Paths in it start at its folder."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from .._child import end_with_parent
from .._command import CommandNotFound, find_command
from ._accesses import Access, AccessMismatch, Blame
from ._setup import PathText
from ._verdicts import Result

_LOG = 'accesses.jsonl'
_OUTPUT = 'output.txt'
_WAVES = 'waves.fst'
#: Of what a program printed, in the result; all of it stands in the file.
_SHOWN_CHARS = 64_000


class Subject(Protocol):
    """A run or a bench that a test has had."""

    folder: Path
    replay_flags: list[str] | None
    """What `trapline replay` needs to make its accesses again on the same models; None where it has a waveform."""
    cwd: PathText | None
    """Where names of files in them begin."""

    @property
    def registers(self) -> list[Result]:
        """What its programs have touched of registers, once it has been stopped."""

    @property
    def failed(self) -> bool:
        """By its own verdict."""

    @property
    def output(self) -> str:
        """What programs, RTL and Trapline printed."""

    def stop(self) -> list[Access]:
        """Ends what still runs. Returns all accesses."""


def gather(subjects: Sequence[Subject], error: BaseException | None, folder: Path) -> Result:
    """Copies the evidence into the folder, and says what it is, as a result has it."""
    blame = error.blame if isinstance(error, AccessMismatch) else None
    subject = _guilty(subjects, blame)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _OUTPUT).write_text(subject.output, encoding='utf-8')
    accesses = subject.stop()
    own = _own_result(subject.folder / 'results')
    evidence = _copy_own(own, folder) if own else {}
    log = subject.folder / _LOG
    if 'log' not in evidence and log.exists():
        shutil.copyfile(log, folder / _LOG)
        evidence['log'] = _LOG
    failing = _failing(accesses, blame)
    if failing and (blame or 'failingAccess' not in evidence):
        evidence['failingAccess'] = failing
    properties = evidence.setdefault('properties', {})
    properties.update(_versions())
    if evidence.get('log') == _LOG and 'failingAccess' in evidence and not {'waves'} & {*evidence, *properties}:
        waves = _waves_of(subject, evidence['failingAccess']['seq'], folder)
        where = properties if isinstance(waves, str) else evidence
        where['waves'] = waves
    return {**evidence, 'output': subject.output[-_SHOWN_CHARS:]}


def note(result: Result, folder: Path) -> str:
    """One fact a line, those that are not known left out; as `trapline run` and `trapline/vitest` print them."""
    access, waves = result.get('failingAccess'), result.get('waves')
    lines = [
        f'seed {result["seed"]}',
        f'access {access["seq"]}: {access["message"]}' if access else '',
        f'evidence: {folder}' if 'log' in result else '',
        f'waves: {waves["command"]}' if waves else '',
        f'repeat: {result["repeat"]}',
    ]
    return '\n'.join(filter(None, lines))


def location(result: Result) -> dict[str, Any] | None:
    """The line of the program that made the access, where its file is one of the current folder."""
    access = result.get('failingAccess') or {}
    found = re.search(r' \(([^():]+):(\d+)\)', access.get('message', ''))
    return {'file': found[1], 'line': int(found[2])} if found and Path(found[1]).exists() else None


def _guilty(subjects: Sequence[Subject], blame: Blame | None) -> Subject:
    """The one that the expectation was about, else the last that failed, else the last."""
    if blame:
        of_blame = (one for one in subjects if any(access is blame.access for access in one.stop()))
        found = next(of_blame, None)
        if found:
            return found
    return next((one for one in reversed(subjects) if one.failed), subjects[-1])


def _failing(accesses: Sequence[Access], blame: Blame | None) -> dict[str, Any] | None:
    if blame:
        return {'seq': blame.access.seq, 'message': f'{blame.access}; {blame.sentence.rstrip(":")}'}
    refused = [one for one in accesses if one.status != 'OKAY']
    last = (refused or list(accesses))[-1:]
    return {'seq': last[0].seq, 'message': str(last[0])} if last else None


def _own_result(results: Path) -> tuple[Path, dict[str, Any]] | None:
    """What `trapline run` itself has left, if it did not pass."""
    for file in sorted(results.rglob('*.result.json')):
        found = json.loads(file.read_text(encoding='utf-8'))
        if found['status'] in ('failed', 'error'):
            return file, found
    return None


def _copy_own(own: tuple[Path, dict[str, Any]], folder: Path) -> dict[str, Any]:
    file, result = own
    for one in file.parent.iterdir():
        if one.is_file() and one != file and one.name != _OUTPUT:
            shutil.copyfile(one, folder / one.name)
    evidence = {key: result[key] for key in ('log', 'failingAccess', 'waves', 'properties') if key in result}
    if 'waves' in evidence:
        waves = evidence['waves']
        waves['command'] = waves['command'].replace(str(file.parent), str(folder))
        if not (folder / waves['file']).exists():
            waves['file'] = os.path.relpath(file.parent / waves['file'], folder)
    return evidence


def _waves_of(subject: Subject, seq: int, folder: Path) -> dict[str, Any] | str:
    """The waveform around an access, made after the fact, or why there is none."""
    if subject.replay_flags is None:
        return 'none: the test has one of its own'
    flags = ['--trace', str(folder / _WAVES), '--around', str(seq), *subject.replay_flags]
    try:
        made = subprocess.run(
            [*find_command(), 'replay', *flags, str(folder / _LOG)],
            cwd=subject.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=end_with_parent(),
        )
    except (OSError, CommandNotFound) as error:
        return f'none: {error}'
    if made.returncode != 0:
        last = made.stderr.strip().splitlines()[-1:] or [f'trapline replay ended with status {made.returncode}']
        return f'none: {last[0].removeprefix("trapline: ").removeprefix("no waveform: ")}'
    waves = json.loads(made.stdout)
    file = Path(waves['file'])
    return {**waves, 'file': file.name, 'command': f'gtkwave {folder / file.name}'}


def _versions() -> dict[str, str]:
    return {'python': f'{platform.python_version()}, pytest {pytest.__version__}'}
