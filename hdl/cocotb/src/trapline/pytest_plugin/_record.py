# SPDX-License-Identifier: Apache-2.0
"""One test as the plugin follows it: its seed, the runs and benches it has, its attempts, its verdict."""

from __future__ import annotations

import datetime
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .._command import CommandNotFound
from ..control import ControlError
from . import _evidence
from ._bench import BenchFailed
from ._evidence import Subject
from ._run import RunFailed
from ._seeds import repeat_command, seed_of
from ._verdicts import Result, Verdict, folder_name

#: Host, model or bridge broke; all else is an expectation that did not hold.
_ERRORS = (RunFailed, BenchFailed, ControlError, CommandNotFound)


@dataclass(frozen=True)
class Regression:
    """What all tests of a run of pytest share.

    :ivar directory: of results and evidence
    :ivar master: seed that those of the tests follow from
    :ivar keeps_all: each test has a result (`--trapline-results`); else those that failed
    """

    directory: Path
    master: int
    keeps_all: bool


@dataclass
class _Attempt:
    status: str = 'passed'
    message: str = ''
    evidence: Result = field(default_factory=dict)


class Record:
    """From before its set-up to after its tear-down; `close` removes what is no evidence."""

    def __init__(self, item: pytest.Item, regression: Regression) -> None:
        self.suite, self.test = names_of(item.nodeid)
        self.seed = seed_of(regression.master, f'{self.suite} > {self.test}')
        self.subjects: list[Subject] = []
        self._earlier: list[Subject] = []
        self._item = item
        self._regression = regression
        self._began = time.monotonic()
        self._started_at = now()
        self._attempts: list[_Attempt] = []
        self._folders: list[Path] = []
        name = folder_name(self.suite, self.test)
        self._verdict = Verdict(regression.directory, name, keeps=regression.keeps_all)

    def begin(self) -> None:
        """Leaves a mark, where there is a regression."""
        if self._regression.keeps_all:
            self._verdict.begin({'suite': self.suite, 'test': self.test, 'startedAt': self._started_at})

    @property
    def name(self) -> str:
        """What runs of this test are called."""
        return f'{self.suite}::{self.test}'

    @property
    def has_failed(self) -> bool:
        """This attempt has, so far."""
        return bool(self._attempts) and self._attempts[-1].status in ('failed', 'error')

    def make_folder(self) -> Path:
        """For one run or bench; goes away with the test."""
        folder = Path(tempfile.mkdtemp(prefix='trapline-pytest-'))
        self._folders.append(folder)
        return folder

    def note(self, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """One phase of the test is over. What failed is written at once, then its evidence is added."""
        if call.when == 'setup':
            self._attempts.append(_Attempt())
        attempt = self._attempts[-1]
        if report.failed and attempt.status in ('passed', 'skipped'):
            self._fail(attempt, call, report)
        elif report.skipped:
            attempt.status, attempt.message = 'skipped', _reason(report)
        if call.when == 'teardown' and attempt.status in ('passed', 'skipped') and self._regression.keeps_all:
            self._verdict.write(self._result())

    def close(self) -> None:
        """The test is over, whatever became of it."""
        self._verdict.end()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _fail(self, attempt: _Attempt, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        error = call.excinfo.value if call.excinfo else None
        is_error = call.when != 'call' or isinstance(error, _ERRORS)
        attempt.status = 'error' if is_error else 'failed'
        attempt.message = str(error) if str(error) else type(error).__name__
        if not (self._regression.keeps_all or self.subjects):
            return
        self._verdict.write(self._result())
        if self.subjects:
            folder = self._verdict.folder / self._subfolder
            attempt.evidence = _evidence.gather(self.subjects, error, folder)
            for subject in self.subjects:
                subject.stop()
            self._verdict.write(self._result())
            report.sections.append(('trapline', _evidence.note(self._result(attempt), folder)))
        self._earlier.extend(self.subjects)
        self.subjects.clear()

    @property
    def _subfolder(self) -> str:
        """The first attempt that failed has the folder of the test."""
        number = len(self._attempts)
        bad = [one for one in self._attempts if one.status in ('failed', 'error')]
        return '' if len(bad) == 1 else f'attempt-{number}'

    def _result(self, attempt: _Attempt | None = None) -> Result:
        """Of the first attempt that did not pass, unless one is named."""
        last = self._attempts[-1]
        bad = next((one for one in self._attempts if one.status in ('failed', 'error')), last)
        status = 'flaky' if bad is not last and last.status == 'passed' else bad.status
        one = attempt or bad
        result: Result = {
            'suite': self.suite,
            'test': self.test,
            'status': status,
            'startedAt': self._started_at,
            'durationMs': round(1000 * (time.monotonic() - self._began)),
            'seed': self.seed,
            'repeat': repeat_command(self._regression.master, self._node_id()),
            **({'message': one.message} if one.message else {}),
            **one.evidence,
        }
        touched = [device for subject in (*self._earlier, *self.subjects) for device in subject.registers]
        if touched:
            result['registers'] = touched
        file, line, _ = self._item.location
        result['location'] = _evidence.location(result) or {'file': file, 'line': (line or 0) + 1}
        if len(self._attempts) > 1:
            result['attempts'] = [self._outline(number) for number in range(1, len(self._attempts) + 1)]
        return result

    def _outline(self, number: int) -> Result:
        attempt = self._attempts[number - 1]
        message = {'message': attempt.message} if attempt.message else {}
        return {'attempt': number, 'status': attempt.status.replace('skipped', 'passed'), **message}

    def _node_id(self) -> str:
        """As pytest takes it in the folder where it was started."""
        path, _, rest = self._item.nodeid.partition('::')
        try:
            relative = self._item.path.relative_to(self._item.config.invocation_params.dir)
        except ValueError:
            relative = Path(path)
        return f'{relative}::{rest}' if rest else str(relative)


def names_of(node_id: str) -> tuple[str, str]:
    """Suite and test, as `trapline run` takes them of pytest's current test."""
    suite, _, test = node_id.partition('::')
    return suite, test or suite


def now() -> str:
    """ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')


def _reason(report: pytest.TestReport) -> str:
    expected = getattr(report, 'wasxfail', None)
    if expected is not None:
        return f'failed as expected: {expected}' if expected else 'failed as expected'
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ''
