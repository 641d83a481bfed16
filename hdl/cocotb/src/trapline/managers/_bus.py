# SPDX-License-Identifier: Apache-2.0
"""What our own managers have in common: settings, seeds, words of data and the checks of widths."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from random import Random
from typing import Any, Literal

from cocotb.triggers import RisingEdge

from ._signals import BusFamily, SignalError, Signals, find_signals, reader
from ._writes import refuse_closed_step, width_of
from .manager import Answer, BusSettings, HandshakeTimeout, ProtocolBreach, Status, pieces_of

__all__ = ['BusManager', 'NarrowWrites', 'check_strobes', 'known_and_unknown', 'unknown_in_words', 'word_bits_of']

NarrowWrites = Literal['refuse', 'zeros']
"""What becomes of a write of less than a word on a bus without strobes (key ``ports.NAME.narrowWrites``)."""

_WORD_BITS = (8, 16, 32, 64, 128, 256, 512, 1024)


class BusManager(ABC):
    """Base of our own managers. One access at a time; see :class:`~trapline.managers.manager.Manager`."""

    family: BusFamily
    strobes: str
    """Which signal says what bytes of a word are written."""
    strobes_in_words: str
    """That signal as the standard calls it, for messages."""
    data_signals: tuple[str, ...]
    """Those that are as wide as the bus word."""
    address_signals: tuple[str, ...]
    max_beats = 1

    def __init__(
        self,
        dut: Any,
        prefix: str,
        clock: Any,
        *,
        signals: Mapping[str, Any] | None = None,
        narrow_writes: NarrowWrites = 'refuse',
    ) -> None:
        """Finds the bus; its outputs go to their idle levels.

        Args:
            dut: the design, or any part of it that has the bus's signals.
            prefix: what their names begin with, as ``s_axil``; may be empty.
            clock: the bus's clock. Handshakes happen at its rising edges.
            signals: handles, or names in ``dut``, by signal (``awaddr``), where the names are not the usual ones.
            narrow_writes: whether a write of less than a word is refused where the bus has no strobes, or goes out
                with 0 in the word's other bytes.

        Raises:
            SignalError: there is no such bus, or its signals don't fit together.
        """
        self.name = prefix or self.family.title
        self.signals = find_signals(dut, prefix, self.family, signals)
        self.clock = clock
        self.max_cycles = BusSettings.max_cycles
        self.log = logging.getLogger(f'trapline.{self.name}')
        self._edge = RisingEdge(clock)
        self._random = Random()
        self._stuck: str = ''
        self._narrow_writes = narrow_writes
        self.data_bytes = word_bits_of(self.name, self.signals, self.data_signals) // 8
        self._word_mask = (1 << 8 * self.data_bytes) - 1
        self._whole_word = (1 << self.data_bytes) - 1
        check_strobes(self.name, self.signals, self.strobes, self.strobes_in_words, self.data_bytes)
        self._connect()
        self.configure(BusSettings())

    # ---- of each bus

    @abstractmethod
    def _connect(self) -> None:
        """Prepares what drives and reads the signals; ``data_bytes`` is known."""

    @abstractmethod
    def _set_stalls(self, stall: Mapping[str, int]) -> None: ...

    @abstractmethod
    def _go_quiet(self) -> None:
        """All that asks for anything goes low, its payload to noise."""

    # ---- of all

    def configure(self, settings: BusSettings) -> None:
        """Takes over what the run says, and draws new noise for the idle lanes."""
        if settings.max_cycles < 1:
            raise ValueError(f'max_cycles is {settings.max_cycles}; a handshake needs one cycle at least')
        self.max_cycles = settings.max_cycles
        self._random.seed(f'{settings.seed} {self.name}')
        self._set_stalls(settings.stall)
        self.enter_reset()

    def enter_reset(self) -> None:
        """Requests are withdrawn; a bus that had timed out is taken for sound again."""
        self._stuck = ''
        self._go_quiet()

    @property
    def address_bits(self) -> int:
        """Width of a byte address."""
        return max(width_of(self.signals[name]) for name in self.address_signals if name in self.signals)

    def why_not_write(self, address: int, n: int, enables: int | None = None) -> str:
        """Why the bus can't write that; empty if it can."""
        if self.strobes in self.signals or self._narrow_writes == 'zeros':
            return ''
        pieces = pieces_of(address, n, enables, self.data_bytes)
        if all(mask == self._whole_word for _, _, mask in pieces):
            return ''
        return (
            f'has no {self.strobes_in_words}, so that a write of less than its words of {self.data_bytes} bytes would '
            f"change bytes which the program doesn't write (key ports.{self.name}.narrowWrites)"
        )

    def _on_lanes(self, address: int, data: bytes, enables: int | None) -> tuple[int, int]:
        """Bytes and strobes as they lie from the first lane of the first word on. Bytes that are not enabled are 0."""
        lane = address % self.data_bytes
        whole = (1 << len(data)) - 1
        strobes = whole if enables is None else enables & whole
        if strobes != whole:
            data = bytes(byte if strobes >> i & 1 else 0 for i, byte in enumerate(data))
        return int.from_bytes(data, 'little') << 8 * lane, strobes << lane

    def _answer(self, status: Status, text: str, address: int, n: int) -> Answer:
        """To a read of ``n`` bytes of a word, which the simulator shows as ``text``."""
        if status is not Status.OKAY:
            return Answer(status, b'')
        data, unknown = self._from_lanes(text, address, n)
        return Answer(Status.SLVERR, data, 0, unknown) if unknown else Answer(status, data)

    def _from_lanes(self, text: str, address: int, n: int) -> tuple[bytes, int]:
        """``n`` bytes of such a word, and which of their bits are neither 0 nor 1."""
        try:
            word, unknown = int(text, 2), 0
        except ValueError:
            word, unknown = known_and_unknown(text)
        lane = address % self.data_bytes
        data = word.to_bytes(self.data_bytes, 'little')[lane : lane + n]
        return data, unknown >> 8 * lane & ((1 << 8 * n) - 1) if unknown else 0

    def _response(self, name: str, read: Any) -> int:
        """A response as a number."""
        text = read()
        try:
            return int(text, 2)
        except ValueError:
            raise ProtocolBreach(f'{name.upper()} is {text.lower()} while it is valid') from None

    def _levels(self, *names: str) -> str:
        """Levels of signals for messages, as ``AWVALID=1 AWREADY=0``."""
        found = [name for name in names if name in self.signals]
        return ' '.join(f'{name.upper()}={reader(self.signals[name])().lower()}' for name in found)

    def _time_out(self, words: str) -> HandshakeTimeout:
        """What was offered stays offered, as the protocol demands; nothing new is asked for until reset."""
        self._stuck = words
        return HandshakeTimeout(words)

    def _check_start(self) -> None:
        refuse_closed_step()
        if self._stuck:
            raise HandshakeTimeout(self._stuck)


MISSING_HALF = Answer(Status.DECERR, b'')
"""What a device without the channels for it answers."""

_WEAK = str.maketrans('lhLH', '0101')


def known_and_unknown(text: str) -> tuple[int, int]:
    """A word as the simulator shows it, with 0 for bits that are neither 0 nor 1, and which bits those are."""
    text = text.translate(_WEAK)
    known = ''.join(bit if bit in '01' else '0' for bit in text)
    unknown = ''.join('0' if bit in '01' else '1' for bit in text)
    return int(known, 2), int(unknown, 2)


_MOST_RANGES = 4


def unknown_in_words(bits: int) -> str:
    """As ``bits 31:16 and 3``; after a few ranges ``and others``."""
    ranges: list[str] = []
    is_one = bits & (bits - 1) == 0
    while bits:
        high = bits.bit_length() - 1
        low = high
        while low and bits >> (low - 1) & 1:
            low -= 1
        if len(ranges) == _MOST_RANGES:
            ranges.append('others')
            break
        ranges.append(str(high) if high == low else f'{high}:{low}')
        bits &= (1 << low) - 1
    text = ranges[0] if len(ranges) == 1 else f'{", ".join(ranges[:-1])} and {ranges[-1]}'
    return f'{"bit" if is_one else "bits"} {text}'


def word_bits_of(name: str, signals: Signals, data_signals: tuple[str, ...]) -> int:
    """The width of a bus's data."""
    widths = {signal: width_of(signals[signal]) for signal in data_signals if signal in signals}
    bits = next(iter(widths.values()))
    if bits not in _WORD_BITS or any(width != bits for width in widths.values()):
        told = ', '.join(f'{signal} {width}' for signal, width in widths.items())
        raise SignalError(f'bus {name} has data of {told} bits; both alike, a power of two from 8 to 1024')
    return bits


def check_strobes(name: str, signals: Signals, strobes: str, in_words: str, word_bytes: int) -> None:
    """A strobe for each byte, if there are any."""
    if strobes in signals and width_of(signals[strobes]) != word_bytes:
        raise SignalError(
            f'bus {name} has words of {word_bytes} bytes, but {width_of(signals[strobes])} bits of {in_words}'
        )
