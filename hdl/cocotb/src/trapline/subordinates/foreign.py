# SPDX-License-Identifier: Apache-2.0
"""Host memory for the subordinates of cocotbext-axi, and for whatever else reads and writes bytes.

AxiSlave and AxiLiteSlave take a `HostRegion` as their `target`, AxiRam and AxiLiteRam as their `mem`::

    memory = trapline.HostRegion('m_axi')
    AxiSlave(AxiBus.from_prefix(dut, 'm_axi'), dut.clk, dut.rst, target=memory)
    async with trapline.Bridge(dut, …, subordinates={'m_axi': memory}) as bridge:

They ask for one bus word at a time, so that the access log has a line for each word, not for each burst; and they
answer SLVERR where nothing is mapped, where our own subordinates answer DECERR.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .._dma import Dma
from ..managers.manager import BusSettings
from ..memory import NotMapped

__all__ = ['HostRegion']


class HostRegion:
    """All of host memory, by bus addresses.

    Args:
        name: of the design's manager port, for logs and messages.
        otherwise: what has the bytes where no host memory is mapped, and all bytes while no bridge serves the design:
            the team's own memory, by slices (`memory[a:b]`), as cocotbext-axi's are. Without one such an access is an
            error.
    """

    def __init__(self, name: str, otherwise: Any = None) -> None:
        self.name = name
        self._otherwise = otherwise
        self._dma: Dma | None = None

    # ---- for the bridge

    def serve(self, dma: Dma, settings: BusSettings, fail: Callable[[Exception], None]) -> None:
        """Reaches host memory from now on."""
        self._dma = dma

    def stop(self) -> None:
        """Reaches it no more."""
        self._dma = None

    def enter_reset(self) -> None:
        """Of no concern here: what was under way is the subordinate's."""

    def waits(self) -> list[str]:
        """What is waited for is the subordinate's to know."""
        return []

    # ---- for the subordinate: as `target`

    async def read(self, address: int, length: int, **_: Any) -> bytes:
        """Bytes of one page.

        Raises:
            NotMapped: there is no host memory, and nothing else.
        """
        return self._move(address, length, None)

    async def write(self, address: int, data: bytes, **_: Any) -> None:
        """The same for what is written."""
        self._move(address, len(data), bytes(data))

    # ---- and as `mem`

    def __len__(self) -> int:
        """As many as a length can say; AxiRam reaches no further: its addresses count modulo that."""
        return sys.maxsize

    def __getitem__(self, key: slice) -> bytes:
        return self._move(key.start, key.stop - key.start, None)

    def __setitem__(self, key: slice, data: bytes) -> None:
        self._move(key.start, len(data), bytes(data))

    def _move(self, address: int, size: int, data: bytes | None) -> bytes:
        is_host = self._dma is not None and self._dma.memory.why_not(False, address) is None
        if is_host or (self._otherwise is None and self._dma is not None):
            assert self._dma is not None
            return self._dma.move(self.name, address, size, data)
        if self._otherwise is None:
            raise NotMapped(f'no bridge serves manager port {self.name}, so that {address:#x} is no memory')
        if data is None:
            return bytes(self._otherwise[address : address + size])
        self._otherwise[address : address + size] = data
        return data
