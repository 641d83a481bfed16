# SPDX-License-Identifier: Apache-2.0
"""Other people's drivers as managers: the masters of cocotbext-axi, and anything that can read and write.

A driver has `async read(address, n)`, which gives `n` bytes, lowest address first, or a number of that many bytes, or
an object that has them as `data`; and `async write(address, data)`. The answer of the device is the `resp` of what they
return, as AXI counts them; without one it is OKAY. `BusError` and exceptions that name themselves after SLVERR or
DECERR say it, too; all others are the driver's own failures.

It gets one call for each beat of one bus word, or, of a bus with bursts, for each burst. What it can't be asked for is
refused before anything is started: writes that leave out bytes in the middle.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Iterator
from itertools import count
from random import Random
from typing import Any, Callable

from cocotb.triggers import RisingEdge, SimTimeoutError, with_timeout
from cocotb.utils import get_sim_time

from ._signals import reader
from .manager import Answer, BusError, BusSettings, HandshakeTimeout, Status, axi_status, pieces_of

__all__ = ['ForeignManager', 'as_manager']

_DEFAULT_WORD_BYTES = 4


def as_manager(driver: Any, *, clock: Any, name: str = 'bus') -> ForeignManager:
    """A driver as the bridge needs it. Word and widths are what the driver says of itself; see `ForeignManager`.

    Raises:
        TypeError: it can't read and write.
    """
    return ForeignManager(driver, clock=clock, name=name)


class ForeignManager:
    """Other people's driver of one bus.

    Args:
        driver: see above.
        clock: the bus's clock, by whose period the budget is counted.
        name: of the bus, for messages.
        data_bytes: of one bus word. Where it is not said, the driver's `byte_lanes` or `data_bytes`, or else 4.
        address_bits: of a byte address. Where it is not said, the driver's `address_width`, or else 64.
        max_beats: words of one burst. Where it is not said, those of cocotbext-axi's AxiMaster, or else 1.

    Raises:
        TypeError: the driver can't read and write.
    """

    def __init__(
        self,
        driver: Any,
        *,
        clock: Any,
        name: str = 'bus',
        data_bytes: int | None = None,
        address_bits: int | None = None,
        max_beats: int | None = None,
    ) -> None:
        if not callable(getattr(driver, 'read', None)) or not callable(getattr(driver, 'write', None)):
            raise TypeError(
                f'{type(driver).__name__} can drive no bus {name}: it needs async read(address, n) and '
                f'async write(address, data)'
            )
        self.name = name
        self.driver = driver
        self._writes = getattr(driver, 'write_if', None) or driver
        self._reads = getattr(driver, 'read_if', None) or driver
        self.data_bytes: int = data_bytes or _known(self._writes, 'byte_lanes', 'data_bytes') or _DEFAULT_WORD_BYTES
        self.address_bits: int = address_bits or _known(self._writes, 'address_width', 'address_bits') or 64
        self.max_beats: int = max_beats or _known(self._writes, 'max_burst_len', 'max_beats') or 1
        self.max_cycles = BusSettings.max_cycles
        self._edge = RisingEdge(clock)
        self._period_steps = 0
        self._stuck = ''
        self._is_busy = False
        self._always_answers = hasattr(self._writes, 'assert_reset')
        self._log = logging.getLogger(f'trapline.{name}')

    def configure(self, settings: BusSettings) -> None:
        """Takes over the budget, and the stalls where the driver can pause its channels as cocotbext-axi's do."""
        self.max_cycles = settings.max_cycles
        random = Random(f'{settings.seed} {self.name}')
        for channel, percent in settings.stall.items():
            pauses = self._pause_of(channel)
            if not percent:
                continue
            if pauses is None:
                self._log.warning('bus %s: stalls of %s do not reach a driver of its own', self.name, channel)
            else:
                pauses(_pauses(random, percent))

    def _pause_of(self, channel: str) -> Callable[[Iterator[bool]], None] | None:
        half = self._reads if 'r' in channel else self._writes
        owner = getattr(half, f'{channel}_channel', None)
        pauses: Callable[[Iterator[bool]], None] | None = getattr(owner, 'set_pause_generator', None)
        return pauses

    def enter_reset(self) -> None:
        """A driver that had timed out, or is at work, forgets what it still had to do, if it can be reset."""
        if not self._stuck and not self._is_busy:
            return
        self._stuck = ''
        for half in {id(half): half for half in (self._writes, self._reads)}.values():
            channels = [getattr(half, f'{name}_channel', None) for name in ('aw', 'w', 'b', 'ar', 'r')]
            for part in (*channels, half):
                if hasattr(part, 'assert_reset'):
                    part.assert_reset()

    def why_not_write(self, address: int, n: int, enables: int | None = None) -> str:
        """Why the driver can't write that; empty if it can."""
        if any(_enabled(length, mask) is None for length, mask in self._calls_of(address, n, enables)):
            return "is driven by a driver that can't leave out bytes in the middle of a write"
        whole = (1 << self.data_bytes) - 1
        for strobes in ('wstrb', 'pstrb'):
            if getattr(self._writes, f'{strobes}_present', True):
                continue
            if any(mask != whole for _, _, mask in pieces_of(address, n, enables, self.data_bytes)):
                return (
                    f'has no {strobes.upper()}, so that a write of less than its words of {self.data_bytes} bytes '
                    f"would change bytes which the program doesn't write"
                )
        return ''

    def _calls_of(self, address: int, n: int, enables: int | None) -> list[tuple[int, int]]:
        """Bytes and enables of each call that such an access takes: a word, or words that follow each other."""
        calls: list[tuple[int, int]] = []
        end = -1
        for first, length, mask in pieces_of(address, n, enables, self.data_bytes):
            if self.max_beats > 1 and first == end:
                before, enabled = calls.pop()
                calls.append((before + length, enabled | mask << before))
            else:
                calls.append((length, mask))
            end = first + length
        return calls

    async def read(self, address: int, n: int) -> Answer:
        """Reads by the driver."""
        status, result = await self._ask(lambda: self.driver.read(address, n), n, False)
        return Answer(status, self._bytes_of(result, n) if status is Status.OKAY else b'')

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        """Writes by the driver; the bytes that are enabled are one run, or `why_not_write` would have said it."""
        run = _enabled(len(data), enables)
        if run is None:
            return Answer(Status.DECERR, b'')
        first, length = run
        if length == 0:
            return Answer(Status.OKAY, b'')
        part = data[first : first + length]
        status, _ = await self._ask(lambda: self.driver.write(address + first, part), length, True)
        return Answer(status, b'')

    # ---- one call

    async def _ask(self, call: Callable[[], Awaitable[Any]], n: int, is_write: bool) -> tuple[Status, Any]:
        if self._stuck:
            raise HandshakeTimeout(self._stuck)
        if not self._period_steps:
            await self._measure()
        cycles = self.max_cycles * (1 + n // self.data_bytes)
        self._is_busy = True
        try:
            result = await with_timeout(_once(call), cycles * self._period_steps, 'step')
        except SimTimeoutError:
            self._stuck = self._stuck_words(is_write, cycles)
            raise HandshakeTimeout(self._stuck) from None
        except Exception as error:
            status = _status_of_error(error)
            if status is None:
                raise
            return status, None
        finally:
            self._is_busy = False
        if result is None and self._always_answers:
            raise RuntimeError(f'a reset of the driver of bus {self.name} dropped an access')
        resp = getattr(result, 'resp', None)
        return (Status.OKAY if resp is None else axi_status(int(resp))), result

    async def _measure(self) -> None:
        """The period of the clock: two edges, once."""
        await self._edge
        begin = get_sim_time('step')
        await self._edge
        self._period_steps = max(int(get_sim_time('step') - begin), 1)

    def _bytes_of(self, result: Any, n: int) -> bytes:
        data = getattr(result, 'data', result)
        if isinstance(data, int):
            return data.to_bytes(n, 'little')
        try:
            given = bytes(data)
        except TypeError:
            given = b''
        if len(given) != n:
            raise TypeError(f'the driver of bus {self.name} was asked for {n} bytes, and gave {data!r}')
        return given

    # ---- what it waits for, where its bus is known

    def _signal(self, half: Any, name: str) -> Any:
        bus = getattr(half, 'bus', None)
        channel = getattr(bus, re.match('aw|ar|.', name).group(), bus)  # type: ignore[union-attr]
        return getattr(channel, name, None)

    def _level(self, name: str) -> str:
        handle = self._signal(self._reads if re.match('a?r', name) else self._writes, name)
        return '' if handle is None else reader(handle)().lower()

    def _stuck_words(self, is_write: bool, cycles: int) -> str:
        levels = {name: self._level(name) for name in (_WRITE_SIGNALS if is_write else _READ_SIGNALS)}
        known = ' '.join(f'{name.upper()}={level}' for name, level in levels.items() if level)
        return f'{self._culprit(is_write)} for {cycles} cycles{known and f" ({known})"}'

    def _culprit(self, is_write: bool) -> str:
        if self._level('pready'):
            return 'PREADY stayed low'
        channels, answer = (('aw', 'w'), 'BVALID') if is_write else (('ar',), 'RVALID')
        if not self._level(answer.lower()):
            return f'the driver {type(self.driver).__name__} gave no answer'
        waits = [f'{name.upper()}READY' for name in channels if self._waits(name)]
        return f'{" and ".join(waits) or answer} stayed low'

    def _waits(self, channel: str) -> bool:
        return self._level(f'{channel}valid') == '1' and self._level(f'{channel}ready') != '1'


_WRITE_SIGNALS = ('awvalid', 'awready', 'wvalid', 'wready', 'bvalid', 'bready', 'psel', 'penable', 'pready')
_READ_SIGNALS = ('arvalid', 'arready', 'rvalid', 'rready', 'psel', 'penable', 'pready')


def _known(owner: Any, *names: str) -> int | None:
    return next((int(getattr(owner, name)) for name in names if getattr(owner, name, None)), None)


def _pauses(random: Random, percent: int) -> Iterator[bool]:
    return (random.randrange(100) < percent for _ in count())


def _enabled(n: int, enables: int | None) -> tuple[int, int] | None:
    """The run of enabled bytes, as first byte and length; None if they are not one."""
    if enables is None:
        return 0, n
    enables &= (1 << n) - 1
    if not enables:
        return 0, 0
    first = (enables & -enables).bit_length() - 1
    run = enables >> first
    return (first, run.bit_length()) if run & (run + 1) == 0 else None


async def _once(call: Callable[[], Awaitable[Any]]) -> Any:
    """A coroutine of whatever can be awaited."""
    return await call()


def _status_of_error(error: Exception) -> Status | None:
    if isinstance(error, BusError):
        return error.status
    resp = getattr(error, 'resp', None)
    if resp is not None:
        return axi_status(int(resp))
    words = f'{type(error).__name__} {error}'.lower().replace('_', '')
    found = re.search(r'slverr|dec(?:ode)?err', words)
    if found is None:
        return None
    return Status.SLVERR if found.group() == 'slverr' else Status.DECERR
