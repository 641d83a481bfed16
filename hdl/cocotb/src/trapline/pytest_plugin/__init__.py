# SPDX-License-Identifier: Apache-2.0
"""Fixtures and matchers for pytest; installed with the package, pytest finds them by itself.

::

    from trapline.pytest_plugin import assert_accessed

    def test_fifo(trapline_run):
        run = trapline_run("./fifo_test", ["--quick"], models={"fifo": "fifo_small"})
        assert run.status == 0
        assert_accessed(run, {"operation": "read", "device": "fifo0", "offset": 8})

    def test_level(trapline_bench):
        trapline_bench.write("fifo0", 0, 0x11)
        assert trapline_bench.read("fifo0", 4) == 1

Fixtures: `trapline_run`, `trapline_bench`, `trapline_open_bench`, and `trapline_setup`, which suites override.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import pytest

from ..registers import RegisterError
from ._accesses import Access, AccessMismatch, assert_accessed, assert_not_accessed, find_accesses, read_log
from ._bench import Bench
from ._record import Record, Regression
from ._run import Program, RunFailed, RunResult, run_program
from ._seeds import VARIABLE, choose_master_seed, master_seed
from ._session import RegressionPlugin
from ._setup import PathText, Setup

__all__ = [
    'Access',
    'AccessMismatch',
    'Bench',
    'RegisterError',
    'RunFailed',
    'RunResult',
    'Setup',
    'assert_accessed',
    'assert_not_accessed',
    'find_accesses',
    'read_log',
]

_FIXTURES = {'trapline_run', 'trapline_bench', 'trapline_open_bench'}
_REGRESSION = pytest.StashKey[Regression]()
_RECORD = pytest.StashKey[Record]()


class Run(Protocol):
    """What the fixture `trapline_run` gives."""

    def __call__(
        self,
        program: PathText,
        args: Sequence[str] = (),
        *,
        env: Mapping[str, str] | None = None,
        cwd: PathText | None = None,
        input: str | None = None,
        timeout_s: float | None = None,
        **setup: Any,
    ) -> RunResult: ...


class OpenBench(Protocol):
    """What the fixture `trapline_open_bench` gives."""

    def __call__(self, **setup: Any) -> Bench: ...


@pytest.fixture(scope='session')
def trapline_setup() -> Setup:
    """What the tests of a suite have in common, e.g. `{"config": "trapline.config.ts"}`; override it."""
    return {}


@pytest.fixture
def trapline_run(request: pytest.FixtureRequest, trapline_setup: Setup) -> Run:
    """Runs a program under `trapline run`, with models of its own. Further keys: see `Setup`.

    The result has the exit status whatever it is; where it is not the program's own (Trapline failed, or the bus did),
    `RunFailed` is raised with the sentence that says why.
    """
    record = _record_of(request)

    def run(
        program: PathText,
        args: Sequence[str] = (),
        *,
        env: Mapping[str, str] | None = None,
        cwd: PathText | None = None,
        input: str | None = None,
        timeout_s: float | None = None,
        **setup: Any,
    ) -> RunResult:
        words = Program((os.fspath(program), *args), env or {}, cwd, input, timeout_s)
        whole = _whole(record, trapline_setup, setup)
        try:
            result = run_program(words, whole, folder=record.make_folder(), test=record.name)
        except RunFailed as failure:
            record.subjects.append(failure.result)
            raise
        record.subjects.append(result)
        return result

    return run


@pytest.fixture
def trapline_open_bench(request: pytest.FixtureRequest, trapline_setup: Setup) -> Iterator[OpenBench]:
    """Opens benches in a test, each with models of its own. Keys: see `Setup`."""
    record = _record_of(request)
    benches: list[Bench] = []

    def open_bench(**setup: Any) -> Bench:
        bench = Bench(_whole(record, trapline_setup, setup), record.make_folder(), record.name)
        benches.append(bench)
        record.subjects.append(bench)
        return bench

    yield open_bench
    for bench in benches:
        bench.stop()
    unnoticed = [failure for failure in (bench.unnoticed() for bench in benches) if failure]
    if unnoticed and not record.has_failed:
        raise unnoticed[0]


@pytest.fixture
def trapline_bench(trapline_open_bench: OpenBench) -> Bench:
    """A bench with fresh models for this test, which start at their first need."""
    return trapline_open_bench()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup('trapline')
    group.addoption(
        '--trapline-results',
        metavar='DIR',
        help='write a result for each test into DIR, which is emptied, for `trapline report`; '
        'without it only failed tests leave something, in TRAPLINE_RESULTS or trapline-results',
    )


def pytest_configure(config: pytest.Config) -> None:
    wished = config.getoption('--trapline-results')
    inherited: dict[str, Any] = getattr(config, 'workerinput', {})
    try:
        master = inherited.get('trapline_master_seed', master_seed(os.environ))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    if master is None:
        master = choose_master_seed() if wished else 1
    directory = Path(wished or os.environ.get('TRAPLINE_RESULTS') or 'trapline-results')
    whole = inherited.get('trapline_results', config.invocation_params.dir / directory)
    regression = Regression(Path(whole), master, wished is not None)
    config.stash[_REGRESSION] = regression
    is_worker = hasattr(config, 'workerinput')
    if regression.keeps_all and not is_worker and not config.getoption('collectonly'):
        config.pluginmanager.register(RegressionPlugin(regression), 'trapline-regression')


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker of pytest-xdist is about to start."""
    regression = node.config.stash[_REGRESSION]
    node.workerinput['trapline_master_seed'] = regression.master
    node.workerinput['trapline_results'] = str(regression.directory)


def pytest_report_header(config: pytest.Config) -> str | None:
    regression = config.stash[_REGRESSION]
    if not regression.keeps_all:
        return None
    return f'trapline: master seed {regression.master} ({VARIABLE}), results in {regression.directory}'


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    regression = item.config.stash[_REGRESSION]
    if not regression.keeps_all and not _FIXTURES.intersection(getattr(item, 'fixturenames', ())):
        yield
        return
    record = Record(item, regression)
    item.stash[_RECORD] = record
    record.begin()
    yield
    record.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    record = item.stash.get(_RECORD, None)
    if record:
        record.note(call, outcome.get_result())


def _record_of(request: pytest.FixtureRequest) -> Record:
    record: Record | None = request.node.stash.get(_RECORD, None)
    assert record is not None, 'fixtures of trapline are asked for by name, as arguments of tests and fixtures'
    return record


def _whole(record: Record, common: Setup, own: Mapping[str, Any]) -> Setup:
    return cast(Setup, {'seed': record.seed, **common, **own})
