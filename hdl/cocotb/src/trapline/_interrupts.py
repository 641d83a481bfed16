# SPDX-License-Identifier: Apache-2.0
"""Interrupt lines: level changes of signals, from the clock edge that sees them until they are told to the bridge.

A line is looked at with the rising edge that follows a change, as `hdl/bfm/irq_monitor.sv` does it, so that a pulse
within one cycle is none. Nothing runs for a line that does not change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import cocotb
from cocotb.task import Task

from ._access_log import EventLog
from ._time import Timeline

_BIT = re.compile(r'(.+)\[(\d+)\]')


class InterruptEdge(NamedTuple):
    """InterruptChange of model.proto."""

    line: int
    level: bool
    cycle: int
    time_ps: int


class Line:
    """One interrupt: a signal of one bit, or one bit of a packed vector."""

    def __init__(self, name: str, signal: Any, bit: int | None = None) -> None:
        """Raises ValueError if the signal has more than one bit and none is named, or has not the one that is."""
        width = _width_of(signal)
        if bit is None and width > 1:
            raise ValueError(f"interrupt {name} has {width} bits; name them one by one, as '{name}[0]'")
        if bit is not None and bit not in signal.range:
            raise ValueError(f'interrupt {name}: {signal._name} has bits {signal.range.left} to {signal.range.right}')
        self.name = name
        self.signal = signal
        self._place = 0 if bit is None else list(signal.range).index(bit)
        self.level = False
        """As it was last seen; a line begins low."""

    @property
    def is_high(self) -> bool:
        """Now. What is neither 0 nor 1 is not high."""
        return str(self.signal.value)[self._place] in '1H'


def lines_of(dut: Any, interrupts: Mapping[str, Any]) -> list[Line]:
    """The lines by their names; a value is a signal, or the name of one in the design, which may end in `[bit]`.

    Raises ValueError if there is no such signal.
    """
    return [
        _named_line(dut, name, signal) if isinstance(signal, str) else Line(name, signal)
        for name, signal in interrupts.items()
    ]


def _named_line(dut: Any, name: str, path: str) -> Line:
    match = _BIT.fullmatch(path)
    handle = dut
    for part in (match.group(1) if match else path).split('.'):
        handle = getattr(handle, part, None)
        if handle is None:
            raise ValueError(f'interrupt {name}: the design has no signal {path}')
    if match and _width_of(handle) > 1:
        return Line(name, handle, int(match.group(2)))
    return Line(name, handle)


def _width_of(signal: Any) -> int:
    try:
        return len(signal)
    except TypeError:
        return 1


class Interrupts:
    """The lines of one link. `on_change` is called at the clock edge that saw a change."""

    def __init__(self, lines: list[Line], timeline: Timeline, events: EventLog, on_change: Callable[[], None]) -> None:
        self._lines = lines
        self._timeline = timeline
        self._events = events
        self._on_change = on_change
        self._restless = set(lines)
        """Those that have changed since an edge looked at them."""
        # A bridge that knows nothing of before hears of each line that is high.
        for line in lines:
            line.level = False

    def start(self) -> list[Task[None]]:
        return [cocotb.start_soon(self._watch(line)) for line in self._lines]

    async def _watch(self, line: Line) -> None:
        while True:
            await self._timeline.edge
            if line.is_high != line.level:
                self._on_change()
            self._restless.discard(line)
            await line.signal.value_change
            self._restless.add(line)

    def take(self, is_at_edge: bool = False) -> list[InterruptEdge]:
        """The changes since the last call, as this clock edge sees them; none at another time."""
        edges: list[InterruptEdge] = []
        if not (is_at_edge or (self._restless and self._timeline.is_at_edge)):
            return edges
        for index, line in enumerate(self._lines):
            level = line.is_high
            if level != line.level:
                line.level = level
                cycle, time_ps = self._timeline.now()
                self._events.interrupt(line.name, level, time_ps)
                edges.append(InterruptEdge(index, level, cycle, time_ps))
        return edges
