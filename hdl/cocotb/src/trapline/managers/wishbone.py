# SPDX-License-Identifier: Apache-2.0
"""Wishbone B4 manager, classic and pipelined: one cycle at a time.

What it promises to the device (Wishbone B4, 3.1 and 3.2) is what ``hdl/bfm/wishbone_manager_bfm.sv`` and its pipelined
sister do: CYC and STB rise together. Classic: both stay, with address, direction, data and select unchanged, until ACK,
ERR or RTY. Pipelined: STB stays until an edge at which STALL is low, CYC until the answer, which may come at that very
edge. Then both are low for a cycle at least. SEL names the bytes of interest, of reads too. While STB is low the rest
is random.

ERR counts as SLVERR and wins over ACK. After RTY the same cycle is tried again, inside the same budget.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cocotb.utils import get_sim_time

from ._bus import BusManager, NarrowWrites
from ._signals import BusFamily, SignalError, Signals, lanes_of, lowest_bit, reader
from ._writes import width_of, writer
from .manager import Answer, Status

__all__ = ['WishboneManager']


def _to_signal(word: str, direction: str) -> str:
    """Both data lanes are called DAT; ``dat_w``, ``dat_mosi`` (SpinalHDL), ``wdata`` are the manager's view of them."""
    if word == 'addr':
        return 'adr'
    if re.match('dat_(w|mosi)$|wdata?$', word):
        return 'wdata'
    if re.match('dat_(r|miso)$|rdata?$|rdt$', word):
        return 'rdata'
    return f'dat_{direction}' if word in ('dat', 'data') else f'{word}_{direction}' if word in ('stb',) else word


def _settle(found: Signals) -> Signals:
    """``dat_i`` and ``dat_o`` are told by STB, which goes the way of the write data."""
    signals = {name: handle for name, handle in found.items() if not re.match('(dat|stb)_', name)}
    ways = [way for way in ('i', 'o', '') if f'stb_{way}' in found]
    if len(ways) != 1:
        return signals
    signals['stb'] = found[f'stb_{ways[0]}']
    way = ways[0] or 'i'
    for name, key in (('wdata', f'dat_{way}'), ('rdata', f'dat_{"o" if way == "i" else "i"}')):
        if key in found:
            signals.setdefault(name, found[key])
    return signals


WISHBONE = BusFamily(
    title='Wishbone',
    unprefixed='wb',
    pattern=re.compile(
        r'^(.*?)_*(cyc|stb|we|adr|addr|dat_(?:[rw]|mosi|miso)|[rw]?dat|[rw]?data|rdt|sel|ack|err|rty|stall)$'
    ),
    required=('stb', 'we', 'adr', 'wdata', 'rdata', 'ack'),
    optional=('cyc', 'sel', 'err', 'rty', 'stall'),
    to_signal=_to_signal,
    told_by_direction=('dat_i', 'dat_o', 'stb_i', 'stb_o', 'stb_'),
    settle=_settle,
)


class WishboneManager(BusManager):
    """Drives a Wishbone bus. A word has 8 to 1024 bits; up to 64 are Wishbone's own."""

    family = WISHBONE
    strobes = 'sel'
    strobes_in_words = 'SEL'
    data_signals = ('wdata', 'rdata')
    address_signals = ('adr',)

    def __init__(
        self,
        dut: Any,
        prefix: str,
        clock: Any,
        *,
        signals: Mapping[str, Any] | None = None,
        narrow_writes: NarrowWrites = 'refuse',
        word_address: bool | None = None,
        pipelined: bool | None = None,
    ) -> None:
        """As :class:`BusManager`, and:

        Args:
            word_address: whether ADR counts bus words instead of bytes. Needed unless a word is one byte, or ADR's
                declaration tells it: ``adr[31:2]``.
            pipelined: whether requests are taken by STALL. Where it is not said, STALL makes it so.

        Raises:
            SignalError: also where ``word_address`` is needed, or a pipelined bus has no STALL.
        """
        self._word_address = word_address
        self._pipelined = pipelined
        super().__init__(dut, prefix, clock, signals=signals, narrow_writes=narrow_writes)

    def _connect(self) -> None:
        signals = self.signals
        self._shift = self._address_shift()
        if self._pipelined and 'stall' not in signals:
            raise SignalError(f'bus {self.name} has no STALL, which a pipelined Wishbone needs; pipelined=False?')
        if self._pipelined is None:
            self._pipelined = 'stall' in signals
        self._lanes = lanes_of(signals, ('adr', 'we', 'wdata', 'sel'))
        self._drive_strobe = writer(signals['stb'])
        self._drive_cycle = writer(signals['cyc']) if 'cyc' in signals else _nowhere
        low = lambda: '0'  # noqa: E731
        self._ack, self._err, self._rty, self._stall_line = (
            reader(signals[name]) if name in signals else low for name in ('ack', 'err', 'rty', 'stall')
        )
        self._read_data = reader(signals['rdata'])
        self._ended_at = -1

    def _address_shift(self) -> int:
        to_bytes = self.data_bytes.bit_length() - 1
        if to_bytes == 0 or self._word_address is False:
            return 0
        if self._word_address is None and lowest_bit(self.signals['adr']) != to_bytes:
            raise SignalError(
                f'nothing tells whether ADR of bus {self.name} counts bytes or words of {self.data_bytes} bytes: say '
                f'word_address=True or word_address=False'
            )
        return to_bytes

    @property
    def address_bits(self) -> int:
        """Width of a byte address."""
        return width_of(self.signals['adr']) + self._shift

    def _set_stalls(self, stall: Mapping[str, int]) -> None:
        self._stalls = {True: stall.get('aw', 0), False: stall.get('ar', 0)}

    def _go_quiet(self) -> None:
        self._drive_cycle(0)
        self._drop_strobe()

    def _drop_strobe(self) -> None:
        self._drive_strobe(0)
        draw = self._random.getrandbits
        for lane in self._lanes:
            lane.drive(draw(lane.bits))

    async def read(self, address: int, n: int) -> Answer:
        """Reads ``n`` bytes of one word; see :meth:`Manager.read <trapline.managers.manager.Manager.read>`."""
        select = ((1 << n) - 1) << address % self.data_bytes
        status, text = await self._run(address, 0, 0, select)
        return self._answer(status, text, address, n)

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        """Writes bytes of one word; see :meth:`Manager.write <trapline.managers.manager.Manager.write>`."""
        status, _ = await self._run(address, 1, *self._on_lanes(address, data, enables))
        return Answer(status, b'')

    async def _run(self, address: int, is_write: int, data: int, select: int) -> tuple[Status, str]:
        self._check_start()
        edge = self._edge
        stall = self._stalls[bool(is_write)]
        values = ((address - address % self.data_bytes) >> self._shift, is_write, data, select)
        waited = 0
        if get_sim_time('step') == self._ended_at:
            await edge
        while True:
            while stall and self._random.randrange(100) < stall and waited < self.max_cycles:
                await edge
                waited += 1
            self._offer(values)
            waited = await self._wait_for_answer(waited, is_write)
            is_done = self._ack() == '1'
            is_error = self._response('err', self._err) == 1
            text = self._read_data()
            self._go_quiet()
            if is_error or is_done:
                self._ended_at = int(get_sim_time('step'))
                return (Status.SLVERR if is_error else Status.OKAY), text
            await edge
            waited += 1

    def _offer(self, values: tuple[int, ...]) -> None:
        self._drive_strobe(1)
        self._drive_cycle(1)
        for lane in self._lanes:
            lane.drive(values[lane.index])

    async def _wait_for_answer(self, waited: int, is_write: int) -> int:
        """Cycles since the access began, at the edge of the answer."""
        edge = self._edge
        is_offered = True
        while True:
            await edge
            waited += 1
            was_taken = not is_offered
            if not self._pipelined or was_taken or self._stall_line() == '0':
                if self._ack() == '1' or self._err() == '1' or self._rty() == '1':
                    return waited
                if self._pipelined and is_offered:
                    is_offered = False
                    self._drop_strobe()
            if waited >= self.max_cycles:
                raise self._time_out(self._culprit(is_offered, is_write))

    def _culprit(self, is_offered: bool, is_write: int) -> str:
        if not self._pipelined:
            levels = self._levels('cyc', 'stb', 'we', 'ack', 'err', 'rty')
            return f'ACK stayed low for {self.max_cycles} cycles ({levels})'
        levels = f'{self._levels("cyc", "stb", "stall")} WE={is_write} {self._levels("ack", "err", "rty")}'
        what = 'STALL stayed high' if is_offered else 'ACK stayed low'
        return f'{what} for {self.max_cycles} cycles (pipelined; {levels})'


def _nowhere(_level: int) -> None:
    """For a signal that the device doesn't have."""
