# SPDX-License-Identifier: Apache-2.0
"""What an expectation demands of registers: whether an access moves one, and what its fields hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from .._register_map import Field, Register, RegisterError, hint
from ..registers import Registers


class _Named(Protocol):
    """An access whose registers have names."""

    @property
    def operation(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def width_bytes(self) -> int: ...
    @property
    def byte_enables(self) -> int | None: ...
    @property
    def value(self) -> int | None: ...
    @property
    def register(self) -> str | None: ...


def holds(access: _Named, wanted: Mapping[str, Any], described: Registers) -> bool:
    """Whether it moves the register or a part of it, and its fields as a whole with these values."""
    path = wanted['register']
    if path not in _paths(access.register) or access.device not in described:
        return False
    register = described[access.device].find(path)
    if register is None:
        return False
    return all(_has(access, register, name, one) for name, one in wanted.get('fields', {}).items())


def check_names(wanted: Mapping[str, Any], described: Registers) -> None:
    """Of the device that is named, or of all.

    :raises RegisterError: if a register, a field or a value is named that none of them has
    """
    if 'register' not in wanted:
        if 'fields' in wanted:
            raise RegisterError('fields are those of a register; say which by "register"')
        return
    path = wanted['register']
    maps = [described[wanted['device']]] if 'device' in wanted else list(described.values())
    found = [register for register in (one.find(path) for one in maps) if register]
    if not found:
        known = [register.path for one in maps for register in one.registers]
        raise RegisterError(f'no register is called {path}{hint(path, known)}')
    for name, value in wanted.get('fields', {}).items():
        of_name = [field for field in (register.field(name) for register in found) if field]
        if not of_name:
            raise RegisterError(f'{path} has no field {name}{hint(name, (one.name for one in found[0].fields))}')
        if isinstance(value, str) and not any(_knows(field, value) for field in of_name):
            _refuse_value(f'{path}.{name}', value, of_name[0])


def _refuse_value(field: str, value: str, known: Field) -> None:
    names = {*known.values.values(), *known.written_values.values()}
    if value in names:
        raise RegisterError(f'{field} has several values that are called {value}; give the number')
    raise RegisterError(f'{field} has no value that is called {value}{hint(value, sorted(names))}')


def register_words(register: str, fields: Mapping[str, int | str]) -> str:
    """`STATUS.BUSY=1 STATUS.MODE=FAST`; the register alone where no field has a value."""
    return ' '.join(f'{name}={_to_word(value)}' for name, value in fields.items()) or register


def expected_words(wanted: Mapping[str, Any]) -> str:
    """`STATUS BUSY=1`"""
    fields = wanted.get('fields', {})
    return ' '.join([wanted.get('register', ''), *(f'{name}={value}' for name, value in fields.items())])


def _paths(register: str | None) -> set[str]:
    """`CTRL,STATUS[15:8]` are two, `LOW|HIGH` one of two."""
    return {re.sub(r'\[\d+:\d+\]$', '', one) for one in re.split('[,|]', register)} if register else set()


def _has(access: _Named, register: Register, name: str, wanted: int | str) -> bool:
    field = register.field(name)
    if field is None or access.value is None:
        return False
    shift = 8 * (register.offset - access.offset)
    mask = _shifted(field.mask, shift)
    if mask is None or _moved(access) & mask != mask:
        return False
    return (access.value & mask) >> (shift + field.low) == field.number(access.operation, wanted)


def _moved(access: _Named) -> int:
    """Bits of its value that it moves."""
    enables = access.byte_enables
    return sum(0xFF << 8 * i for i in range(access.width_bytes) if enables is None or enables >> i & 1)


def _shifted(mask: int, shift: int) -> int | None:
    """None where some of it lies before bit 0."""
    moved = mask << shift if shift >= 0 else mask >> -shift
    return moved if shift >= 0 or moved << -shift == mask else None


def _knows(field: Field, name: str) -> bool:
    return any(field.number(operation, name) is not None for operation in ('read', 'write'))


def _to_word(value: int | str) -> str:
    return str(value) if isinstance(value, str) or value < 10 else hex(value)
