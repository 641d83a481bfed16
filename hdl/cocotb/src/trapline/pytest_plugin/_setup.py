# SPDX-License-Identifier: Apache-2.0
"""What a test says of its devices: which configuration, and what is different for this test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import TypedDict, Union

PathText = Union[str, 'PathLike[str]']


class Setup(TypedDict, total=False):
    """All may be absent. What the fixture `trapline_setup` gives holds for a whole module, class or session; what a
    call gives wins over it."""

    #: A configuration file; else trapline.config.ts or .json of the current folder.
    config: PathText
    #: Models that take the place of others: `{"uart": "uart_buggy"}`.
    models: Mapping[str, str]
    #: Verilog parameters: `{"Depth": 4}`, or `{"uart.Depth": 4}` where there are several models.
    parameters: Mapping[str, str | int]
    #: Golden models to run beside models: `{"uart": "uart_golden"}`.
    lockstep: Mapping[str, str]
    #: Derived from the master seed and the test when absent; 0 to 2^31 - 1.
    seed: int
    #: Whose time the clocks of programs follow: `real` or `virtual`.
    time: str
    #: Percent of cycles in which all bus channels are held back, or by channel; at most 90.
    stall: int | Mapping[str, int]
    #: Cycle budget of each handshake.
    max_cycles: int
    #: Models run in a sandbox.
    sandbox: bool
    #: Waveform of the whole run (FST), failed or not.
    trace: PathText
    #: Any further flags of `trapline run` or `trapline serve`.
    flags: Sequence[str]


def to_flags(setup: Setup) -> list[str]:
    """As the command line has them; the seed and the trace too."""
    unknown = [key for key in setup if key not in Setup.__annotations__]
    if unknown:
        raise TypeError(f'a setup has no {unknown[0]}; its keys are {", ".join(Setup.__annotations__)}')
    stall = setup.get('stall')
    flags = [
        *_pairs('--model', setup.get('models', {})),
        *_pairs('--set', setup.get('parameters', {})),
        *_pairs('--lockstep', setup.get('lockstep', {})),
        *(_pairs('--stall', stall) if isinstance(stall, Mapping) else _one('--stall', stall)),
        *_one('--seed', setup.get('seed')),
        *_one('--time', setup.get('time')),
        *_one('--max-cycles', setup.get('max_cycles')),
        *(['--sandbox'] if setup.get('sandbox') else []),
    ]
    paths = [
        flag
        for name, path in (('--config', setup.get('config')), ('--trace', setup.get('trace')))
        if path is not None
        for flag in (name, fspath(path))
    ]
    return [*flags, *paths, *setup.get('flags', [])]


def to_replay_flags(setup: Setup) -> list[str] | None:
    """What makes the accesses of a log again on the same models; None where there is a waveform already."""
    return None if setup.get('trace') is not None else to_flags(setup)


def _pairs(flag: str, values: Mapping[str, object]) -> list[str]:
    return [word for key, value in values.items() for word in (flag, f'{key}={_plain(value)}')]


def _one(flag: str, value: object) -> list[str]:
    return [] if value is None else [flag, _plain(value)]


def _plain(value: object) -> str:
    """Verilog has no True."""
    return str(int(value)) if isinstance(value, bool) else str(value)
