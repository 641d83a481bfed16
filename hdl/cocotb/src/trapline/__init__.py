# SPDX-License-Identifier: Apache-2.0
"""Serves accesses of production software to RTL in a cocotb simulation.

What is imported from here is loaded when it is first used: clients of a bridge, and pytest's plugin, need no cocotb.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._faults import ModelFault
    from ._reset import Reset
    from .bridge import Bridge
    from .managers.apb import ApbManager
    from .managers.axi4 import AxiManager
    from .managers.axi4_lite import AxiLiteManager
    from .managers.foreign import ForeignManager
    from .managers.manager import Answer, BusError, Status
    from .managers.wishbone import WishboneManager
    from .subordinates.axi4 import AxiLiteSubordinate, AxiSubordinate
    from .subordinates.foreign import HostRegion

__version__ = '0.1.0'

__all__ = [
    'Answer',
    'ApbManager',
    'AxiLiteManager',
    'AxiLiteSubordinate',
    'AxiManager',
    'AxiSubordinate',
    'Bridge',
    'BusError',
    'ForeignManager',
    'HostRegion',
    'ModelFault',
    'Reset',
    'Status',
    'WishboneManager',
]

_HOMES = {
    'Answer': 'managers.manager',
    'ApbManager': 'managers.apb',
    'AxiLiteManager': 'managers.axi4_lite',
    'AxiLiteSubordinate': 'subordinates.axi4',
    'AxiManager': 'managers.axi4',
    'AxiSubordinate': 'subordinates.axi4',
    'Bridge': 'bridge',
    'BusError': 'managers.manager',
    'ForeignManager': 'managers.foreign',
    'HostRegion': 'subordinates.foreign',
    'ModelFault': '_faults',
    'Reset': '_reset',
    'Status': 'managers.manager',
    'WishboneManager': 'managers.wishbone',
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'.{home}', __name__), name)
