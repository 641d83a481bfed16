# SPDX-License-Identifier: Apache-2.0
"""AXI4 manager, of AXI3 too: one burst at a time.

What it promises to the device (AXI IHI 0022, A3.2 to A3.4) is what ``hdl/bfm/axi4_manager_bfm.sv`` does: all bursts are
INCR and cross no multiple of 4096; their size is the bus word, or less for a single naturally aligned beat; strobes lie
in the lanes of their beat. The write address and the first write data are offered in the same cycle and then go their
own ways; beats follow each other without a gap. BREADY and RREADY are high from the first cycle of a burst to its end.
IDs, xLOCK, xCACHE, xPROT, xQOS, xREGION and AWATOP are 0. While VALID is low the payload is random.

The beats of a read are counted; RLAST and the response's ID are not looked at. Where the device has no write channels,
or no read channels, such a burst ends at once as DECERR.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._limits import BURST_BOUNDARY
from ._axi import AXI4, AxiBase
from ._bus import MISSING_HALF
from ._writes import width_of
from .manager import Answer, Status, axi_status

__all__ = ['AxiManager']

_INCR = 1


class AxiManager(AxiBase):
    """Drives an AXI4 or AXI3 bus. A word has 8 to 1024 bits."""

    family = AXI4
    request_names = ('addr', 'len', 'size', 'burst', 'id')
    data_names = ('data', 'strb', 'last')
    constants = (
        *(f'{channel}{name}' for channel in ('aw', 'ar') for name in ('lock', 'cache', 'prot', 'qos', 'region')),
        *('awatop', 'wid'),
    )

    def _connect(self) -> None:
        super()._connect()
        lengths = [width_of(self.signals[name]) for name in ('awlen', 'arlen') if name in self.signals]
        self.max_beats = 16 if min(lengths) == 4 else 256
        halves = ['aw'] * self._has_writes + ['ar'] * self._has_reads
        self._has_sizes = all(f'{channel}size' in self.signals for channel in halves)

    def _request_for(self, address: int, n: int) -> tuple[tuple[int, ...], int]:
        """The payload of an address channel, and how many beats the burst has."""
        word = self.data_bytes
        is_narrow = self._has_sizes and n < word and n & (n - 1) == 0 and address % n == 0
        beats = 1 if is_narrow else (address % word + n + word - 1) // word
        if beats > self.max_beats or address % BURST_BOUNDARY + n > BURST_BOUNDARY:
            raise ValueError(f'{n} bytes at 0x{address:x} are no burst of bus {self.name}')
        size = (n if is_narrow else word).bit_length() - 1
        return (address, beats - 1, size, _INCR, 0), beats

    async def read(self, address: int, n: int) -> Answer:
        """Reads ``n`` bytes in one burst; see :meth:`Manager.read <trapline.managers.manager.Manager.read>`."""
        self._check_start()
        if not self._has_reads:
            return MISSING_HALF
        ar, r, edge = self._ar, self._r, self._edge
        request, beats = self._request_for(address, n)
        ar.begin(request)
        r.begin()
        words: list[tuple[str, Status]] = []
        is_taken = False
        waited = 0
        while True:
            await edge
            was_taken = is_taken
            is_taken = is_taken or ar.step()
            if is_taken and r.has_come():
                words.append((self._rdata(), axi_status(self._response('rresp', self._rresp))))
                waited = 0
                if len(words) == beats:
                    r.end()
                    return self._join(words, address, n)
            else:
                waited += 1
                if waited >= self.max_cycles:
                    raise self._time_out(self._read_culprit())
                if is_taken and not was_taken:
                    waited = 0
            r.step()

    def _join(self, words: list[tuple[str, Status]], address: int, n: int) -> Answer:
        for beat, (_, status) in enumerate(words):
            if status is not Status.OKAY:
                return Answer(status, b'', beat)
        data = bytearray()
        unknown, bad_beat = 0, 0
        for beat, (text, _) in enumerate(words):
            first = address + len(data)
            piece, bits = self._from_lanes(text, first, min(self.data_bytes - first % self.data_bytes, n - len(data)))
            if bits:
                bad_beat = bad_beat if unknown else beat
                unknown |= bits << 8 * len(data)
            data += piece
        return Answer(Status.SLVERR if unknown else Status.OKAY, bytes(data), bad_beat, unknown)

    def _beats(self, value: int, strobes: int, beats: int) -> Iterator[tuple[int, ...]]:
        """What the write data channel carries, beat by beat."""
        word, lanes = self._word_mask, (1 << self.data_bytes) - 1
        for beat in range(beats):
            bit = 8 * beat * self.data_bytes
            lane = beat * self.data_bytes
            yield value >> bit & word, strobes >> lane & lanes, int(beat == beats - 1)

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        """Writes in one burst; see :meth:`Manager.write <trapline.managers.manager.Manager.write>`."""
        self._check_start()
        if not self._has_writes:
            return MISSING_HALF
        aw, w, b, edge = self._aw, self._w, self._b, self._edge
        request, beats = self._request_for(address, len(data))
        payloads = self._beats(*self._on_lanes(address, data, enables), beats)
        aw.begin(request)
        w.begin(next(payloads), payloads if beats > 1 else None)
        b.begin()
        aw_taken = w_taken = False
        waited = 0
        while True:
            await edge
            left = aw_taken, w.beats_taken
            aw_taken = aw_taken or aw.step()
            w_taken = w_taken or w.step()
            if aw_taken and w_taken and b.has_come():
                status = axi_status(self._response('bresp', self._bresp))
                b.end()
                return Answer(status, b'')
            waited += 1
            if waited >= self.max_cycles:
                raise self._time_out(self._write_culprit())
            if left != (aw_taken, w.beats_taken):
                waited = 0
            b.step()
