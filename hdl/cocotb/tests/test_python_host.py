# SPDX-License-Identifier: Apache-2.0
"""examples/python-host: pytest itself as the program under `trapline run`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from real_trapline import COMMAND, ROOT, environment
from trapline.pytest_plugin import read_log

EXAMPLE = ROOT / 'examples/python-host'


def run_pytest(folder: Path, *flags: str, pytest_flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider', '-q', *pytest_flags]
    command = [*COMMAND, 'run', '--config', str(EXAMPLE / 'trapline.config.json'), *flags, '--', *program]
    env = environment(PYTHONDONTWRITEBYTECODE='1')
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def test_the_suite_of_the_example(tmp_path: Path) -> None:
    log = tmp_path / 'accesses.jsonl'
    done = run_pytest(EXAMPLE, '--seed', '1', '--log', str(log))
    assert done.returncode == 0, done.stdout + done.stderr
    assert '5 passed' in done.stdout
    accesses = [(one.operation, one.offset, one.width_bytes) for one in read_log(log)]
    read_back = [('write', 0, 4), ('read', 0, 4)]
    assert accesses[:8] == [('read', 8, 4), *3 * read_back, ('write', 0, 4)]
    assert set(accesses[8:]) == {('read', 4, 4)}


REFUSED = """
import mmap, os
def test_before(): pass
def test_refused():
    device = os.open('/dev/mem', os.O_RDWR)
    memoryview(mmap.mmap(device, 256, offset=0x43c00000)).cast('I')[4]
def test_after(): pass
"""


@pytest.mark.parametrize(
    ('pytest_flags', 'flags', 'status', 'words'),
    [
        # As on hardware: SIGBUS, and pytest's own fault handler names the line.
        ((), (), 135, 'test_refused.py", line 6 in test_refused'),
        (('-n', '1'), (), 1, "worker 'gw0' crashed while running 'test_refused.py::test_refused'"),
    ],
)
def test_a_refused_access_is_sigbus(
    tmp_path: Path, pytest_flags: tuple[str, ...], flags: tuple[str, ...], status: int, words: str
) -> None:
    (tmp_path / 'test_refused.py').write_text(REFUSED)
    report = tmp_path / 'report.json'
    done = run_pytest(tmp_path, *flags, '--report', str(report), pytest_flags=pytest_flags)
    assert words in done.stdout + done.stderr
    assert done.returncode == status
    assert 'SLVERR on read of 4 bytes at blinker0+0x10' in done.stderr
    assert json.loads(report.read_text())['errorCount'] == 1
