# SPDX-License-Identifier: Apache-2.0
"""What the bridge wants of a simulation that it started: the file that TRAPLINE_MODEL names."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ._limits import DEFAULT_MAX_CYCLES, DEFAULT_RESET_CYCLES

VARIABLE = 'TRAPLINE_MODEL'


@dataclass(frozen=True)
class ClockSettings:
    """One clock: its input ports, and when it rises. Rising edge n, from n = 1 on, comes at phase + n * period."""

    ports: list[str]
    period_ps: int
    phase_ps: int = 0


@dataclass(frozen=True)
class ResetSettings:
    """The reset inputs that go together."""

    ports: list[str]
    active: Literal['low', 'high']
    cycles: int


@dataclass(frozen=True)
class PortSettings:
    """A bus of the design: `signals` are names of its ports by the bus's own names of them."""

    name: str
    protocol: str
    signals: dict[str, str]
    clock: str | None
    """Absent where only the user's own test bench knows it."""
    data_width: int | None = None
    address_width: int | None = None
    word_address: bool = False
    narrow_writes: str = 'refuse'


@dataclass(frozen=True)
class Settings:
    """Everything that the file says; what it leaves out has the default of a simulation that nobody started."""

    name: str = 'cocotb'
    link: str | None = None
    """UNIX socket on which the bridge listens."""
    log: str | None = None
    events: str | None = None
    seed: int = 1
    max_cycles: int = DEFAULT_MAX_CYCLES
    min_cycles: int = 0
    stall: Mapping[str, int] = field(default_factory=dict)
    clocks: list[ClockSettings] = field(default_factory=list)
    """The first is the one that cycles are counted by."""
    resets: list[ResetSettings] = field(default_factory=list)
    ports: list[PortSettings] = field(default_factory=list)
    managers: list[PortSettings] = field(default_factory=list)
    interrupts: list[str] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)


def read_settings() -> Settings:
    """The settings of this process; defaults where nobody gave any.

    Raises:
        ValueError: the file is not as the bridge writes it.
    """
    path = os.environ.get(VARIABLE)
    # A list of OLD=NEW under the same name is for the command line, which swaps models by it.
    if not path or not path.startswith('/'):
        return Settings()
    try:
        with open(path, encoding='utf-8') as file:
            return to_settings(json.load(file))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{VARIABLE} names {path}, which can't be used: {type(error).__name__}: {error}") from error


def to_settings(given: Mapping[str, Any]) -> Settings:
    """The settings that a parsed file holds."""
    return Settings(
        name=given['name'],
        link=given.get('link'),
        log=given.get('log'),
        events=given.get('events'),
        seed=given.get('seed', 1),
        max_cycles=given.get('maxCycles', DEFAULT_MAX_CYCLES),
        min_cycles=given.get('minCyclesPerAccess', 0),
        stall=given.get('stall') or {},
        clocks=_clocks_of(given),
        resets=_resets_of(given),
        ports=[_port_of(port) for port in given.get('ports') or []],
        managers=[_port_of(port) for port in given.get('managers') or []],
        interrupts=list(given.get('interrupts') or []),
        inputs={name: int(str(value), 0) for name, value in (given.get('inputs') or {}).items()},
    )


def _clocks_of(given: Mapping[str, Any]) -> list[ClockSettings]:
    first = given.get('clock')
    clocks = [ClockSettings([first['port'], *first.get('others', [])], first['periodPs'])] if first else []
    return clocks + [
        ClockSettings([name, *clock.get('others', [])], clock['periodPs'], clock.get('phasePs', 0))
        for name, clock in (given.get('clocks') or {}).items()
    ]


def _resets_of(given: Mapping[str, Any]) -> list[ResetSettings]:
    resets = [given.get('reset'), *(clock.get('reset') for clock in (given.get('clocks') or {}).values())]
    return [
        ResetSettings(
            [reset['port'], *reset.get('others', [])], reset['active'], reset.get('cycles', DEFAULT_RESET_CYCLES)
        )
        for reset in resets
        if reset
    ]


def _port_of(port: Mapping[str, Any]) -> PortSettings:
    return PortSettings(
        name=port['name'],
        protocol=port['protocol'],
        signals=dict(port['signals']),
        clock=port.get('clock'),
        data_width=port.get('dataWidth'),
        address_width=port.get('addressWidth'),
        word_address=port.get('wordAddress', False),
        narrow_writes=port.get('narrowWrites', 'refuse'),
    )
