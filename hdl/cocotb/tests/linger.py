# SPDX-License-Identifier: Apache-2.0
"""Whether anything is left of what a test has killed."""

from __future__ import annotations

import time
from pathlib import Path

_MOST_LINGER_S = 20
"""They are gone within 2 s on a machine that has nothing else to do."""


def named_below(folder: Path) -> list[str]:
    """Command lines of processes that have this folder as TMPDIR."""
    mark = f'TMPDIR={folder}\0'.encode()
    found = []
    for process in Path('/proc').glob('[0-9]*'):
        try:
            if mark in (process / 'environ').read_bytes():
                found.append((process / 'cmdline').read_text().replace('\0', ' '))
        except OSError:
            pass  # it has ended, or is not ours
    return found


def wait_until_gone(folder: Path) -> list[str]:
    """Those that stay although they had time enough."""
    end = time.monotonic() + _MOST_LINGER_S
    while named_below(folder) and time.monotonic() < end:
        time.sleep(0.05)
    return named_below(folder)
