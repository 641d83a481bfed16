# SPDX-License-Identifier: Apache-2.0
"""The same by cocotb's runner: `python run.py`, or `python run.py verilator`."""

import subprocess
import sys
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

here = Path(__file__).parent
simulator = sys.argv[1] if len(sys.argv) > 1 else 'icarus'
subprocess.run(['cc', '-g', '-o', 'copy', 'copy.c'], cwd=here, check=True)
runner = get_runner(simulator)
folders = {'build_dir': here / f'sim_{simulator}'}
runner.build(sources=[here / 'copier.sv'], hdl_toplevel='copier', timescale=('1ns', '1ps'), **folders)
results = runner.test(hdl_toplevel='copier', test_module='test_copier', test_dir=here, **folders)
tests, failures = get_results(results)
sys.exit(f'{failures} of {tests} tests failed' if failures else 0)
