# SPDX-License-Identifier: Apache-2.0
"""Tests of one module, one after the other in one simulation: each has its own verdict, whatever became of the last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from real_trapline import environment
from simulation import HERE, RTL, needs_icarus, simulate

WORDS = {
    'parametrized/value=1/is_right=True': '',
    'parametrized/value=1/is_right=False': '1 is wrong',
    'parametrized/value=2/is_right=True': '',
    'parametrized/value=2/is_right=False': '2 is wrong',
    'made_001': '',
    'made_002': '',
    'a_coroutine_beside_the_program_fails': 'nobody expected that write',
    'time_is_up': 'SimTimeoutError',
    'the_next_test_has_a_fresh_bridge': '',
    'one_run_at_a_time': '',
}


@pytest.fixture(scope='module')
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    variables = environment()
    wanted = {name: variables[name] for name in ('TRAPLINE', 'TRAPLINE_CACHE')}
    folder: Path = tmp_path_factory.mktemp('several')
    return simulate(
        'sim_several', 'two_registers', [RTL / 'registers.sv', RTL / 'two_registers.sv'], folder, None, wanted
    )


@needs_icarus
@pytest.mark.parametrize('case', WORDS)
def test_has_its_own_verdict(case: str, outcomes: dict[str, str]) -> None:
    words = outcomes.get(case, 'the simulation did not come to it')
    if WORDS[case]:
        assert WORDS[case] in words
    elif words:
        pytest.fail(words, pytrace=False)


@needs_icarus
def test_are_all_that_ran(outcomes: dict[str, str]) -> None:
    assert {*outcomes} - {*WORDS} == set()


@needs_icarus
def test_the_run_blames_the_line_of_the_bench(outcomes: dict[str, str]) -> None:
    printed = outcomes['a_coroutine_beside_the_program_fails']
    source = (HERE / 'sim_several.py').read_text().splitlines()
    line = 1 + next(number for number, text in enumerate(source) if 'raise ScoreboardError' in text)
    fault = f'ended by an exception in its test bench at sim_several.py:{line}, cycle '
    assert re.search(rf'trapline: model dut {re.escape(fault)}\d+, .*: ScoreboardError: nobody expected that', printed)
    assert 'SimTimeoutError: the cocotb test time_is_up came to its time limit' in printed
