# SPDX-License-Identifier: Apache-2.0
"""Runs of one seed are one run; another seed is another."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

from served_simulation import simulation
from simulation import needs_icarus

pytestmark = needs_icarus
ROUNDS = int(os.environ.get('TRAPLINE_SEED_ROUNDS', '2'))
STALLS = {'aw': 30, 'w': 30, 'b': 20, 'ar': 40, 'r': 20}


def run(built: Path, folder: Path, seed: int) -> str:
    """A host that does a bit of everything; what the model wrote down, without wall clocks."""
    log, events = folder / 'log.jsonl', folder / 'events.jsonl'
    folder.mkdir()
    random_ = random.Random(1)
    with simulation(built, folder / 'run', seed=seed, stall=STALLS, log=str(log), events=str(events)) as running:
        link = running.link
        link.open_session(a={'port': 0}, b={'port': 1})
        link.write(0x10, (200).to_bytes(4, 'little'))
        for _ in range(40):
            offset, width, device = random_.randrange(0x24), random_.randrange(1, 9), random_.choice([1, 2])
            if offset + width > 0x10:
                link.read(0x0C, 4, device=device)
            elif random_.random() < 0.5:
                link.write(offset, random_.randbytes(width), device=device)
            else:
                link.read(offset, width, device=device)
        link.ask('run', {'cycles': 1000, 'until_interrupt': True})
        link.ask('reset')
        link.ask('advance', {'cycles': 100})
        link.read(0)
        link.ask('stop')
        link.rest()
        running.output()
    return re.sub(r',"wallNs":\d+', '', log.read_text() + events.read_text())


def test_runs_of_one_seed_are_identical(built: Path, tmp_path: Path) -> None:
    first = run(built, tmp_path / 'first', 7)
    assert first.count('"status":"OKAY"') == 42
    assert '"kind":"interrupt"' in first
    for n in range(1, ROUNDS):
        assert run(built, tmp_path / str(n), 7) == first
    assert run(built, tmp_path / 'other', 8) != first
