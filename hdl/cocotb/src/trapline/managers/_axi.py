# SPDX-License-Identifier: Apache-2.0
"""What AXI4, AXI3 and AXI4-Lite have in common: names of signals, channels, and words for what a handshake waits
for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ._bus import BusManager
from ._channels import Request, Response
from ._signals import BusFamily, lanes_of, reader

__all__ = ['AXI4', 'AXI_LITE', 'AxiBase']


def _channel(channel: str, carried: str) -> str:
    """Also in the spellings of generators: ``aw_valid``, Chisel's ``aw_bits_addr``, SpinalHDL's ``aw_payload_addr``."""
    return f'{channel}_?(?:valid|ready|(?:bits_|payload_)?(?:{carried}))'


_CHANNELS = (
    _channel('(?:aw|ar)', 'id|addr|len|size|burst|lock|cache|prot|qos|region|atop'),
    _channel('w', 'id|data|strb|last'),
    _channel('b', 'id|resp'),
    _channel('r', 'id|data|resp|last'),
)
_PATTERN = re.compile(f'^(.*?)_*({"|".join(_CHANNELS)})$')


def _to_signal(word: str, _direction: str) -> str:
    return re.sub('_|bits_|payload_', '', word)


def _half_of(signal: str) -> str:
    return 'reads' if re.match('a?r', signal) else 'writes'


_WRITES = ('awaddr', 'awvalid', 'awready', 'wdata', 'wvalid', 'wready', 'bvalid', 'bready')
_READS = ('araddr', 'arvalid', 'arready', 'rdata', 'rvalid', 'rready')
_REQUEST = ('id', 'size', 'burst', 'lock', 'cache', 'prot', 'qos', 'region')

AXI_LITE = BusFamily(
    title='AXI4-Lite',
    unprefixed='axi',
    pattern=_PATTERN,
    required=_WRITES + _READS,
    optional=('awprot', 'arprot', 'wstrb', 'bresp', 'rresp'),
    to_signal=_to_signal,
    half_of=_half_of,
)

AXI4 = BusFamily(
    title='AXI4',
    unprefixed='axi',
    pattern=_PATTERN,
    required=(*_WRITES, 'awlen', 'wlast', *_READS, 'arlen', 'rlast'),
    optional=(
        *(f'{channel}{name}' for channel in ('aw', 'ar') for name in _REQUEST),
        *('awatop', 'wid', 'wstrb', 'bid', 'bresp', 'rid', 'rresp'),
    ),
    to_signal=_to_signal,
    half_of=_half_of,
)


def _okay() -> str:
    """What stands for a response that the device doesn't have."""
    return '00'


class AxiBase(BusManager):
    """The five channels, of which a device may lack those of reads, or of writes."""

    strobes = 'wstrb'
    strobes_in_words = 'WSTRB'
    data_signals = ('wdata', 'rdata')
    address_signals = ('awaddr', 'araddr')
    request_names: tuple[str, ...]
    """What an address channel carries, without the channel's name, in the order of the values that are offered."""
    data_names: tuple[str, ...]
    """Likewise of the write data."""
    constants: tuple[str, ...] = ()
    """Signals that are 0 at all times."""

    def _connect(self) -> None:
        signals = self.signals
        self._has_writes = 'awvalid' in signals
        self._has_reads = 'arvalid' in signals
        if self._has_writes:
            self._aw = self._request('aw', [f'aw{name}' for name in self.request_names])
            self._w = self._request('w', [f'w{name}' for name in self.data_names])
            self._b = Response(signals['bvalid'], signals['bready'], self._random)
            self._bresp = reader(signals['bresp']) if 'bresp' in signals else _okay
        if self._has_reads:
            self._ar = self._request('ar', [f'ar{name}' for name in self.request_names])
            self._r = Response(signals['rvalid'], signals['rready'], self._random)
            self._rresp = reader(signals['rresp']) if 'rresp' in signals else _okay
            self._rdata = reader(signals['rdata'])

    def _request(self, channel: str, names: list[str]) -> Request:
        valid, ready = self.signals[f'{channel}valid'], self.signals[f'{channel}ready']
        return Request(valid, ready, lanes_of(self.signals, names), self._random)

    def _set_stalls(self, stall: Mapping[str, int]) -> None:
        if self._has_writes:
            self._aw.stall, self._w.stall, self._b.stall = (stall.get(name, 0) for name in ('aw', 'w', 'b'))
        if self._has_reads:
            self._ar.stall, self._r.stall = (stall.get(name, 0) for name in ('ar', 'r'))

    def _go_quiet(self) -> None:
        channels: list[Any] = [self._aw, self._w, self._b] if self._has_writes else []
        if self._has_reads:
            channels += [self._ar, self._r]
        for channel in channels:
            channel.reset()
        for name in self.constants:
            if name in self.signals:
                self.signals[name].value = 0

    def _write_culprit(self) -> str:
        open_ = [name for name, channel in (('AWREADY', self._aw), ('WREADY', self._w)) if channel.is_offered]
        levels = self._levels('awvalid', 'awready', 'wvalid', 'wready', 'bvalid', 'bready')
        return f'{" and ".join(open_) or "BVALID"} stayed low for {self.max_cycles} cycles ({levels})'

    def _read_culprit(self) -> str:
        levels = self._levels('arvalid', 'arready', 'rvalid', 'rready')
        culprit = 'ARREADY' if self._ar.is_offered else 'RVALID'
        return f'{culprit} stayed low for {self.max_cycles} cycles ({levels})'
