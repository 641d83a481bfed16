# SPDX-License-Identifier: Apache-2.0
"""Somebody kills one of those who are in `bridge.run`: the others end, say why, and leave nothing behind."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from linger import wait_until_gone
from real_trapline import ROOT, environment
from simulation import PACKAGE, needs_icarus

EXAMPLE = ROOT / 'examples/cocotb'

ENDLESS = """
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
int main(void)
{
    volatile unsigned *copier = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/uio0", O_RDWR), 0);
    printf("from %u\\n", copier[0]);
    fflush(stdout);
    for (;;)
        copier[0] = 1;
}
"""


def child_of(pid: int) -> int:
    return int(Path(f'/proc/{pid}/task/{pid}/children').read_text().split()[0])


@needs_icarus
@pytest.mark.parametrize(
    ('victim', 'number', 'words'),
    [
        ('simulator', signal.SIGKILL, 'trapline: model bench ended: the cocotb test that --join leads to went away'),
        ('trapline', signal.SIGKILL, 'trapline: the bridge was killed or crashed; its hosts are ended'),
        ('trapline', signal.SIGTERM, 'AssertionError: assert 143 == 0'),
    ],
)
def test_ends(tmp_path: Path, victim: str, number: signal.Signals, words: str) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / 'cocotb'))
    (folder / 'copy.c').write_text(ENDLESS)
    temporary = tmp_path / 'tmp'
    temporary.mkdir()
    variables = {'TMPDIR': str(temporary), 'PYTHONPATH': str(PACKAGE), 'PYTHONWARNINGS': 'ignore'}
    with subprocess.Popen(
        [sys.executable, 'run.py'],
        cwd=folder,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as runner:
        assert runner.stdout is not None
        before = list(itertools.takewhile(lambda line: line != 'from 0\n', runner.stdout))
        assert runner.poll() is None, ''.join(before)
        simulator = child_of(runner.pid)
        os.kill(simulator if victim == 'simulator' else child_of(simulator), number)
        # Until nobody has it open any more, the program included.
        output = runner.stdout.read()
    assert words in output, ''.join(before) + output
    assert runner.returncode != 0
    assert (wait_until_gone(temporary), list(temporary.iterdir())) == ([], [])
