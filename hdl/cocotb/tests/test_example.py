# SPDX-License-Identifier: Apache-2.0
"""examples/cocotb: a bench in the style that people have, with production software and without Trapline."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from real_trapline import COMMAND, ROOT, environment
from simulation import PACKAGE, needs_icarus

EXAMPLE = ROOT / 'examples/cocotb'
OWN = {'registers_keep_their_values', 'words_are_copied', 'the_interrupt_falls_when_it_is_told'}
NEW = 'the_driver_passes_its_self_test'


@pytest.fixture
def example(tmp_path: Path) -> Path:
    folder = tmp_path / 'cocotb'
    ignored = shutil.ignore_patterns('copy', 'sim_*', '__pycache__', 'results.xml')
    return Path(shutil.copytree(EXAMPLE, folder, ignore=ignored))


def run(folder: Path, command: list[str], **variables: str) -> tuple[dict[str, str], str]:
    """What became of each test, and what was printed."""
    path = str(Path(sys.executable).parent)
    env = environment(**{'PYTHONPATH': str(PACKAGE), 'PYTHONWARNINGS': 'ignore', **variables})
    env['PATH'] = f'{path}:{env["PATH"]}'
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    results = next(iter(folder.rglob('results.xml')), None)
    assert results is not None, done.stdout
    cases = ElementTree.parse(results).iter('testcase')
    return {case.get('name', ''): outcome_of(case) for case in cases}, done.stdout


def outcome_of(case: ElementTree.Element) -> str:
    return next((one.tag for one in case if one.tag in ('failure', 'error', 'skipped')), 'passed')


@needs_icarus
def test_the_driver_runs_in_the_bench_by_its_runner(example: Path) -> None:
    outcomes, output = run(example, [sys.executable, 'run.py'])
    assert outcomes == dict.fromkeys([*OWN, NEW], 'passed'), output
    assert '64 words were copied\n' in output


@needs_icarus
def test_it_fails_with_the_driver(example: Path) -> None:
    driver = example / 'copy.c'
    driver.write_text(driver.read_text().replace('copier->count = WORDS', 'copier->count = WORDS - 1'))
    outcomes, output = run(example, ['make'])
    assert outcomes == {**dict.fromkeys(OWN, 'passed'), NEW: 'failure'}, output
    assert 'the copy is not the same\n' in output


@needs_icarus
def test_its_own_tests_pass_without_trapline(example: Path, tmp_path: Path) -> None:
    hidden = tmp_path / 'hidden'
    hidden.mkdir()
    (hidden / 'sitecustomize.py').write_text("import sys\nsys.modules['trapline'] = None\n")
    outcomes, output = run(example, ['make'], PYTHONPATH=str(hidden), PYTEST_DISABLE_PLUGIN_AUTOLOAD='1')
    assert outcomes == {**dict.fromkeys(OWN, 'passed'), NEW: 'skipped'}, output


def test_ten_lines_are_new() -> None:
    lines = [line for line in (EXAMPLE / 'test_copier.py').read_text().split('\n') if line.strip()]
    begin = next(i for i, line in enumerate(lines) if line.startswith('@cocotb.test(skip='))
    assert len(lines[begin:]) + lines.count('import importlib.util') <= 10
    assert not any(re.search(r'trapline|importlib', line) for line in lines[:begin] if 'import importlib' not in line)


def test_the_same_configuration_runs_it_on_verilator(example: Path) -> None:
    subprocess.run(['cc', '-g', '-o', 'copy', 'copy.c'], cwd=example, check=True)
    done = subprocess.run(
        [*COMMAND, 'run', '--', './copy'], cwd=example, env=environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, '64 words were copied\n'), done.stderr
