# SPDX-License-Identifier: Apache-2.0
"""Finds in the design what the bridge's settings name: clocks, resets, buses."""

from __future__ import annotations

from typing import Any

from ._reset import Reset
from ._settings import PortSettings, Settings
from .managers.manager import Manager
from .subordinates.subordinate import Subordinate


def handle_of(dut: Any, path: str, what: str) -> Any:
    """The signal that a setting names, by its path in the design.

    Raises:
        ValueError: the design has none of that name.
    """
    handle = dut
    for part in path.split('.'):
        handle = getattr(handle, part, None)
        if handle is None:
            raise ValueError(f'{what} {path} is no signal of {dut._name}')
    return handle


def clock_of(dut: Any, settings: Settings) -> Any:
    """The first clock."""
    if not settings.clocks:
        raise ValueError("a bridge needs the design's clock: name it, as clock=dut.clk")
    return handle_of(dut, settings.clocks[0].ports[0], 'the clock')


def resets_of(dut: Any, settings: Settings) -> list[Reset]:
    """All resets."""
    return [
        Reset([handle_of(dut, port, 'the reset') for port in reset.ports], reset.active, reset.cycles)
        for reset in settings.resets
    ]


def managers_of(dut: Any, settings: Settings) -> dict[str, Manager]:
    """A driver for each bus, in the order of the settings."""
    return {port.name: _manager_of(dut, port) for port in settings.ports}


def _manager_of(dut: Any, port: PortSettings) -> Manager:
    from .managers import apb, axi4, axi4_lite, wishbone

    kinds: dict[str, Any] = {
        'axi4-lite': axi4_lite.AxiLiteManager,
        'axi4': axi4.AxiManager,
        'axi3': axi4.AxiManager,
        'apb': apb.ApbManager,
        'apb4': apb.ApbManager,
        'wishbone': wishbone.WishboneManager,
        'wishbone-pipelined': wishbone.WishboneManager,
    }
    kind = kinds.get(port.protocol)
    if kind is None:
        raise ValueError(
            f'port {port.name} is {port.protocol}, which the cocotb package does not drive: give Bridge an own driver '
            f"for it, as ports={{'{port.name}': driver}}, or use a Verilator model"
        )
    clock = _clock_of_port(dut, port)
    options: dict[str, Any] = {'signals': port.signals, 'narrow_writes': port.narrow_writes}
    if port.protocol.startswith('wishbone'):
        options.update(word_address=port.word_address, pipelined=port.protocol == 'wishbone-pipelined')
    elif port.word_address:
        raise ValueError(
            f'port {port.name} has addresses that count words (key wordAddress), which of {port.protocol} the cocotb '
            f'package does not drive: declare them from bit 0, to count bytes'
        )
    manager: Manager = kind(dut, port.name, clock, **options)
    _check_widths(port, manager)
    return manager


def _clock_of_port(dut: Any, port: PortSettings) -> Any:
    if port.clock is None:
        raise ValueError(
            f'nobody names the clock of port {port.name}: give Bridge a driver for it, in `ports`, '
            f"or the configuration a `clock: {{ port: 'clk' }}`"
        )
    return handle_of(dut, port.clock, f'the clock of port {port.name},')


def _check_widths(port: PortSettings, manager: Manager) -> None:
    bits = 8 * manager.data_bytes
    if port.data_width not in (None, bits):
        raise ValueError(
            f'port {port.name} has {bits} data bits, not {port.data_width} (key ports.{port.name}.dataWidth)'
        )


def subordinates_of(dut: Any, settings: Settings) -> dict[str, Subordinate]:
    """What answers each of the design's manager ports, in the order of the settings."""
    return {port.name: _subordinate_of(dut, port) for port in settings.managers}


def _subordinate_of(dut: Any, port: PortSettings) -> Subordinate:
    from .subordinates import axi4

    kinds: dict[str, Any] = {
        'axi4': axi4.AxiSubordinate,
        'axi3': axi4.AxiSubordinate,
        'axi4-lite': axi4.AxiLiteSubordinate,
    }
    kind = kinds.get(port.protocol)
    if kind is None:
        raise ValueError(
            f'manager port {port.name} is {port.protocol}, which the cocotb package does not answer; '
            f'use a Verilator model'
        )
    clock = _clock_of_port(dut, port)
    subordinate: Subordinate = kind(dut, port.name, clock, signals=port.signals)
    return subordinate
