# SPDX-License-Identifier: Apache-2.0
"""Managers and subordinates on Icarus Verilog: each case is a cocotb test of sim_*.py, one simulation for each file."""

from __future__ import annotations

import pytest
from simulation import MODELS, RTL, cases_of, needs_icarus, simulate

SIMULATIONS = {
    'sim_axi4_lite': 'axil_bench',
    'sim_axi4': 'axi4_bench',
    'sim_apb': 'apb_bench',
    'sim_wishbone': 'wb_bench',
    'sim_foreign': 'axil_bench',
    'sim_foreign_axi4': 'axi4_bench',
    'sim_foreign_apb': 'apb_bench',
    'sim_subordinates': 'axi_wires',
    'sim_dma': 'dma_bench',
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
        top = SIMULATIONS[module]
        folder = tmp_path_factory.mktemp(module)
        ours = [MODELS / 'axi_dma.sv'] if top == 'dma_bench' else []
        sources = [*ours, RTL / f'{top}.sv']
        outcomes[module] = simulate(module, top, sources, folder)
    words = outcomes[module].get(case, 'the simulation did not come to it')
    if words:
        pytest.fail(words, pytrace=False)
