# SPDX-License-Identifier: Apache-2.0
"""examples/pytest as it is shipped: three green tests and a red one, their results, and the types of the registers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from real_trapline import COMMAND, ROOT, environment, pytest_in
from simulation import PACKAGE

EXAMPLE = ROOT / 'examples/pytest'

WRONG = [
    "bench.reg('lamp1')",
    "bench.reg('lamp0').LEVL.read()",
    "bench.reg('lamp0').LEVEL.write(1)",
    "bench.reg('lamp0').CTRL.write(SPEED=1)",
    "bench.reg('lamp0').CTRL.write(MODE='FASTER')",
    "bench.reg('lamp0').STATUS.write(MOVING=1)",
    "bench.reg('lamp0').STATUS.read_fields()['READY']",
]


@pytest.fixture(scope='module')
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('example') / 'pytest'
    ignored = shutil.ignore_patterns('fade', 'dimmer_registers.py', '__pycache__', '.*', 'trapline-results')
    return Path(shutil.copytree(EXAMPLE, folder, ignore=ignored))


@pytest.fixture(scope='module')
def run(example: Path) -> subprocess.CompletedProcess[str]:
    return pytest_in(example, '--trapline-results', 'trapline-results', PYTHONPATH=str(PACKAGE))


def trapline(folder: Path, *args: str) -> str:
    done = subprocess.run([*COMMAND, *args], cwd=folder, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_is_red_at_the_line_of_the_driver(run: subprocess.CompletedProcess[str]) -> None:
    assert '1 failed, 3 passed' in run.stdout, run.stdout
    assert 'expected read LEVEL VALUE=12, after 7 of 8 accesses:' in run.stdout
    assert '→ 8: read lamp0+0x8 4 B = 0x0000000b (LEVEL.VALUE=0xb)  in main (fade.c:26)' in run.stdout


def test_results_tell_what_was_touched(example: Path, run: subprocess.CompletedProcess[str]) -> None:
    files = ('-o', 'page.html', '--junit', 'junit.xml', '--json', 'all.json')
    trapline(example, 'report', *files, 'trapline-results')
    results: list[dict[str, Any]] = json.loads((example / 'all.json').read_text())['results']
    red = next(one for one in results if one['status'] == 'failed')
    assert (red['suite'], red['location']) == ('test_dimmer.py', {'file': 'fade.c', 'line': 26})
    assert 'in main (fade.c:26)' in (example / 'junit.xml').read_text()
    page = (example / 'page.html').read_text()
    # The drivers have been everywhere, but never jumped: what a test does itself is no software.
    assert '<td>lamp0</td><td>4 of 4 (100 %)</td><td>6 of 6 (100 %)</td><td>1 of 2 (50 %)</td>' in page
    assert 'CTRL.MODE=JUMP' in page


@pytest.mark.parametrize('name', ['dimmer_registers.py', 'dimmer_registers.pyi'])
def test_types_hold_what_is_right_and_nothing_else(example: Path, name: str) -> None:
    trapline(example, 'registers', '--types', name)
    assert check(example, 'test_dimmer.py') == []
    head = ['from dimmer_registers import Bench', 'def wrong(bench: Bench) -> None:']
    (example / 'wrong.py').write_text('\n'.join([*head, *(f'    {line}' for line in WRONG), '']))
    assert sorted({int(line.split(':')[1]) - 3 for line in check(example, 'wrong.py')}) == list(range(len(WRONG)))
    (example / name).unlink()


def check(folder: Path, file: str) -> list[str]:
    """What mypy has to say of it."""
    command = [sys.executable, '-m', 'mypy', '--strict', '--no-error-summary', '--cache-dir', 'mypy', file]
    env = {**environment(), 'MYPYPATH': str(PACKAGE)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.stderr == ''
    return [line for line in done.stdout.splitlines() if ': error:' in line]
