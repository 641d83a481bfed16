# SPDX-License-Identifier: Apache-2.0
"""Our own managers on Icarus Verilog: each case is a cocotb test of sim_*.py; one simulation a bus runs them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulation import RTL, cases_of, needs_icarus, simulate

SIMULATIONS = {
    'sim_axi4_lite': ('axil_bench', {}),
    'sim_axi4': ('axi4_bench', {}),
    'sim_apb': ('apb_bench', {}),
    'sim_wishbone': ('wb_bench', {}),
    'sim_foreign': ('axil_bench', {}),
    'sim_foreign_axi4': ('axi4_bench', {}),
    'sim_foreign_apb': ('apb_bench', {}),
}


@pytest.fixture(scope='module')
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Of all simulations that have run, by module and case."""
    return {}


@needs_icarus
@pytest.mark.parametrize(
    ('module', 'case'), [(module, case) for module in SIMULATIONS for case in cases_of(module)], scope='module'
)
def test_manager(
    module: str, case: str, outcomes: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    if module not in outcomes:
        top, parameters = SIMULATIONS[module]
        folder: Path = tmp_path_factory.mktemp(module)
        outcomes[module] = simulate(module, top, [RTL / f'{top}.sv'], folder, parameters)
    words = outcomes[module].get(case, 'the simulation did not come to it')
    if words:
        pytest.fail(words, pytrace=False)
