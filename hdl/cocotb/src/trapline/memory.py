# SPDX-License-Identifier: Apache-2.0
"""Host memory as the design's manager ports reach it: which bus addresses are mapped, and where their bytes are.

A mapping with a path is a file that this process and the program's both map; the bytes of one without travel over the
link, or, in a test that no bridge serves, lie in this process. Pages of 4096 bytes are the unit of mapping, so what
lies inside one page is mapped as a whole or not at all.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple, Optional

__all__ = ['PAGE_BYTES', 'HostMemory', 'NotMapped', 'ReadOnlyMemory']

PAGE_BYTES = 4096
_END_OF_ADDRESSES = 1 << 64

Ask = Callable[[int, int, Optional[bytes]], Optional[bytes]]
"""Carries bytes over the link: address, size, and what to write (None: read). Gives what was read, or None if the
bridge has gone."""


class NotMapped(Exception):
    """No host memory is mapped at the address that the design asked for; it gets DECERR."""


class ReadOnlyMemory(NotMapped):
    """The design may only read there; what it writes gets DECERR."""


class _Region(NamedTuple):
    address: int
    size: int
    is_writable: bool
    data: mmap.mmap | bytearray | None
    """None if the bytes travel over the link."""


class HostMemory:
    """See above. Reads and writes stay inside one page each.

    Args:
        ask: carries the bytes of mappings without a file; None where there is no link: they lie here then.
    """

    def __init__(self, ask: Ask | None = None) -> None:
        self._ask = ask
        self._regions: list[_Region] = []
        self._starts: list[int] = []
        self._watched = (0, 0)
        self.on_written: Callable[[], None] | None = None
        """Called after a byte of the watched range was written."""

    def map(self, address: int, size: int, path: str = '', offset: int = 0, writable: bool = True) -> str:
        """Maps `size` bytes from bus address `address` on. Returns why it can't, or an empty string."""
        range_ = f'{size:#x} bytes at {address:#x}'
        if address % PAGE_BYTES or size % PAGE_BYTES or size == 0 or address + size > _END_OF_ADDRESSES:
            return f"memory of {range_} can't be mapped: address and size are multiples of {PAGE_BYTES}"
        at = bisect_right(self._starts, address)
        overlaps_below = at > 0 and self._regions[at - 1].address + self._regions[at - 1].size > address
        overlaps_above = at < len(self._starts) and self._starts[at] < address + size
        if overlaps_below or overlaps_above:
            return f'memory of {range_} overlaps what is mapped already'
        data: mmap.mmap | bytearray | None = None
        if path:
            mapped = _map_file(path, size, offset, writable)
            if isinstance(mapped, str):
                return mapped
            data = mapped
        elif self._ask is None:
            data = bytearray(size)
        self._regions.insert(at, _Region(address, size, writable, data))
        self._starts.insert(at, address)
        return ''

    def unmap(self, address: int) -> str:
        """Unmaps what begins at `address`. Returns why it can't, or an empty string."""
        at = bisect_right(self._starts, address) - 1
        if at < 0 or self._starts[at] != address:
            return f'no memory is mapped at {address:#x}'
        region = self._regions.pop(at)
        del self._starts[at]
        if isinstance(region.data, mmap.mmap):
            region.data.close()
        return ''

    def close(self) -> None:
        """Unmaps everything."""
        while self._starts:
            self.unmap(self._starts[0])

    def why_not(self, is_write: bool, address: int) -> NotMapped | None:
        """What such an access raises."""
        region = self._find(address)
        if region is None:
            return NotMapped(f'no host memory is mapped at {address:#x}')
        if is_write and not region.is_writable:
            return ReadOnlyMemory(f'host memory at {address:#x} may only be read')
        return None

    def _find(self, address: int) -> _Region | None:
        at = bisect_right(self._starts, address) - 1
        if at < 0 or address - self._starts[at] >= self._regions[at].size:
            return None
        return self._regions[at]

    def read(self, address: int, size: int) -> bytes:
        """Bytes of one page.

        Raises:
            NotMapped: there are none.
            ConnectionError: the bridge that has them is gone.
        """
        region = self._find(address)
        if region is None:
            raise NotMapped(f'no host memory is mapped at {address:#x}')
        if region.data is not None:
            first = address - region.address
            return bytes(region.data[first : first + size])
        return self._over_link(address, size, None)

    def write(self, address: int, data: bytes) -> None:
        """Writes bytes of one page; raises as `read`, and `ReadOnlyMemory`."""
        problem = self.why_not(True, address)
        if problem is not None:
            raise problem
        region = self._find(address)
        assert region is not None
        if region.data is None:
            self._over_link(address, len(data), data)
        else:
            first = address - region.address
            region.data[first : first + len(data)] = data
        start, size = self._watched
        if self.on_written is not None and start < address + len(data) and address < start + size:
            self.on_written()

    def _over_link(self, address: int, size: int, data: bytes | None) -> bytes:
        answer = None if self._ask is None else self._ask(address, size, data)
        if answer is None:
            raise ConnectionError('the bridge went away before it answered for host memory')
        return answer

    def watch(self, address: int, size: int) -> None:
        """From now on `on_written` is called for bytes of this range; of size 0 for none."""
        self._watched = (address, size)


def _map_file(path: str, size: int, offset: int, writable: bool) -> mmap.mmap | str:
    """Part of a file, or why it can't be mapped."""
    try:
        descriptor = os.open(path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)
    except OSError as error:
        return f'cannot open {path}: {error.strerror}'
    try:
        there = os.fstat(descriptor).st_size
        if there < offset + size:
            return f'{path} has {there} bytes, fewer than the mapping reaches'
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        return mmap.mmap(descriptor, size, mmap.MAP_SHARED, protection, offset=offset)
    except (OSError, ValueError) as error:
        return f'cannot map {path}: {error}'
    finally:
        os.close(descriptor)
