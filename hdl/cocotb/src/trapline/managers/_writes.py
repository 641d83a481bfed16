# SPDX-License-Identifier: Apache-2.0
"""How signals are driven: at the end of the time step, as ``handle.value = number`` does.

An access drives a dozen signals. What cocotb looks at again for each of them, the kind of the value, of the signal and
of the write, and the phase of the time step, is settled here once; and all that is driven in one time step is one
write for cocotb.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import cocotb.handle
from cocotb.triggers import ReadOnly

__all__ = ['refuse_closed_step', 'width_of', 'writer']

_Put = Callable[[int, Any], None]
"""Of a handle of the simulator: changes its signal, as an action says."""

_schedule: Any = getattr(cocotb.handle, '_schedule_write', None)
_scheduled: Any = getattr(cocotb.handle, '_write_calls', None)
_deposit: Any = getattr(getattr(cocotb.handle, '_GPISetAction', None), 'DEPOSIT', None)
_current_trigger: Any = getattr(cocotb.handle, 'current_gpi_trigger', None)
_is_trusting = getattr(cocotb.handle, '_trust_inertial', None)
"""Whether cocotb leaves it to the simulator to change signals at the end of the time step only. It does so on GHDL,
NVC and Verilator, and where ``COCOTB_TRUST_INERTIAL_WRITES`` says so."""
_is_known = None not in (_schedule, _deposit, _current_trigger, _is_trusting) and (
    _is_trusting or isinstance(_scheduled, dict)
)

_MOST_BITS_OF_NUMBER = 32
"""That a simulator takes as one."""
_VECTORS = tuple(
    kind for name in ('LogicArrayObject', 'PackedObject') if (kind := getattr(cocotb.handle, name, None)) is not None
)

_ALL = object()
"""What our writes are called in cocotb's list of them."""
_levels: dict[_Put, Any] = {}
"""What will be driven. Of a signal that is driven twice in a time step the design sees the last level only."""


def width_of(handle: Any) -> int:
    """Bits of a signal; a scalar has one."""
    try:
        return len(handle)
    except TypeError:
        return 1


def refuse_closed_step() -> None:
    """Once for all signals that an access drives.

    Raises:
        RuntimeError: in this time step nothing can be driven any more.
    """
    if _is_known and isinstance(_current_trigger(), ReadOnly):
        raise RuntimeError('an access was begun in the ReadOnly phase, in which no signal can be driven')


def writer(handle: Any) -> Callable[[int], None]:
    """What drives a signal with a number that fits, at the end of the time step."""
    raw = getattr(handle, '_handle', None)
    is_plain = isinstance(handle, (cocotb.handle.LogicObject, *_VECTORS))
    if not _is_known or raw is None or not is_plain or handle.is_const:
        return _writer_by_cocotb(handle)
    bits = width_of(handle)
    is_number = 1 < bits <= _MOST_BITS_OF_NUMBER
    put = raw.set_signal_val_int if is_number else raw.set_signal_val_binstr
    drive = partial(put, _deposit.value) if _is_trusting else _writer_with_others(handle, put)
    return drive if is_number else _as_text(drive, bits)


def _writer_by_cocotb(handle: Any) -> Callable[[int], None]:
    def drive(number: int) -> None:
        handle.value = number

    return drive


def _writer_with_others(handle: Any, put: _Put) -> Callable[[Any], None]:
    key, scheduled, levels = _ALL, _scheduled, _levels

    def drive(level: Any) -> None:
        if key in scheduled and len(scheduled) == 1:
            levels[put] = level
        else:
            _drive_beside(handle, put, level)

    return drive


def _drive_beside(handle: Any, put: _Put, level: Any) -> None:
    """Where cocotb has others' writes on its list: of those to the same signal the last one counts."""
    _scheduled.pop(handle, None)
    is_first = _ALL not in _scheduled
    if is_first:
        # A test that ended in the middle of a time step may have left some.
        _levels.clear()
    _levels[put] = level
    if is_first:
        # In the ReadWrite phase that is done at once.
        _schedule(_ALL, _drive_all, _deposit, None)


def _drive_all(action: int, _: None) -> None:
    for put, level in _levels.items():
        put(action, level)
    _levels.clear()


def _as_text(drive: Callable[[str], None], bits: int) -> Callable[[int], None]:
    if bits == 1:
        return lambda number: drive('1' if number else '0')
    form = f'0{bits}b'
    return lambda number: drive(format(number, form))
