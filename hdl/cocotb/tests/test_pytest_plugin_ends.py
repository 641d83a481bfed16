# SPDX-License-Identifier: Apache-2.0
"""Somebody kills pytest in the midst of a run: the bench, the run and the program end, too."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from linger import wait_until_gone
from real_trapline import BASE, environment, write_config

SUITE = f"""
def test_endless(trapline_bench, trapline_run):
    trapline_bench.read('regs0', 0)
    read = 'busybox devmem {BASE:#x}'
    trapline_run('sh', ['-c', f'{{read}} && touch ready && while {{read}}; do :; done'])
"""


def test_pytest_is_killed(tmp_path: Path) -> None:
    folder, temporary = tmp_path / 'suite', tmp_path / 'tmp'
    folder.mkdir()
    temporary.mkdir()
    write_config(folder, {'regs': 'axil_regs'}, {'regs0': {'base': BASE, 'model': 'regs'}})
    (folder / 'test_endless.py').write_text(SUITE)
    with subprocess.Popen(
        [sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider'],
        cwd=folder,
        env=environment(TMPDIR=str(temporary), PYTHONDONTWRITEBYTECODE='1'),
        stdout=subprocess.DEVNULL,
    ) as suite:
        while not (folder / 'ready').exists():
            assert suite.poll() is None
            time.sleep(0.05)
        suite.kill()
    assert wait_until_gone(temporary) == []
