# SPDX-License-Identifier: Apache-2.0
"""Runs a cocotb test module on Icarus Verilog and hands its tests to pytest, one by one."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from xml.etree import ElementTree

import pytest
from cocotb_tools.runner import get_runner

HERE = Path(__file__).parent
RTL = HERE / 'rtl'
PACKAGE = HERE.parent / 'src'
MODELS = HERE.parents[1] / 'models'

SIMULATOR = os.environ.get('SIM', 'icarus')
"""Another of cocotb's simulators can be tried by hand; the cases are written for one with X."""
_OPTIONS = {'icarus': ['-g2012'], 'verilator': ['-Wno-fatal', '--timing']}

needs_icarus = pytest.mark.skipif(
    SIMULATOR == 'icarus' and which('iverilog') is None, reason='no Icarus Verilog (iverilog)'
)


def cases_of(module: str) -> list[str]:
    """Names of the cocotb tests of a module beside this one, as they stand in it."""
    tree = ast.parse((HERE / f'{module}.py').read_text())
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef) and any('cocotb.test' in ast.unparse(d) for d in node.decorator_list)
    ]


def simulate(
    module: str,
    top: str,
    sources: Sequence[Path],
    folder: Path,
    parameters: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Runs all tests of a module in one simulation. Why each failed, by its name; empty where it passed.

    Raises:
        AssertionError: the simulation ended before its last test, with what it printed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    runner = get_runner(SIMULATOR)
    runner.build(
        sources=[*sources],
        includes=[MODELS],
        hdl_toplevel=top,
        build_dir=folder,
        parameters=dict(parameters or {}),
        build_args=_OPTIONS.get(SIMULATOR, []),
        timescale=('1ns', '1ps'),
        log_file=folder / 'build.log',
    )
    results, log = folder / 'results.xml', folder / 'simulation.log'
    paths = os.pathsep.join([str(PACKAGE), str(HERE), *sys.path])
    try:
        runner.test(
            test_module=module,
            hdl_toplevel=top,
            build_dir=folder,
            test_dir=folder,
            results_xml=str(results),
            extra_env={'PYTHONPATH': paths, **(environment or {})},
            log_file=log,
        )
    except (SystemExit, RuntimeError, subprocess.SubprocessError):
        assert results.exists(), log.read_text()
    return _read(results, log)


def _read(results: Path, log: Path) -> dict[str, str]:
    outcomes = {}
    for case in ElementTree.parse(results).iter('testcase'):
        broken = [*case.iter('failure'), *case.iter('error')]
        words = (
            '' if not broken else broken[0].get('message') or broken[0].get('error_msg') or broken[0].text or 'failed'
        )
        outcomes[case.get('name', '')] = f'{words}\n{log.read_text()}' if broken else ''
    return outcomes
