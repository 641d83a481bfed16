# SPDX-License-Identifier: Apache-2.0
"""A whole run of pytest as a regression (`--trapline-results`): the folder, its mark, and what never came to its end.
With pytest-xdist this is the controller's part; workers write the results of their own tests."""

from __future__ import annotations

import pytest

from ._record import Regression, names_of, now
from ._verdicts import Verdict, folder_name, make_directory


class RegressionPlugin:
    """Registered where there is a regression, and not in workers."""

    def __init__(self, regression: Regression) -> None:
        self._regression = regression
        self._started_at = now()
        self._planned: set[str] = set()
        self._reported: set[str] = set()
        self._uncollected: set[str] = set()
        self._whole = Verdict(regression.directory, 'regression', keeps=True)

    def pytest_sessionstart(self) -> None:
        make_directory(self._regression.directory)
        self._whole.begin({'suite': 'pytest', 'test': 'runs to its end', 'startedAt': self._started_at})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and report.nodeid not in self._uncollected:
            self._uncollected.add(report.nodeid)
            self._write(report.nodeid or 'pytest', 'is collected', 'error', str(report.longrepr))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        self._planned.update(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reported.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self._planned.update(item.nodeid for item in getattr(session, 'items', None) or [])
        for node_id in sorted(self._planned - self._reported):
            self._write(*names_of(node_id), 'not-run', '')
        if exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            self._write('pytest', 'runs to its end', 'error', 'the regression was interrupted')
        self._whole.end()

    def _write(self, suite: str, test: str, status: str, message: str) -> None:
        facts = {'suite': suite, 'test': test, 'status': status, 'startedAt': self._started_at, 'durationMs': 0}
        verdict = Verdict(self._regression.directory, folder_name(suite, test), keeps=True)
        verdict.write({**facts, **({'message': message} if message else {})})
