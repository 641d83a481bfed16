# SPDX-License-Identifier: Apache-2.0
"""One access on its way through the mailbox, and the words in which it is spoken of."""

from __future__ import annotations

from typing import Any

from ._bursts import Burst
from ._messages import Operation
from .managers.manager import Status


class Device:
    """How one session's device lies on a port: SessionDevice of model.proto."""

    __slots__ = ('address', 'escaped_name', 'name', 'port', 'size')

    def __init__(self, name: str, port: int, address: int, size: int) -> None:
        self.name = name
        self.escaped_name = json_escaped(name)
        self.port = port
        self.address = address
        self.size = size


class Session:
    """One host's view: its devices by handle."""

    __slots__ = ('devices', 'number', 'pid')

    def __init__(self, number: int, pid: int, devices: dict[int, Device]) -> None:
        self.number = number
        self.pid = pid
        self.devices = devices


class String:
    """What an access has that stands for several, one after the other: see Access.elements in bus.proto."""

    __slots__ = ('brought', 'data', 'distance', 'done', 'elements', 'width')

    def __init__(self, access: dict[str, Any]) -> None:
        self.elements: int = access['elements']
        self.width: int = access['width_bytes']
        self.distance = -self.width if access['descending'] else self.width
        """From one to the next."""
        self.data: bytes = access['data']
        """That they write."""
        self.done = 0
        """Elements that ended with OKAY."""
        self.brought = bytearray()
        """By their reads."""

    def element(self) -> bytes:
        """What the one due writes."""
        return self.data[self.done * self.width : (self.done + 1) * self.width]


class Job:
    """One access: what was asked, and how far it has come. Of a string, all but `string` is of the element due."""

    __slots__ = (
        'beats',
        'bursts',
        'byte_enables',
        'cycle_start',
        'data',
        'device',
        'hold',
        'is_write',
        'offset',
        'pc',
        'request_id',
        'seq',
        'session',
        'stack',
        'string',
        'tid',
        'width',
    )

    def __init__(self, request_id: int, session: Session, device: Device, access: dict[str, Any]) -> None:
        self.request_id = request_id
        self.session = session
        self.device = device
        self.seq: int = access['seq']
        self.offset: int = access['offset']
        self.is_write: bool = access['operation'] == Operation.WRITE
        self.width: int = access['width_bytes']
        self.byte_enables: int = access['byte_enables']
        self.hold: bool = access['hold']
        self.tid: int = access['tid']
        self.pc: int = access['pc']
        self.stack: int = access['stack']
        # What the access writes, or what its reads have brought so far.
        self.data: bytes = access['data']
        self.string = String(access) if access['elements'] > 1 else None
        if self.string is not None:
            self.data = self.string.element()
        self.cycle_start = 0
        self.bursts = 0
        """That were begun."""
        self.beats = 0
        """Of all bursts begun."""

    def step(self, string: String, data: bytes) -> bool:
        """The element due has ended with OKAY and brought `data`; whether another one is due."""
        string.brought += data
        string.done += 1
        self.seq += 1
        self.offset += string.distance
        self.data = string.element()
        self.bursts = self.beats = 0
        return string.done < string.elements

    @property
    def address(self) -> int:
        """On the bus, of the first byte."""
        return self.device.address + self.offset

    @property
    def enables(self) -> int | None:
        """Bit i says whether byte i is moved; None stands for all."""
        if self.byte_enables == 0:
            return None
        every = (1 << self.width) - 1
        enables = self.byte_enables & every
        return None if enables == every else enables

    def __str__(self) -> str:
        """As "read of 4 bytes at gpio0+0x10"."""
        return (
            f'{"write" if self.is_write else "read"} of {self.width} {"byte" if self.width == 1 else "bytes"} '
            f'at {self.device.name}+{self.offset:#x}'
        )

    def bus_error(self, status: Status, bursts: list[Burst], bad_beat: int) -> str:
        """What the bus answered to the burst under way, in words. The answer to a write is one for its whole burst."""
        burst = bursts[self.bursts - 1]
        address = max(burst.beat_address(0 if self.is_write else bad_beat), self.address)
        text = f'{status.name} on {self} (bus address {address:#x})'
        beats = sum(each.beats for each in bursts)
        if beats == 1:
            return text
        first = self.beats - burst.beats + 1
        if self.is_write and burst.beats > 1:
            text += f': beats {first} to {self.beats}'
        else:
            text += f': beat {first if self.is_write else first + bad_beat}'
        text += f' of {beats}'
        return f'{text}, the rest was not started' if self.beats < beats else text


def json_escaped(text: str) -> str:
    """What stands between the quotes of a JSON string, as the Verilator models' logs have it."""
    return ''.join(_ESCAPES.get(character, character) for character in text)


def cut(text: str, most: int) -> str:
    """As much of the text as fits into so many bytes of UTF-8: who passes it on has no more room."""
    data = text.encode(errors='replace')
    return text if len(data) <= most else data[:most].decode(errors='ignore')


_ESCAPES = {'"': '\\"', '\\': '\\\\', **{chr(code): f'\\u{code:04x}' for code in range(0x20)}}
