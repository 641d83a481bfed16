# SPDX-License-Identifier: Apache-2.0
"""What drives a bus for the bridge: the words between a port's driver and the server.

A :class:`Manager` carries out one burst at a time and knows no device, no session and no order; the server splits
accesses into bursts, and asks for the next when the one before is done. Ours are in the files beside this one; what
other people's drivers need to be one is in ``foreign.py``.

Time: both calls begin at once, in the time step in which they are awaited, and return in the time step of a rising edge
of the bus's clock: that of the last handshake. So two calls in a row leave no cycle unused between them, and a caller
who blocks between them blocks the simulator with time standing still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, Protocol, runtime_checkable

from .._limits import DEFAULT_MAX_CYCLES

__all__ = [
    'Answer',
    'BusError',
    'BusSettings',
    'HandshakeTimeout',
    'Manager',
    'ProtocolBreach',
    'Status',
    'axi_status',
    'pieces_of',
]


class Status(IntEnum):
    """How an access ended; the numbers are those of ``trapline.v1.Status`` (bus.proto)."""

    UNSPECIFIED = 0
    OKAY = 1
    SLVERR = 2
    DECERR = 3
    TIMEOUT = 4
    DISCONNECTED = 5


def axi_status(resp: int) -> Status:
    """The status that an xRESP stands for (AXI IHI 0022, A3.4.4); EXOKAY counts as OKAY."""
    return _STATUS_OF_RESP[resp]


_STATUS_OF_RESP = (Status.OKAY, Status.OKAY, Status.SLVERR, Status.DECERR)


def pieces_of(address: int, n: int, enables: int | None, word: int) -> Iterator[tuple[int, int, int]]:
    """Each word of a write that has an enabled byte: the address of its first byte in the access, bytes, enables."""
    done = 0
    while done < n:
        first = address + done
        length = min(word - first % word, n - done)
        whole = (1 << length) - 1
        mask = whole if enables is None else enables >> done & whole
        if mask:
            yield first, length, mask
        done += length


class Answer(NamedTuple):
    """What the device answered to one burst."""

    status: Status
    """The worst of all its beats: OKAY, SLVERR or DECERR."""
    data: bytes
    """Of a read: as many bytes as were asked for, lowest address first; of a write, or unless OKAY: empty. With
    ``unknown``: all of them."""
    bad_beat: int = 0
    """Unless OKAY, of a read: which of its beats was the first that was not, counted from 0."""
    unknown: int = 0
    """Of a read that the device answered with OKAY: bits of ``data`` (as a little-endian number) that it drives with
    neither 0 nor 1. Then ``status`` is SLVERR, and ``data`` has 0 there."""


class BusError(Exception):
    """What a driver of one's own may raise to say that the device answered with SLVERR or DECERR."""

    def __init__(self, status: Status = Status.SLVERR, words: str = '') -> None:
        super().__init__(words or status.name)
        self.status = status


class HandshakeTimeout(Exception):
    """A handshake used up its cycle budget. The bus is in an undefined state from here until a reset."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
        """Which one, as ``ARREADY stayed low for 9 cycles (ARVALID=1 ARREADY=0 RVALID=0 RREADY=1)``."""


class ProtocolBreach(Exception):
    """The device broke its bus protocol in a way that no answer can be trusted after it: the run ends."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
        """What it did, a clause without the port's name: ``BRESP is xx while BVALID is high``."""


@dataclass(frozen=True)
class BusSettings:
    """What a run says of each of its buses; see ``Manager.configure``."""

    seed: int = 0
    """Idle lanes and stalls are drawn from it. Each bus mixes its own name in, so that no two are alike."""
    max_cycles: int = DEFAULT_MAX_CYCLES
    """Cycle budget of each handshake, at least 1."""
    stall: Mapping[str, int] = field(default_factory=dict)
    """In how many of 100 cycles a channel (``aw w b ar r``) is held back: its VALID where we drive that, else its
    READY. A bus without channels takes ``aw`` for writes and ``ar`` for reads."""


@runtime_checkable
class Manager(Protocol):
    """One bus of the design, as the bridge drives it."""

    data_bytes: int
    """Bytes of one bus word, a power of two."""
    address_bits: int
    """Width of a byte address on this bus; 64 where nobody knows."""
    max_beats: int
    """Of one burst; 1 where the bus has none."""
    max_cycles: int
    """Cycle budget of each handshake."""

    def configure(self, settings: BusSettings) -> None:
        """Takes over what the run says. Before the first access, and never during one."""

    def enter_reset(self) -> None:
        """The design is being reset: requests are withdrawn, and what had timed out may be used again after it."""

    def why_not_write(self, address: int, n: int, enables: int | None = None) -> str:
        """Why this bus can't carry such an access, in words that follow "port NAME"; empty if it can. Starts nothing.

        The access may have many words; those of which no byte is enabled are not written.
        """

    async def read(self, address: int, n: int) -> Answer:
        """Reads ``n`` bytes from byte address ``address``, in ascending order.

        They lie within one aligned bus word; or, where ``max_beats`` is more than 1, in the beats of one burst: at most
        so many words, and none across a multiple of 4096 (AXI IHI 0022, A3.4.1). Such a burst begins at ``address``,
        its last beat may hold more than is asked for.

        Raises:
            HandshakeTimeout: a handshake used up its budget.
            ProtocolBreach: the device broke the protocol.
        """

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        """Writes ``data`` to byte address ``address``; where and how far, and what it raises, is as for ``read``.

        Bit i of ``enables`` says whether ``data[i]`` is written; None stands for all. Other bytes are 0 on the bus.
        """
