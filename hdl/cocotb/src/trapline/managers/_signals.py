# SPDX-License-Identifier: Apache-2.0
"""Finds the signals of a bus among the ports of a design, by their prefix and the field's usual spellings.

The spellings are those of the bridge (``bridge/rtl/buses``): any case, ``i_`` and ``o_`` in front, ``_i``, ``_o``,
``_in`` and ``_out`` at the end, and what generators write between prefix and signal. A simulator tells no directions,
so a name that only its direction would explain is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cocotb.triggers import ValueChange

from ._writes import width_of, writer

__all__ = [
    'BusFamily',
    'Lane',
    'SignalError',
    'Signals',
    'Wire',
    'find_signals',
    'lanes_of',
    'lowest_bit',
    'reader',
    'width_of',
]


class SignalError(ValueError):
    """The design has no such bus, or its signals don't fit together."""


#: Wishbone alone leaves open what its addresses count.
_BYTE_ADDRESSES = ('awaddr', 'araddr', 'paddr')

Signals = dict[str, Any]
"""Handles by the name of their signal."""


@dataclass(frozen=True)
class BusFamily:
    """How the signals of a bus are called. Names are lower case, as in the bridge's tables."""

    title: str
    """As people call it, for messages."""
    unprefixed: str
    """The name of such a bus whose signals have no prefix."""
    pattern: re.Pattern[str]
    """Takes a lower-case port name apart into prefix and word."""
    required: tuple[str, ...]
    optional: tuple[str, ...]
    to_signal: Callable[[str, str], str]
    """Which signal a word is; the second argument is ``i`` or ``o`` where the name tells a direction, else empty."""
    half_of: Callable[[str], str] | None = None
    """Of a bus whose reads and writes have channels of their own, of which a device may lack one: which of the two."""

    told_by_direction: tuple[str, ...] = ()
    """Names that ``to_signal`` gives where the word leaves it open which signal it is, for ``settle`` to decide."""
    settle: Callable[[Signals], Signals] | None = None

    def needs(self, found: Iterable[str]) -> tuple[str, ...]:
        """Signals that must be there, by those that are: of half a bus, those of that half."""
        if self.half_of is None:
            return self.required
        halves = {self.half_of(name) for name in found}
        return tuple(name for name in self.required if not halves or self.half_of(name) in halves)


def find_signals(
    dut: Any,
    prefix: str,
    family: BusFamily,
    given: Mapping[str, Any] | None = None,
) -> Signals:
    """Handles of a bus's signals by name: those given, as handles or names in ``dut``, or else those with the prefix.

    Raises:
        SignalError: a required signal is missing, a given one doesn't exist, or two ports read as the same signal.
    """
    found = _given(dut, family, given) if given else _by_prefix(dut, prefix, family)
    if not (given or found) and prefix == family.unprefixed:
        found = _by_prefix(dut, '', family)
    missing = [name for name in family.needs(found) if name not in found]
    if missing:
        near = sorted(_name_of(found[name]) for name in found)
        rest = f'there are {", ".join(near)}' if near else 'no port has that prefix'
        raise SignalError(
            f'{_name_of(dut)} has no {family.title} bus {prefix!r}: {", ".join(missing)} not found ({rest}); '
            f"name the signals, as signals: {{ {missing[0]}: 'NAME', … }}"
        )
    for name in _BYTE_ADDRESSES:
        if name in found:
            _check_counts_bytes(prefix, found[name])
    return found


def _check_counts_bytes(prefix: str, handle: Any) -> None:
    low = lowest_bit(handle)
    if low > 0:
        raise SignalError(
            f'bus {prefix!r} has {_name_of(handle)} from bit {low} on, so it counts {1 << low} bytes, which is not '
            f'possible here: declare it from bit 0'
        )


def lowest_bit(handle: Any) -> int:
    """Of a vector, as it is declared."""
    try:
        bits = handle.range
    except AttributeError:
        return 0
    return int(min(bits.left, bits.right))


def _given(dut: Any, family: BusFamily, given: Mapping[str, Any]) -> Signals:
    known = {*family.required, *family.optional}
    found: Signals = {}
    for name, handle in given.items():
        if name not in known:
            raise SignalError(f'{family.title} has no signal {name!r}; its signals are {", ".join(sorted(known))}')
        found[name] = _resolve(dut, handle) if isinstance(handle, str) else handle
    return found


def _resolve(dut: Any, path: str) -> Any:
    handle = dut
    for part in path.split('.'):
        try:
            handle = getattr(handle, part)
        except AttributeError:
            raise SignalError(f'{_name_of(dut)} has no signal {path!r}') from None
    return handle


def _by_prefix(dut: Any, prefix: str, family: BusFamily) -> Signals:
    known = {*family.required, *family.optional, *family.told_by_direction}
    wanted = prefix.lower().rstrip('_')
    found: Signals = {}
    for handle in dut:
        for name, direction in _readings(_name_of(handle).lower()):
            match = family.pattern.match(name)
            if match is None or match.group(1).rstrip('_') != wanted:
                continue
            signal = family.to_signal(match.group(2), direction)
            if signal not in known:
                continue
            other = found.setdefault(signal, handle)
            if other is not handle:
                raise SignalError(
                    f'{_name_of(other)} and {_name_of(handle)} may both be {signal} of bus {prefix!r}; '
                    f'say which, with signals={{…}}'
                )
            break
    return family.settle(found) if family.settle else found


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """A name without what only tells the direction, and that; then with less taken away, and as it is."""
    head = re.match(r'^([io])_(?=.)', name)
    tail = re.search(r'(?<=.)_(i|o)(?:n|ut)?$', name)
    if head and tail:
        yield name[head.end() : tail.start()], tail.group(1)
    if tail:
        yield name[: tail.start()], tail.group(1)
    if head:
        yield name[head.end() :], head.group(1)
    yield name, ''


def _name_of(handle: Any) -> str:
    return str(handle._name)


def reader(handle: Any) -> Callable[[], str]:
    """What reads a signal as characters, most significant bit first: ``0``, ``1``, and ``X`` and its like.

    An access looks at half a dozen signals, so the simulator's own text is taken where cocotb gives it, which is three
    times as quick as a value object that is made of it.
    """
    raw: Callable[[], str] | None = getattr(getattr(handle, '_handle', None), 'get_signal_val_binstr', None)
    return raw if raw is not None else lambda: str(handle.value)


class Wire:
    """A signal that one side of a handshake says, and the other waits for."""

    __slots__ = ('change', 'drive', 'read')

    def __init__(self, handle: Any) -> None:
        self.read = reader(handle)
        self.drive = writer(handle)
        self.change = ValueChange(handle)


class Lane:
    """A signal that we drive with one of a channel's values."""

    __slots__ = ('bits', 'drive', 'index')

    def __init__(self, handle: Any, index: int) -> None:
        self.drive = writer(handle)
        self.bits = width_of(handle)
        self.index = index


def lanes_of(signals: Signals, names: Iterable[str]) -> list[Lane]:
    """The signals that are there, each with the place of its name."""
    return [Lane(signals[name], i) for i, name in enumerate(names) if name in signals]
