# SPDX-License-Identifier: Apache-2.0
"""AXI4-Lite manager: one transfer at a time.

What it promises to the device (AXI IHI 0022, A3.2 and A3.3) is what ``hdl/bfm/axil_manager_bfm.sv`` does: the write
address and the write data are offered in the same cycle and each VALID drops after its own handshake; BREADY and RREADY
are high from the first cycle of a transfer to its end; xPROT is 0 while its VALID is high, and random while it is not,
as is the rest of the payload. A response before its request was taken ends nothing. Where the device has no write
channels, or no read channels, such a transfer ends at once as DECERR.
"""

from __future__ import annotations

from ._axi import AXI_LITE, AxiBase
from ._bus import MISSING_HALF
from .manager import Answer, axi_status

__all__ = ['AxiLiteManager']


class AxiLiteManager(AxiBase):
    """Drives an AXI4-Lite bus. A word has 8 to 1024 bits; 32 and 64 are AXI4-Lite's own."""

    family = AXI_LITE
    request_names = ('addr', 'prot')
    data_names = ('data', 'strb')

    async def read(self, address: int, n: int) -> Answer:
        """Reads ``n`` bytes of one word; see :meth:`Manager.read <trapline.managers.manager.Manager.read>`."""
        self._check_start()
        if not self._has_reads:
            return MISSING_HALF
        ar, r, edge = self._ar, self._r, self._edge
        ar.begin((address - address % self.data_bytes, 0))
        r.begin()
        is_taken = False
        waited = 0
        while True:
            await edge
            was_taken = is_taken
            is_taken = is_taken or ar.step()
            if is_taken and r.has_come():
                return self._end_read(address, n)
            waited += 1
            if waited >= self.max_cycles:
                raise self._time_out(self._read_culprit())
            if is_taken and not was_taken:
                waited = 0
            r.step()

    def _end_read(self, address: int, n: int) -> Answer:
        text = self._rdata()
        status = axi_status(self._response('rresp', self._rresp))
        self._r.end()
        return self._answer(status, text, address, n)

    async def write(self, address: int, data: bytes, enables: int | None = None) -> Answer:
        """Writes bytes of one word; see :meth:`Manager.write <trapline.managers.manager.Manager.write>`."""
        self._check_start()
        if not self._has_writes:
            return MISSING_HALF
        aw, w, b, edge = self._aw, self._w, self._b, self._edge
        aw.begin((address - address % self.data_bytes, 0))
        w.begin(self._on_lanes(address, data, enables))
        b.begin()
        aw_taken = w_taken = are_taken = False
        waited = 0
        while True:
            await edge
            were_taken = are_taken
            aw_taken = aw_taken or aw.step()
            w_taken = w_taken or w.step()
            are_taken = aw_taken and w_taken
            if are_taken and b.has_come():
                status = axi_status(self._response('bresp', self._bresp))
                b.end()
                return Answer(status, b'')
            waited += 1
            if waited >= self.max_cycles:
                raise self._time_out(self._write_culprit())
            if are_taken and not were_taken:
                waited = 0
            b.step()
