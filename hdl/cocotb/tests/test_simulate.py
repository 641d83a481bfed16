# SPDX-License-Identifier: Apache-2.0
"""What cocotb's runner is told."""

from __future__ import annotations

import pytest
from cocotb_tools import runner
from trapline.simulate import _tagged


@pytest.mark.parametrize('file', ['a.sv', 'a.vhd', 'a.vlt'])
def test_sources_need_nothing_that_the_oldest_cocotb_has_not(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner of cocotb 2.0.0 has two tags for sources."""
    monkeypatch.delattr(runner, 'VerilatorControlFile', raising=False)
    assert isinstance(_tagged(file), runner.VHDL if file == 'a.vhd' else runner.Verilog)
