# SPDX-License-Identifier: Apache-2.0
"""Accesses as the log has them, and what a test can demand of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Protocol, Union

from ..registers import Registers
from ._match_registers import check_names, expected_words, holds, register_words

#: For pytest: a failed call is shown where the test made it.
__tracebackhide__ = True

_SHOWN_BEFORE = 3
_SHOWN_AFTER = 5


#: What describes the registers of devices, read at the first need.
Describe = Callable[[], Registers]


@dataclass(frozen=True)
class Access:
    """One load or store of a program, or of a test.

    :ivar seq: counts from 1 in the order of the log
    :ivar operation: `read` or `write`
    :ivar device: name in the configuration
    :ivar offset: bytes from the start of the device
    :ivar width_bytes: 1 to 64, 4096 at most where the device takes bursts
    :ivar value: what was written, or what the device answered; None of a read that was refused
    :ivar status: OKAY, SLVERR, DECERR, TIMEOUT or DISCONNECTED
    :ivar cycle_start: clock cycle of the first VALID
    :ivar cycle_end: clock cycle of the last handshake
    :ivar time_ps: simulated time of `cycle_end`, picoseconds
    :ivar pid: of the program's process; that of the test for its own accesses
    :ivar symbol: `function (file.c:12)`, or empty
    :ivar byte_enables: of a masked access, which of its bytes it moves, bit 0 for the first; else None
    :ivar register: `STATUS`, a part `STATUS[15:8]`, several `CTRL,STATUS`; None where no register is described
    :ivar fields: what it moves of fields that are for its direction, by whole names: `{'STATUS.BUSY': 1}`, values that
        have names by these
    """

    seq: int
    operation: str
    device: str
    offset: int
    width_bytes: int
    value: int | None
    status: str
    cycle_start: int
    cycle_end: int
    time_ps: int
    pid: int = 0
    symbol: str = ''
    byte_enables: int | None = None
    register: str | None = None
    fields: Mapping[str, int | str] = field(default_factory=dict)
    #: Reads what describes the registers of its run; None where nobody knows.
    described: Describe | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """`read gpio0+0x10 4 B = 0x00000001 (STATUS.BUSY=1)  in main (blink.c:18)`"""
        enables = '' if self.byte_enables is None else f', byte enables 0x{self.byte_enables:x}'
        value = '' if self.value is None else f' = {_digits(self.value, self.width_bytes)}'
        status = '' if self.status == 'OKAY' else f' {self.status}'
        place = f'  in {self.symbol}' if self.symbol else ''
        what = f'{self.operation} {self.device}+0x{self.offset:x} {self.width_bytes} B'
        words = '' if self.register is None else f' ({register_words(self.register, self.fields)})'
        return f'{what}{enables}{value}{words}{status}{place}'


class HasAccesses(Protocol):
    """What a run gives."""

    @property
    def accesses(self) -> Sequence[Access]: ...


#: Keys of an expected access, all optional; what is left out matches everything. `mask`: which bits of `value` count.
#: `register`: all of it or a part; `fields`: what those hold that the access moves as a whole, by number or name.
Expected = Mapping[str, Any]
Accesses = Union[Sequence[Access], HasAccesses]

_KEYS = ('operation', 'device', 'offset', 'width_bytes', 'value', 'mask', 'status', 'register', 'fields')
#: Those that are compared as they are.
_PLAIN = ('operation', 'device', 'offset', 'width_bytes', 'status')


@dataclass(frozen=True)
class Blame:
    """The access that a failed expectation is about, and the sentence that says so."""

    access: Access
    sentence: str


class AccessMismatch(AssertionError):
    """Accesses are not those that were expected; `blame` is the one that looks guilty, if any does."""

    def __init__(self, message: str, blame: Access | None) -> None:
        super().__init__(message)
        self.blame = None if blame is None else Blame(blame, message.split('\n', 1)[0])


def read_log(file: Path, described: Describe | None = None) -> list[Access]:
    """The accesses of programs in a log of JSON lines; bursts of the RTL and pieces of streams are left out.

    :param described: reads what describes their registers, for expectations that name some:
        `lambda: read_registers('trapline.config.ts')`
    """
    return list(_accesses_in(file, described))


def assert_accessed(accesses: Accesses, expected: Expected | Sequence[Expected], *, exactly: bool = False) -> None:
    """Fails unless the accesses came in this order; others may come between them unless `exactly`.

    ::

        assert_accessed(run, [
            {"operation": "write", "device": "fifo0", "offset": 0, "value": 0x11},
            {"operation": "read", "offset": 4, "value": 1, "mask": 0xFF},
            {"operation": "write", "register": "CTRL", "fields": {"EN": 1, "MODE": "FAST"}},
        ])

    :param accesses: what `trapline_run` gave, or a list of accesses
    :raises AccessMismatch: with what was expected and the accesses around the place where it should have been
    :raises RegisterError: if a register, a field or a value is named that there is not
    """
    found, wanted = _to_lists(accesses, expected)
    (_check_exactly if exactly else _check_order)(found, wanted)


def assert_not_accessed(accesses: Accesses, expected: Expected) -> None:
    """Fails if any access is like that; see `assert_accessed`."""
    found, (wanted,) = _to_lists(accesses, expected)
    guilty = next((one for one in found if _matches(one, wanted)), None)
    if guilty is not None:
        raise AccessMismatch(f'did not expect {_to_words(wanted)}:\n→ {guilty.seq}: {guilty}', guilty)


def find_accesses(accesses: Accesses, expected: Expected) -> list[Access]:
    """Those that are like that, in their order; see `assert_accessed`."""
    found, (wanted,) = _to_lists(accesses, expected)
    return [one for one in found if _matches(one, wanted)]


def _to_lists(accesses: Accesses, expected: Expected | Sequence[Expected]) -> tuple[list[Access], list[Expected]]:
    if getattr(accesses, 'is_of_bench', False):
        raise TypeError("the accesses of a bench's programs are told when it ends: take those that its stop() gives")
    found = list(accesses if isinstance(accesses, Sequence) else accesses.accesses)
    wanted = [expected] if isinstance(expected, Mapping) else list(expected)
    for one in wanted:
        unknown = [key for key in one if key not in _KEYS]
        if unknown:
            raise TypeError(f'an expected access has no {unknown[0]}; its keys are {", ".join(_KEYS)}')
    if any('register' in one or 'fields' in one for one in wanted):
        _check_names(accesses, found, wanted)
    return found, wanted


def _check_names(accesses: Accesses, found: list[Access], wanted: list[Expected]) -> None:
    """A name that there is not would match nothing, in silence."""
    ways = (getattr(accesses, 'described', None), *(one.described for one in found))
    described = next((way for way in ways if way is not None), None)
    if described is None:
        raise TypeError('nothing is known of the registers of these accesses: take them of a run or a bench')
    for one in wanted:
        check_names(one, described())


def _check_order(found: list[Access], wanted: list[Expected]) -> None:
    begin = 0
    for one in wanted:
        at = next((at for at in range(begin, len(found)) if _matches(found[at], one)), None)
        if at is None:
            raise AccessMismatch(_explain(found, begin, one), _nearest(found, begin, one))
        begin = at + 1


def _check_exactly(found: list[Access], wanted: list[Expected]) -> None:
    for at, access in enumerate(found):
        one = wanted[at] if at < len(wanted) else None
        if one is None or not _matches(access, one):
            raise AccessMismatch(_explain(found, at, one), access)
    if len(wanted) > len(found):
        raise AccessMismatch(_explain(found, len(found), wanted[len(found)]), None)


def _nearest(found: list[Access], begin: int, wanted: Expected) -> Access | None:
    """The access that looks most like the one that is missing: the same place, else whatever came next."""
    place = {key: wanted[key] for key in ('operation', 'device', 'offset', 'register') if key in wanted}
    rest = found[begin:]
    return next((one for one in rest if _matches(one, place)), rest[0] if rest else None)


def _matches(access: Access, wanted: Expected) -> bool:
    if any(getattr(access, key) != wanted[key] for key in _PLAIN if key in wanted):
        return False
    if 'register' in wanted and not (access.described and holds(access, wanted, access.described())):
        return False
    if 'value' not in wanted:
        return True
    mask = wanted.get('mask', -1)
    return access.value is not None and access.value & mask == wanted['value'] & mask


def _explain(found: list[Access], at: int, wanted: Expected | None) -> str:
    """What was expected, and the accesses around the place where it should have been."""
    first = max(0, at - _SHOWN_BEFORE)
    shown = found[first : at + _SHOWN_AFTER]
    lines = [f'{"→" if first + i == at else " "} {access.seq}: {access}' for i, access in enumerate(shown)]
    what = 'expected no more accesses' if wanted is None else f'expected {_to_words(wanted)}'
    place = 'from the first access on' if at == 0 else f'after {at} of {len(found)} accesses'
    return '\n'.join([f'{what}, {place}:', *(lines or ['  (no accesses)'])])


def _to_words(wanted: Expected) -> str:
    """`read gpio0+0x10 STATUS BUSY=1 4 B = 0x00000001 (mask 0x1)`"""
    device, offset, width = wanted.get('device'), wanted.get('offset'), wanted.get('width_bytes')
    place = '+'.join(([str(device)] if device else []) + ([] if offset is None else [f'0x{offset:x}']))
    words = [
        str(wanted.get('operation', 'access')),
        place,
        expected_words(wanted),
        f'{width} B' if width else '',
        f'= {_digits(wanted["value"], width or 1)}' if 'value' in wanted else '',
        f'(mask 0x{wanted["mask"]:x})' if 'mask' in wanted else '',
        str(wanted.get('status', '')),
    ]
    return ' '.join(filter(None, words))


def _digits(value: int, width_bytes: int) -> str:
    return f'0x{value:0{2 * width_bytes}x}'


def _accesses_in(file: Path, described: Describe | None) -> Iterator[Access]:
    with file.open(encoding='utf-8', errors='replace') as lines:
        for line in lines:
            fields = json.loads(line)
            if fields['op'] in ('read', 'write'):
                yield _to_access(fields, described)


def _to_access(fields: Mapping[str, Any], described: Describe | None) -> Access:
    data, enables = fields['data'], fields.get('byteEnables')
    return Access(
        seq=fields['seq'],
        operation=fields['op'],
        device=fields['device'],
        offset=fields['offset'],
        width_bytes=fields['widthBytes'],
        value=int(data, 16) if data else None,
        status=fields['status'],
        cycle_start=fields['cycleStart'],
        cycle_end=fields['cycleEnd'],
        time_ps=fields['timePs'],
        pid=fields['pid'],
        symbol=fields['symbol'],
        byte_enables=None if enables is None else int(enables, 16),
        register=fields.get('register'),
        fields={name: _to_field_value(value) for name, value in fields.get('fields', {}).items()},
        described=described,
    )


def _to_field_value(value: int | str) -> int | str:
    """Numbers beyond 2^53 are digits in the log."""
    return int(value, 16) if isinstance(value, str) and re.fullmatch('0x[0-9a-f]+', value) else value
