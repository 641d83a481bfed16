# SPDX-License-Identifier: Apache-2.0
"""APB manager, of APB2, APB3 and APB4: one transfer at a time.

What it promises to the device (AMBA APB IHI 0024, 3 and 4.1) is what ``hdl/bfm/apb4_manager_bfm.sv`` does: one setup
cycle (PSEL), then access cycles (PSEL and PENABLE) until PREADY; address, direction, data and strobes don't change in
it. PSTRB is 0 in reads, PPROT is 0. PENABLE falls between transfers; PSEL too, unless one follows at once. While PSEL
is low the rest is random, but PENABLE is low. Without PREADY a device is always ready (APB2).

PSLVERR counts as SLVERR, and only in the cycle of PREADY.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ._bus import BusManager
from ._signals import BusFamily, SignalError, lanes_of, reader
from ._writes import width_of, writer
from .manager import Answer, Status

__all__ = ['ApbManager']

_OTHER_WORDS = {'pslverror': 'pslverr', 'pwstrb': 'pstrb', 'pselx': 'psel'}

APB = BusFamily(
    title='APB',
    unprefixed='apb',
    pattern=re.compile(
        r'^(.*?)_*(paddr|pprot|pselx?|penable|pwrite|pwdata|pstrb|pwstrb|pready|prdata|pslverr|pslverror)$'
    ),
    required=('paddr', 'psel', 'penable', 'pwrite', 'pwdata', 'prdata'),
    optional=('pprot', 'pstrb', 'pready', 'pslverr'),
    to_signal=lambda word, _direction: _OTHER_WORDS.get(word, word),
)


class ApbManager(BusManager):
    """Drives an APB bus. A word has 8, 16 or 32 bits; wider ones are not APB's own."""

    family = APB
    strobes = 'pstrb'
    strobes_in_words = 'PSTRB'
    data_signals = ('pwdata', 'prdata')
    address_signals = ('paddr',)

    def _connect(self) -> None:
        signals = self.signals
        if width_of(signals['psel']) != 1:
            raise SignalError(
                f'psel of bus {self.name} has {width_of(signals["psel"])} bits, one per device; say which, as '
                f"signals={{'psel': dut.…[0], …}}"
            )
        self._lanes = lanes_of(signals, ('paddr', 'pwrite', 'pwdata', 'pstrb'))
        self._drive_psel, self._drive_penable = writer(signals['psel']), writer(signals['penable'])
        self._pready = reader(signals['pready']) if 'pready' in signals else lambda: '1'
        self._pslverr = reader(signals['pslverr']) if 'pslverr' in signals else lambda: '0'
        self._prdata = reader(signals['prdata'])

    def _set_stalls(self, stall: Mapping[str, int]) -> None:
        self._stalls = {True: stall.get('aw', 0), False: stall.get('ar', 0)}

    def _go_quiet(self) -> None:
        self._drive_psel(0)
        self._drive_penable(0)
        draw = self._random.getrandbits
        for lane in self._lanes:
            lane.drive(draw(lane.bits))
        if 'pprot' in self.signals:
            self.signals['pprot'].value = 0

    async def read(self, address: int, n: int) -> Answer:
        """Reads ``n`` bytes of one word; see :meth:`Manager.read <trapline.managers.manager.Manager.read>`."""
        status, text = await self._transfer(address, 0, 0, 0)
        return self._answer(status, text, address, n)

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        """Writes bytes of one word; see :meth:`Manager.write <trapline.managers.manager.Manager.write>`."""
        status, _ = await self._transfer(address, 1, *self._on_lanes(address, data, enables))
        return Answer(status, b'')

    async def _transfer(self, address: int, is_write: int, data: int, strobes: int) -> tuple[Status, str]:
        self._check_start()
        edge = self._edge
        stall = self._stalls[bool(is_write)]
        while stall and self._random.randrange(100) < stall:
            await edge
        values = (address - address % self.data_bytes, is_write, data, strobes)
        self._drive_psel(1)
        self._drive_penable(0)
        for lane in self._lanes:
            lane.drive(values[lane.index])
        await edge
        self._drive_penable(1)
        waited = 0
        await edge
        while self._pready() != '1':
            waited += 1
            if waited >= self.max_cycles:
                levels = self._levels('psel', 'penable', 'pwrite', 'pready')
                raise self._time_out(f'PREADY stayed low for {self.max_cycles} cycles ({levels})')
            await edge
        error, text = self._response('pslverr', self._pslverr), self._prdata()
        self._go_quiet()
        return (Status.SLVERR if error else Status.OKAY), text
