# SPDX-License-Identifier: Apache-2.0
"""The package says the same of itself in every place."""

from __future__ import annotations

import json
import re
from importlib.metadata import metadata
from pathlib import Path

import trapline

HOME = Path(__file__).parents[1]


def test_has_the_version_of_the_project() -> None:
    project = json.loads((HOME.parents[1] / 'package.json').read_text())
    assert trapline.__version__ == project['version']
    assert metadata('trapline')['Version'] == project['version']


def test_needs_cocotb_alone() -> None:
    needs = metadata('trapline').get_all('Requires-Dist') or []
    assert [need for need in needs if 'extra ==' not in need] == ['cocotb>=2.0']


def test_pins_every_version() -> None:
    lines = (HOME / 'requirements.txt').read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith('#')]
    assert [pin for pin in pins if not re.fullmatch(r'[\w-]+==[\d.]+(; python_version < "[\d.]+")?', pin)] == []
