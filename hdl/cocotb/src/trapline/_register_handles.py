# SPDX-License-Identifier: Apache-2.0
"""Registers by their names, for tests: `bench.reg('uart0').LCR.read()`. A name that there is not is a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol, Union

from ._register_map import Field, Register, RegisterError, RegisterMap, hint, is_for

#: For pytest: a failed call is shown where the test made it.
__tracebackhide__ = True

#: What an access of a test moves at most, bytes.
_WIDEST = 8

_Steps = dict[Union[str, int], Any]


class Bus(Protocol):
    """How devices are reached: a bench, or a `ControlClient`."""

    def read(self, device: str, offset: int, width_bytes: int = 4) -> int: ...

    def write(self, device: str, offset: int, value: int, width_bytes: int = 4) -> object: ...


class _NoSuchName(RegisterError, AttributeError):
    """Also an AttributeError, so that `hasattr` says no."""


class _NoSuchElement(RegisterError, IndexError):
    """Also an IndexError."""


class Handles:
    """What stands in a device or in a group of it: registers, groups and arrays as attributes.

    `meter['CH[1].LIMIT']` is the same by the whole name, for loops and for names that Python can't spell.
    """

    def __init__(self, place: str, inner: Mapping[str, Any]) -> None:
        self.__place = place
        self.__inner = dict(inner)

    def __getattr__(self, name: str) -> Any:
        # What copies objects asks for these before there is anything else.
        if name.startswith(('__', '_Handles__')):
            raise AttributeError(name)
        if name not in self.__inner:
            raise _NoSuchName(f'{self.__place} has no {name}{hint(name, self.__inner)}')
        return self.__inner[name]

    def __getitem__(self, path: str) -> Any:
        if not isinstance(path, str):
            raise _NoSuchElement(f'{self.__place} is no array, and has no [{path}]')
        found: Any = self
        for step in _steps_of(path):
            found = found[step] if isinstance(step, int) else type(found).__getattr__(found, step)
        return found

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.__inner]

    def __repr__(self) -> str:
        return f'<{self.__place}: {", ".join(self.__inner)}>'


class RegisterArray(tuple[Any, ...]):
    """As many of one kind."""

    place: str

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            raise _NoSuchElement(f'{self.place} has {len(self)} elements, and no [{index}]') from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__') or name == 'place':
            raise AttributeError(name)
        raise _NoSuchName(f'{self.place} has {len(self)} elements, and no {name}; say which, as {self.place}[0]')


class RegisterHandle(Handles):
    """One register of a device. What it has no bits or names for, and what software can't do with it, is refused before
    anything happens on the bus."""

    def __init__(self, register: Register, device: str, bus: Bus, inner: Mapping[str, Any]) -> None:
        super().__init__(f'{device}.{register.path}', inner)
        self.__register = register
        self.__device = device
        self.__bus = bus

    def __repr__(self) -> str:
        return f'<{self.__device}.{self.__register.path}: {", ".join(one.name for one in self.__register.fields)}>'

    def read(self) -> int:
        """As one access of its width; up to 8 bytes."""
        self.__check('read')
        value = self.__bus.read(self.__device, self.__register.offset, self.__width_bytes())
        return value & ((1 << self.__register.width_bits) - 1)

    def read_fields(self) -> dict[str, int | str]:
        """The same, field by field; values that have names by these."""
        value = self.read()
        fields = [field for field in self.__register.fields if is_for('read', field.access)]
        return {field.name: field.named('read', value) for field in fields}

    def write(self, value: int | None = None, /, **fields: int | str) -> None:
        """As one access: a number, or fields. Those that are left out are written as they are after reset, or 0 where
        that is not known."""
        self.__check('write')
        if (value is None) == (not fields):
            self.__refuse('write a number, or fields, one of the two')
        if value is None:
            value = self.__with(sum(map(_to_reset, self.__register.fields)), fields)
        if not isinstance(value, int) or not 0 <= value < 1 << self.__register.width_bits:
            self.__refuse(f'{value} is no number of {self.__register.width_bits} bits')
        self.__bus.write(self.__device, self.__register.offset, value, self.__width_bytes())

    def modify(self, /, **fields: int | str) -> None:
        """Reads it, and writes it back with other fields. Bits that a write would do something else with are written so
        that nothing happens; refused where a read would do something, or any write."""
        self.__check('write')
        reading = next((field for field in self.__register.fields if field.on_read), None)
        if reading:
            self.__refuse(f'a read of it does something to {reading.name}, so write it as a whole')
        self.__check('read')
        self.__with(0, fields)
        masks = [self.__kept(field) for field in self.__register.fields if field.name not in fields]
        value = self.read()
        for ones, zeros in masks:
            value = (value | ones) & ~zeros
        self.write(self.__with(value, fields))

    def __width_bytes(self) -> int:
        """Of an access that moves it: a power of two."""
        bits = 8
        while bits < self.__register.width_bits:
            bits *= 2
        return (
            bits // 8
            if bits <= 8 * _WIDEST
            else self.__refuse('it is wider than 8 bytes, which no access of a test is')
        )

    def __check(self, operation: str) -> None:
        if not is_for(operation, self.__register.access):
            self.__refuse(f"software can't {operation} it")

    def __with(self, value: int, fields: Mapping[str, int | str]) -> int:
        """The value with some of its fields."""
        for name, wanted in fields.items():
            field = self.__field(name)
            number = field.number('write', wanted)
            if number is None:
                self.__refuse(f'{name} has no value {wanted}{hint(str(wanted), field.names("write").values())}')
            if not 0 <= number < 1 << field.width_bits:
                self.__refuse(f'{name} has {field.width_bits} bits, and {number} does not fit in them')
            value = (value & ~field.mask) | number << field.low
        return value

    def __field(self, name: str) -> Field:
        field = self.__register.field(name)
        if field is None:
            self.__refuse(f'it has no field {name}{hint(name, [one.name for one in self.__register.fields])}')
        if not is_for('write', field.access):
            self.__refuse(f"software can't write its field {name}")
        return field

    def __kept(self, field: Field) -> tuple[int, int]:
        """Bits that are written as 1, and as 0, so that the field stays as it is."""
        way = field.on_write
        if way is None:
            return 0, 0
        if way.startswith('one'):
            return 0, field.mask
        if way.startswith('zero'):
            return field.mask, 0
        self.__refuse(f'any write of it does something to {field.name}, so write it as a whole')

    def __refuse(self, problem: str) -> NoReturn:
        raise RegisterError(f'{self.__register.path}: {problem}')


def to_handles(registers: RegisterMap, bus: Bus) -> Any:
    """All of a device."""
    root: _Steps = {}
    for register in registers.registers:
        node = root
        for step in _steps_of(register.path):
            node = node.setdefault(step, {})
        node[''] = register
    return _to_handle(root, registers.device, registers.device, bus)


def _to_handle(node: _Steps, place: str, device: str, bus: Bus) -> Any:
    elements = [step for step in node if isinstance(step, int)]
    if elements:
        array = RegisterArray(_to_handle(node[i], f'{place}[{i}]', device, bus) for i in sorted(elements))
        array.place = place
        return array
    names = [step for step in node if isinstance(step, str) and step]
    inner = {name: _to_handle(node[name], f'{place}.{name}', device, bus) for name in names}
    return RegisterHandle(node[''], device, bus, inner) if '' in node else Handles(place, inner)


def _steps_of(path: str) -> list[str | int]:
    """`CH[1].LIMIT`: `CH`, 1, `LIMIT`."""
    steps = re.findall(r'\[(\d+)\]|([^.[\]]+)', path)
    return [name if name else int(index) for index, name in steps]


def _to_reset(field: Field) -> int:
    """Its bits after reset, where a write stores what is written."""
    stores = is_for('write', field.access) and field.on_write is None
    return (field.reset or 0) << field.low if stores else 0
