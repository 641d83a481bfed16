"""What pytest says of a lamp: `pytest`. One of the tests is red, for the model dimmer_bad has a bug."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from trapline.pytest_plugin import Run, Setup, assert_accessed, assert_not_accessed

if TYPE_CHECKING:
    from dimmer_registers import Bench  # npx trapline registers --types dimmer_registers.py


@pytest.fixture(scope='session')
def trapline_setup() -> Setup:
    return {'config': 'trapline.config.json'}


@pytest.fixture(scope='session', autouse=True)
def driver() -> None:
    subprocess.run(['gcc', '-g', '-o', 'fade', 'fade.c'], check=True)


def test_jumps(trapline_bench: Bench) -> None:
    lamp = trapline_bench.reg('lamp0')
    lamp.TARGET.write(200)
    lamp.CTRL.write(EN=1, MODE='JUMP')
    assert lamp.LEVEL.read() == 200
    assert lamp.STATUS.read_fields() == {'MOVING': 0, 'DONE': 1}


def test_fades_one_step_a_cycle(trapline_bench: Bench) -> None:
    lamp = trapline_bench.reg('lamp0')
    lamp.TARGET.write(200)
    lamp.CTRL.modify(EN=1, MODE='FADE')
    trapline_bench.advance(50)
    assert 50 <= lamp.LEVEL.read() < 100
    trapline_bench.advance(200)
    assert lamp.LEVEL.read() == 200


@pytest.mark.parametrize('model', ['dimmer', 'dimmer_bad'])
def test_the_driver_comes_to_its_level(trapline_run: Run, model: str) -> None:
    run = trapline_run('./fade', ['12'], models={'dimmer': model})
    assert_accessed(run, [
        {'operation': 'write', 'register': 'TARGET', 'value': 12},
        {'operation': 'write', 'register': 'CTRL', 'fields': {'EN': 1, 'MODE': 'FADE'}},
        {'operation': 'write', 'register': 'STATUS', 'fields': {'DONE': 1}},
        {'operation': 'read', 'register': 'LEVEL', 'fields': {'VALUE': 12}},
    ])
    assert_not_accessed(run, {'register': 'CTRL', 'fields': {'MODE': 'JUMP'}})
    assert (run.status, run.stdout) == (0, 'the lamp is at 12\n')
