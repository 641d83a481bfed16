# SPDX-License-Identifier: Apache-2.0
"""What several files of tests share: a device that is compiled once."""

from __future__ import annotations

from pathlib import Path

import pytest
from served_simulation import build


@pytest.fixture(scope='session')
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """rtl/two_registers.sv for `served_simulation.simulation`."""
    return build(tmp_path_factory.mktemp('built'))
