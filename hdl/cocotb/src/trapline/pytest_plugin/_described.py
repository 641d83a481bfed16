# SPDX-License-Identifier: Apache-2.0
"""The registers of a setup's devices, read when the first of them is named."""

from __future__ import annotations

from ..registers import Registers, read_registers
from ._setup import PathText, Setup


class Described:
    """Of one run or bench.

    :param cwd: the folder in which it runs; the current one when absent
    """

    def __init__(self, setup: Setup, cwd: PathText | None = None) -> None:
        self._config = setup.get('config') or _flag(setup)
        self._cwd = cwd
        self._known: Registers | None = None

    def __call__(self) -> Registers:
        if self._known is None:
            self._known = read_registers(self._config, cwd=self._cwd)
        return self._known


def _flag(setup: Setup) -> str | None:
    """A configuration that its further flags name."""
    words = list(setup.get('flags', []))
    named = [after for flag, after in zip(words, words[1:]) if flag == '--config']
    joined = [flag.partition('=')[2] for flag in words if flag.startswith('--config=')]
    return [*named, *joined, None][0]
