# SPDX-License-Identifier: Apache-2.0
"""What is known of the registers of one device: names, places, fields, and what software may do with them."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class RegisterError(Exception):
    """A register, field or value that there is not, or what software can't do with it."""


@dataclass(frozen=True)
class Field:
    """Some bits of a register.

    :ivar name: in its register
    :ivar low: its least significant bit in the register
    :ivar width_bits: how many it has
    :ivar access: what software can do: `rw`, `r`, `w` or `none`
    :ivar on_read: what a read does beside giving the value: `clear`, `set` or `other`
    :ivar on_write: what a write does instead of storing the value: `oneToClear`, `zeroToSet` and the like,
        `clear`, `set` or `other`
    :ivar reset: its value after reset; None where that is not known
    :ivar values: names of what is read, by number
    :ivar written_values: names of what is written, where reads mean something else
    """

    name: str
    low: int
    width_bits: int
    access: str
    on_read: str | None
    on_write: str | None
    reset: int | None
    values: Mapping[int, str]
    written_values: Mapping[int, str]

    @property
    def mask(self) -> int:
        """Its bits in the register."""
        return ((1 << self.width_bits) - 1) << self.low

    def of(self, value: int) -> int:
        """Its number in a value of the register."""
        return (value & self.mask) >> self.low

    def named(self, direction: str, value: int) -> int | str:
        """The same by its name, if it has one."""
        number = self.of(value)
        return self.names(direction).get(number, number)

    def names(self, direction: str) -> Mapping[int, str]:
        """Of numbers that are read, or written."""
        return self.written_values if direction == 'write' and self.written_values else self.values

    def number(self, direction: str, wanted: int | str) -> int | None:
        """The number itself, or what a name stands for; None where that is not one number."""
        if not isinstance(wanted, str):
            return operator.index(wanted)
        numbers = [number for number, name in self.names(direction).items() if name == wanted]
        return numbers[0] if len(numbers) == 1 else None


@dataclass(frozen=True)
class Register:
    """One register of a device.

    :ivar path: `STATUS`, or with what it stands in `CH[1].STATUS`
    :ivar offset: bytes from the device's first
    :ivar width_bits: how many it has
    :ivar access: of all its fields together: `rw`, `r`, `w` or `none`
    :ivar reset: its value after reset; None where that is not known
    :ivar fields: from the least significant bit on
    :ivar description: for people
    """

    path: str
    offset: int
    width_bits: int
    access: str
    reset: int | None
    fields: tuple[Field, ...]
    description: str

    def field(self, name: str) -> Field | None:
        """By its name."""
        return next((field for field in self.fields if field.name == name), None)


class RegisterMap:
    """The registers of one device, in the order of their places.

    :ivar device: its name
    """

    def __init__(self, device: str, registers: Iterable[Register]) -> None:
        self.device = device
        self.registers = tuple(registers)
        self._by_path = {register.path: register for register in self.registers}

    def find(self, path: str) -> Register | None:
        """By the whole name, `CH[1].STATUS`."""
        return self._by_path.get(path)


def hint(word: str, known: Iterable[str]) -> str:
    """What may have been meant, for the end of a sentence."""
    names = list(known)
    near = difflib.get_close_matches(word, names, 1)
    if near:
        return f'; did you mean {near[0]}?'
    return f'; there are {", ".join(names)}' if names else ''


def is_for(operation: str, access: str) -> bool:
    """Whether software can do that."""
    return access == 'rw' or access == operation[0]


def to_map(device: Mapping[str, Any]) -> RegisterMap | None:
    """Of a device as `trapline registers --json` has it; None where nothing describes it."""
    if 'registers' not in device:
        return None
    return RegisterMap(device['name'], map(_to_register, device['registers']))


def _to_register(register: Mapping[str, Any]) -> Register:
    return Register(
        path=register['path'],
        offset=int(register['offset'], 16),
        width_bits=register['widthBits'],
        access=register['access'],
        reset=_to_number(register.get('reset')),
        fields=tuple(map(_to_field, register['fields'])),
        description=register.get('description', ''),
    )


def _to_field(field: Mapping[str, Any]) -> Field:
    return Field(
        name=field['name'],
        low=field['low'],
        width_bits=field['widthBits'],
        access=field['access'],
        on_read=field.get('onRead'),
        on_write=field.get('onWrite'),
        reset=_to_number(field.get('reset')),
        values={int(number, 16): name for number, name in field.get('values', {}).items()},
        written_values={int(number, 16): name for number, name in field.get('writtenValues', {}).items()},
    )


def _to_number(digits: str | None) -> int | None:
    return None if digits is None else int(digits, 16)
