# SPDX-License-Identifier: Apache-2.0
"""What answers a manager port of the design, as the bridge sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from .._dma import Dma
from ..managers.manager import BusSettings

__all__ = ['Subordinate']


@runtime_checkable
class Subordinate(Protocol):
    """One manager port of the design, answered out of host memory."""

    name: str

    def serve(self, dma: Dma, settings: BusSettings, fail: Callable[[Exception], None]) -> None:
        """Begins to answer; returns at once. What goes wrong later is told to `fail`, and ends the run."""

    def stop(self) -> None:
        """Answers no more; all that it drives goes low."""

    def enter_reset(self) -> None:
        """The design is being reset: what was under way is forgotten, and what comes after is answered."""

    def waits(self) -> list[str]:
        """What it waits for from the design, a phrase each, as `port m_axi: … waits to be taken …`."""
