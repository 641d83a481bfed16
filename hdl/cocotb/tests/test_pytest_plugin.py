# SPDX-License-Identifier: Apache-2.0
"""The plugin as a suite of a user sees it: real pytest, real `trapline run` and `serve`, real models."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from real_trapline import BASE, COMMAND, MODELS, ROOT, environment, pytest_in, write_config
from trapline.pytest_plugin import Access, AccessMismatch, assert_accessed, assert_not_accessed

EXAMPLE = ROOT / 'examples/regression'

SUITE = """
import pytest
from trapline.pytest_plugin import RunFailed, assert_accessed, assert_not_accessed

READS_DEPTH = {'operation': 'read', 'device': 'fifo0', 'offset': 8, 'width_bytes': 4}

@pytest.fixture(scope='session')
def trapline_setup():
    return {'config': 'trapline.config.json'}

def test_good(trapline_run):
    run = trapline_run('./fifo_test', parameters={'fifo.Depth': 4})
    assert (run.status, run.stdout) == (0, '4 words went through\\n')
    assert_accessed(run, [{**READS_DEPTH, 'value': 4}, {'operation': 'write', 'offset': 0, 'value': 0xF1F00000}])
    assert_not_accessed(run, {'device': 'timer0'})
    assert {one.symbol for one in run.accesses} >= {'check (fifo_test.c:21)'}

def test_bad(trapline_run):
    run = trapline_run('./fifo_test', models={'fifo': 'fifo_bad'})
    assert run.status == 0

def test_expectation(trapline_run):
    run = trapline_run('./fifo_test', parameters={'fifo.Depth': 4})
    assert_accessed(run, [READS_DEPTH, {'operation': 'read', 'device': 'fifo0', 'offset': 4, 'value': 9}])

def test_no_program(trapline_run):
    with pytest.raises(RunFailed, match='nowhere'):
        trapline_run('./nowhere')

def test_bench(trapline_bench):
    trapline_bench.write('fifo0', 0, 0x11)
    assert trapline_bench.run('busybox', ['devmem', '0x43c00004', '32']).stdout == '0x00000001\\n'
    trapline_bench.write('timer0', 0xC, 500)
    trapline_bench.write('timer0', 0, 3)
    before = trapline_bench.cycle('timer')
    trapline_bench.wait_for_interrupt('irq_o', 'timer')
    assert trapline_bench.cycle('timer') - before > 400
    assert [str(one) for one in trapline_bench.stop() if one.device == 'fifo0'] == [
        'write fifo0+0x0 4 B = 0x00000011',
        'read fifo0+0x4 4 B = 0x00000001' + trapline_bench.stop()[1].symbol.join(['  in ', '']),
    ]

def test_bench_fails(trapline_bench):
    trapline_bench.write('fifo0', 0, 0x11)
    assert trapline_bench.read('fifo0', 0) == 0x12

def test_bench_is_refused(trapline_bench):
    trapline_bench.read('fifo0', 0x10)

def test_bench_is_stuck(trapline_open_bench):
    bench = trapline_open_bench(config='stuck.config.json', max_cycles=100)
    assert bench.run('busybox', ['devmem', '0x43c00010', '32']).status == 125

@pytest.mark.skip(reason='not today')
def test_skipped():
    pass
"""


@pytest.fixture(scope='module')
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('suite')
    fifo = {'top': 'fifo', 'sources': [str(EXAMPLE / 'fifo.sv')]}
    models = {
        'fifo': fifo,
        'fifo_bad': {**fifo, 'sources': [str(EXAMPLE / 'fifo_bad.sv')]},
        'timer': {'top': 'axil_timer', 'sources': [str(MODELS / 'axil_timer.sv')]},
    }
    devices = {
        'fifo0': {'kind': 'mem', 'base': BASE, 'size': 0x100, 'model': 'fifo'},
        'timer0': {'kind': 'mem', 'base': BASE + 0x1000, 'size': 0x100, 'model': 'timer'},
    }
    stuck = write_config(folder, {'stuck': 'axil_stuck'}, {'stuck0': {'base': BASE, 'model': 'stuck'}})
    stuck.rename(folder / 'stuck.config.json')
    (folder / 'trapline.config.json').write_text(json.dumps({'models': models, 'devices': devices}))
    (folder / 'test_fifo.py').write_text(SUITE)
    shutil.copy(EXAMPLE / 'fifo_test.c', folder)
    subprocess.run(['gcc', '-g', '-o', 'fifo_test', 'fifo_test.c'], cwd=folder, check=True)
    return folder


@pytest.fixture(scope='module')
def run(suite: Path) -> subprocess.CompletedProcess[str]:
    """All of it, on two workers."""
    return pytest_in(suite, '-n', '2', '--trapline-results', 'results', TRAPLINE_MASTER_SEED='99')


def results_in(folder: Path) -> dict[str, dict[str, Any]]:
    found = [json.loads(file.read_text()) for file in folder.rglob('*.result.json')]
    return {one['test']: one for one in found}


def test_the_verdicts_are_those_of_the_tests(suite: Path, run: subprocess.CompletedProcess[str]) -> None:
    assert 'master seed 99' in run.stdout
    statuses = {name: one['status'] for name, one in results_in(suite / 'results').items()}
    assert statuses == {
        'test_good': 'passed',
        'test_bad': 'failed',
        'test_expectation': 'failed',
        'test_no_program': 'passed',
        'test_bench': 'passed',
        'test_bench_fails': 'failed',
        'test_bench_is_refused': 'error',
        'test_bench_is_stuck': 'error',
        'test_skipped': 'skipped',
    }, run.stdout
    assert {one['suite'] for one in results_in(suite / 'results').values()} == {'test_fifo.py'}


def test_what_failed_names_access_line_seed_and_how_to_repeat_it(
    suite: Path, run: subprocess.CompletedProcess[str]
) -> None:
    bad = results_in(suite / 'results')['test_bad']
    for line in (
        'access 19: read fifo0+0x0 4 B = 0xf1f0000f  in check (fifo_test.c:27)',
        f'seed {bad["seed"]}',
        'repeat: TRAPLINE_MASTER_SEED=99 python -m pytest test_fifo.py::test_bad',
        'where 1 = <./fifo_test: status 1, 19 accesses, seed',
    ):
        assert line in run.stdout
    assert bad['location'] == {'file': 'fifo_test.c', 'line': 27}
    evidence = next((suite / 'results').glob('test_fifo-test_bad-*'))
    left = sorted(file.name for file in evidence.iterdir() if file.suffix != '.json')
    waves = bad['waves']['file']
    stem = waves.removesuffix('.fst')
    assert left == ['accesses.jsonl', 'output.txt', waves, f'{stem}.gtkw', f'{stem}.sucl']
    assert bad['waves']['command'].startswith(f'gtkwave {evidence}')
    assert 'word 0 of 16 is 0xf1f0000f' in (evidence / 'output.txt').read_text()


def test_an_expectation_blames_the_access_that_is_like_it(suite: Path, run: subprocess.CompletedProcess[str]) -> None:
    blamed = results_in(suite / 'results')['test_expectation']['failingAccess']
    assert blamed['message'].startswith('read fifo0+0x4 4 B = 0x00000004  in check (fifo_test.c:22); expected read ')
    assert 'expected read fifo0+0x4 = 0x09, after 1 of 10 accesses:' in run.stdout


def test_a_bench_leaves_its_log(suite: Path, run: subprocess.CompletedProcess[str]) -> None:
    results = results_in(suite / 'results')
    assert results['test_bench_fails']['failingAccess']['message'] == 'read fifo0+0x0 4 B = 0x00000011'
    refused = results['test_bench_is_refused']
    assert refused['message'] == 'read of 4 bytes at fifo0+0x10 was answered with SLVERR'
    assert results['test_bench_is_stuck']['message'].startswith('TIMEOUT on read of 4 bytes at stuck0+0x10')
    assert refused['failingAccess'] == {'seq': 1, 'message': 'read fifo0+0x10 4 B SLVERR'}


@pytest.mark.parametrize(
    'test', ['test_expectation', 'test_bench_fails', 'test_bench_is_refused', 'test_bench_is_stuck']
)
def test_whatever_failed_has_a_waveform_around_the_access(
    suite: Path, run: subprocess.CompletedProcess[str], test: str
) -> None:
    result = results_in(suite / 'results')[test]
    evidence = next((suite / 'results').glob(f'test_fifo-{test}-*'))
    waves = result.get('waves')
    assert waves is not None, result['properties']
    assert (evidence / waves['file']).stat().st_size > 0
    assert waves['command'] == f'gtkwave {evidence / waves["file"]}'
    assert f'waves: {waves["command"]}' in run.stdout
    assert 'araddr' in [signal['name'] for signal in waves['excerpt']['signals']]


def test_one_page_and_junit_tell_it(suite: Path, run: subprocess.CompletedProcess[str]) -> None:
    files = ['-o', 'page.html', '--junit', 'junit.xml']
    made = subprocess.run(
        [*COMMAND, 'report', *files, 'results'], cwd=suite, env=environment(), capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert '5 of 9 tests did not pass' in (suite / 'page.html').read_text()
    assert 'tests="9" failures="3" errors="2"' in (suite / 'junit.xml').read_text()


def test_the_printed_command_repeats_it_with_the_same_seed(suite: Path, run: subprocess.CompletedProcess[str]) -> None:
    seed = results_in(suite / 'results')['test_bad']['seed']
    again = pytest_in(suite, 'test_fifo.py::test_bad', TRAPLINE_MASTER_SEED='99', TRAPLINE_RESULTS='again')
    assert f'seed {seed}\n' in again.stdout
    assert list(results_in(suite / 'again')) == ['test_bad']
    logs = [next((suite / folder).glob('*test_bad-*/accesses.jsonl')).read_text() for folder in ('results', 'again')]
    plain = [re.sub(r'"(pid|tid)":\d+|"pc":"\w+"', '', log) for log in logs]
    assert plain[0] == plain[1]


def test_what_passes_leaves_nothing(suite: Path, run: subprocess.CompletedProcess[str]) -> None:
    done = pytest_in(suite, 'test_fifo.py::test_bench', TRAPLINE_RESULTS='nothing')
    assert '1 passed' in done.stdout
    assert not (suite / 'nothing').exists()


LOOSE = """
import os
def test_first(): assert False
def test_second(): pass
def test_crashes(): os._exit(3)
"""


def test_what_was_planned_and_never_ran_is_an_error(tmp_path: Path) -> None:
    (tmp_path / 'test_loose.py').write_text(LOOSE)
    (tmp_path / 'test_broken.py').write_text('import nothing_of_that_name\n')
    pytest_in(tmp_path, '-x', 'test_loose.py', '--trapline-results', 'results')
    statuses = {name: one['status'] for name, one in results_in(tmp_path / 'results').items()}
    assert statuses['test_first'] == 'failed'
    assert statuses['test_second'] == statuses['test_crashes'] == 'not-run'
    pytest_in(tmp_path, '-n', '1', '-k', 'crashes', '--trapline-results', 'results')
    found = results_in(tmp_path / 'results')
    assert {name: one['status'] for name, one in found.items()} == {'test_crashes': 'begun', 'is collected': 'error'}
    assert 'nothing_of_that_name' in found['is collected']['message']


def test_a_suite_without_our_fixtures_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / 'test_loose.py').write_text(LOOSE)
    done = pytest_in(tmp_path, '-k', 'first or second')
    assert '1 failed, 1 passed' in done.stdout
    assert not (tmp_path / 'trapline-results').exists()


def test_a_folder_with_other_files_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / 'test_loose.py').write_text(LOOSE)
    done = pytest_in(tmp_path, '--trapline-results', '.')
    assert f'{tmp_path} holds other files; name another folder for the results' in done.stdout + done.stderr
    assert (tmp_path / 'test_loose.py').exists()


def access(seq: int, operation: str, offset: int, value: int | None, status: str = 'OKAY') -> Access:
    return Access(seq, operation, 'gpio0', offset, 4, value, status, 0, 2, 20_000)


ACCESSES = [access(1, 'write', 0, 0x11), access(2, 'read', 4, 0xAB01), access(3, 'read', 8, None, 'SLVERR')]


@pytest.mark.parametrize(
    ('expected', 'exactly'),
    [
        ({'offset': 4, 'value': 1, 'mask': 0xFF}, False),
        ([{'operation': 'write'}, {'status': 'SLVERR'}], False),
        ([{'value': 0x11}, {'offset': 4}, {'offset': 8}], True),
    ],
)
def test_accesses_that_are_there(expected: Any, exactly: bool) -> None:
    assert_accessed(ACCESSES, expected, exactly=exactly)


@pytest.mark.parametrize(
    ('expected', 'exactly', 'words', 'guilty'),
    [
        ([{'offset': 4}, {'offset': 0}], False, 'expected access 0x0, after 2 of 3 accesses:', 3),
        ({'offset': 8, 'value': 0}, False, 'expected access 0x8 = 0x00, from the first access on:', 3),
        ([{'offset': 0}], True, 'expected no more accesses, after 1 of 3 accesses:', 2),
        ([{}, {}, {}, {'device': 'uart'}], True, 'expected access uart, after 3 of 3 accesses:', None),
    ],
)
def test_accesses_that_are_not(expected: Any, exactly: bool, words: str, guilty: int | None) -> None:
    with pytest.raises(AccessMismatch) as missed:
        assert_accessed(ACCESSES, expected, exactly=exactly)
    assert str(missed.value).split('\n')[0] == words
    blame = missed.value.blame
    assert (blame.access.seq if blame else None) == guilty


def test_accesses_that_must_not_be() -> None:
    assert_not_accessed(ACCESSES, {'offset': 12})
    with pytest.raises(AccessMismatch, match=r'^did not expect access gpio0 SLVERR:\n→ 3: read gpio0\+0x8 4 B SLVERR$'):
        assert_not_accessed(ACCESSES, {'device': 'gpio0', 'status': 'SLVERR'})
    with pytest.raises(TypeError, match='an expected access has no adress; its keys are operation'):
        assert_not_accessed(ACCESSES, {'adress': 12})
