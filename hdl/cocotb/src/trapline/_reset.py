# SPDX-License-Identifier: Apache-2.0
"""The design's reset, as the bridge asks for it."""

from __future__ import annotations

from typing import Any, Literal

from ._limits import DEFAULT_RESET_CYCLES

Active = Literal['low', 'high']


class Reset:
    """One reset input of the design, or several that go together.

    Args:
        signals: one handle, or a list of them.
        active: the level at which the design is in reset.
        cycles: of the first clock, for which it lasts where the bridge names no number; at least 1.

    Raises:
        ValueError: `active` is neither "low" nor "high", or `cycles` is 0 or less.
    """

    def __init__(self, signals: Any, active: Active = 'low', cycles: int = DEFAULT_RESET_CYCLES) -> None:
        if active not in ('low', 'high'):
            raise ValueError(f"a reset is active 'low' or 'high', not {active!r}")
        if cycles < 1:
            raise ValueError(f'cycles is {cycles}; a reset has at least 1')
        self.signals: list[Any] = list(signals) if isinstance(signals, (list, tuple)) else [signals]
        self.active = active
        self.cycles = cycles

    def begin(self) -> None:
        """Asserts it, from this time step on."""
        self._set(self.active == 'high')

    def end(self) -> None:
        """Releases it."""
        self._set(self.active == 'low')

    def _set(self, level: bool) -> None:
        for signal in self.signals:
            signal.value = int(level)


def reset_list(given: Any) -> list[Reset]:
    """One reset, or those of a list.

    Raises:
        TypeError: it is something else, a signal for example, of which nobody knows at which level it is active.
    """
    resets = list(given) if isinstance(given, (list, tuple)) else [given]
    for reset in resets:
        if not isinstance(reset, Reset):
            way_out = "it says at which level it is active, as Reset(signal, active='low')"
            raise TypeError(f'reset={reset!r} is no trapline.Reset: {way_out}')
    return resets
