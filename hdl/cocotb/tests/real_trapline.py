# SPDX-License-Identifier: Apache-2.0
"""The real command line of this checkout, for tests that drive the whole chain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
COMMAND = ['node', str(ROOT / 'build/bridge/main.js')]
MODELS = ROOT / 'hdl/models'

BASE = 0x43C0_0000


def environment(**more: str) -> dict[str, str]:
    """Of a user's shell, with the models that other tests have built."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(('TRAPLINE', 'PYTEST_'))}
    main = str(ROOT / 'build/bridge/main.js')
    return {**plain, 'TRAPLINE_CACHE': str(ROOT / 'build/test/cache'), 'TRAPLINE': main, **more}


def write_config(folder: Path, models: dict[str, Any], devices: dict[str, Any]) -> Path:
    """A configuration of our own sample cores; returns its path."""
    rtl = {name: {'top': top, 'sources': [str(MODELS / f'{top}.sv')]} for name, top in models.items()}
    file = folder / 'trapline.config.json'
    mem = {name: {'kind': 'mem', 'size': 0x1000, **device} for name, device in devices.items()}
    file.write_text(json.dumps({'models': rtl, 'devices': mem}))
    return file


def pytest_in(folder: Path, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest as a user does, in a process of its own."""
    command = [sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider', *args]
    env = environment(PYTHONDONTWRITEBYTECODE='1', **variables)
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=1800)
