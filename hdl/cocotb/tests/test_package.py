# SPDX-License-Identifier: Apache-2.0
"""The package says the same of itself in every place."""

from __future__ import annotations

import ast
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
    assert [pin for pin in pins if not re.fullmatch(r'[\w-]+==[\d.]+(; python_version (<|>=) "[\d.]+")?', pin)] == []


def test_files_import_each_other_in_no_circle() -> None:
    """Types included: what two files need to know of each other lies in a third."""
    home = HOME / 'src/trapline'
    needs = {path: imported_by(path) for path in home.rglob('*.py') if path.name != '__init__.py'}
    assert sum(map(len, needs.values())) > len(needs)
    while free := [path for path, others in needs.items() if not others & set(needs)]:
        for path in free:
            del needs[path]
    assert {path.name: sorted(other.name for other in others & set(needs)) for path, others in needs.items()} == {}


def imported_by(path: Path) -> set[Path]:
    """Files of the package that another file imports."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom) and node.level]
    found = set()
    for node in nodes:
        base = path.parents[node.level - 1].joinpath(*(node.module or '').split('.'))
        found |= {base.with_suffix('.py'), *(base / f'{alias.name}.py' for alias in node.names)}
    return {file for file in found if file.is_file()}
