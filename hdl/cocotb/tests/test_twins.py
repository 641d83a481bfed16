# SPDX-License-Identifier: Apache-2.0
"""A device in VHDL answers as its twin in SystemVerilog does, in every cycle."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shutil import which

import pytest
from cocotb_tools.runner import get_runner

HERE = Path(__file__).parent
MODELS = HERE.parents[1] / 'models'
OTHER_TWINS = HERE.parents[2] / 'test' / 'e2e' / 'cores'
needs_both = pytest.mark.skipif(which('iverilog') is None or which('ghdl') is None, reason='no iverilog, or no ghdl')


def sources_of(simulator: str, top: str) -> list[Path]:
    if simulator == 'icarus':
        return [MODELS / f'{top}.sv']
    twin = next(path for path in (MODELS / f'{top}.vhd', OTHER_TWINS / f'{top}.vhd') if path.exists())
    return [MODELS / 'axil_front.vhd', MODELS / 'axil_registers.vhd', twin]


def record(simulator: str, top: str, folder: Path, parameters: dict[str, int]) -> list[str]:
    folder.mkdir()
    standard = ['--std=08'] if simulator == 'ghdl' else ['-g2012', f'-I{MODELS}']
    runner = get_runner(simulator)
    runner.build(
        sources=sources_of(simulator, top),
        hdl_toplevel=top,
        build_dir=folder,
        parameters=parameters,
        build_args=standard,
        log_file=folder / 'build.log',
        **({} if simulator == 'ghdl' else {'timescale': ('1ns', '1ps')}),
    )
    record_file = folder / 'outputs.txt'
    runner.test(
        test_module='sim_twins',
        hdl_toplevel=top,
        build_dir=folder,
        test_dir=folder,
        # GHDL elaborates anew, and wants to hear it again.
        parameters=parameters if simulator == 'ghdl' else {},
        test_args=standard if simulator == 'ghdl' else [],
        extra_env={
            'PYTHONPATH': os.pathsep.join([str(HERE), *sys.path]),
            'TWIN_SEED': '7',
            'TWIN_RECORD': str(record_file),
        },
        log_file=folder / 'simulation.log',
    )
    return record_file.read_text().split('\n')


@needs_both
@pytest.mark.parametrize(
    ('top', 'parameters'),
    [
        ('axil_gpio', {}),
        ('axil_gpio', {'DataWidth': 64}),
        ('axil_gpio', {'Pins': 5, 'AddrWidth': 6}),
        ('axil_regs', {}),
        ('axil_regs', {'DataWidth': 64}),
        ('axil_timer', {}),
        ('axil_timer', {'DataWidth': 64, 'AddrWidth': 6}),
    ],
    ids=str,
)
def test_twins(top: str, parameters: dict[str, int], tmp_path: Path) -> None:
    rtl = record('icarus', top, tmp_path / 'icarus', parameters)
    twin = record('ghdl', top, tmp_path / 'ghdl', parameters)
    assert len(set(rtl)) > 200
    differences = [f'{cycle}: {a} | {b}' for cycle, (a, b) in enumerate(zip(rtl, twin)) if a != b]
    assert differences == []
