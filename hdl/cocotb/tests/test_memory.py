# SPDX-License-Identifier: Apache-2.0
"""Host memory: what is mapped where, and what a mapping refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from trapline.memory import HostMemory, NotMapped, ReadOnlyMemory
from trapline.subordinates.foreign import HostRegion


def test_file(tmp_path: Path) -> None:
    file = tmp_path / 'memory'
    file.write_bytes(bytes(4096) + bytes(range(256)) * 32)
    memory = HostMemory()
    assert memory.map(0x1_0000_0000, 8192, str(file), 4096) == ''
    assert memory.read(0x1_0000_0002, 3) == bytes([2, 3, 4])
    memory.write(0x1_0000_1FFF, b'!')
    assert file.read_bytes()[-1:] == b'!'
    file.write_bytes(b'\xee' * 12288)
    assert memory.read(0x1_0000_0000, 2) == b'\xee\xee'
    assert memory.unmap(0x1_0000_0000) == ''
    assert memory.unmap(0x1_0000_0000) == 'no memory is mapped at 0x100000000'
    with pytest.raises(NotMapped, match='no host memory is mapped at 0x100000000'):
        memory.read(0x1_0000_0000, 1)


@pytest.mark.parametrize(
    ('address', 'size', 'words'),
    [
        (0x100, 4096, "memory of 0x1000 bytes at 0x100 can't be mapped: address and size are multiples of 4096"),
        (0x1000, 0, "memory of 0x0 bytes at 0x1000 can't be mapped: address and size are multiples of 4096"),
        (0x1000, 5, "memory of 0x5 bytes at 0x1000 can't be mapped: address and size are multiples of 4096"),
        (
            (1 << 64) - 4096,
            8192,
            "memory of 0x2000 bytes at 0xfffffffffffff000 can't be mapped: address and size are multiples of 4096",
        ),
        (0x2000, 4096, 'memory of 0x1000 bytes at 0x2000 overlaps what is mapped already'),
        (0x1000, 8192, 'memory of 0x2000 bytes at 0x1000 overlaps what is mapped already'),
        (0x3000, 4096, 'memory of 0x1000 bytes at 0x3000 overlaps what is mapped already'),
        (0x1000, 4096, ''),
        (0x4000, 4096, ''),
        ((1 << 64) - 4096, 4096, ''),
    ],
)
def test_places(address: int, size: int, words: str) -> None:
    memory = HostMemory()
    assert memory.map(0x2000, 8192) == ''
    assert memory.map(address, size) == words
    if not words:
        memory.write(address + size - 1, b'x')
        assert memory.read(address + size - 1, 1) == b'x'


def test_files_that_are_none(tmp_path: Path) -> None:
    memory = HostMemory()
    missing = tmp_path / 'missing'
    assert memory.map(0, 4096, str(missing)) == f'cannot open {missing}: No such file or directory'
    short = tmp_path / 'short'
    short.write_bytes(b'abc')
    assert memory.map(0, 4096, str(short)) == f'{short} has 3 bytes, fewer than the mapping reaches'


def test_what_may_only_be_read(tmp_path: Path) -> None:
    file = tmp_path / 'memory'
    file.write_bytes(b'\x11' * 4096)
    memory = HostMemory()
    memory.map(0, 4096, str(file), writable=False)
    assert memory.read(4, 2) == b'\x11\x11'
    assert memory.why_not(False, 0) is None
    with pytest.raises(ReadOnlyMemory, match='host memory at 0x4 may only be read'):
        memory.write(4, b'x')


def test_bytes_over_the_link() -> None:
    asked: list[tuple[int, int, bytes | None]] = []

    def ask(address: int, size: int, data: bytes | None) -> bytes | None:
        asked.append((address, size, data))
        return None if address == 0x1010 else b'' if data else bytes(range(size))

    memory = HostMemory(ask)
    assert memory.map(0x1000, 4096) == ''
    assert memory.read(0x1000, 3) == b'\0\1\2'
    memory.write(0x1008, b'xy')
    assert asked == [(0x1000, 3, None), (0x1008, 2, b'xy')]
    with pytest.raises(ConnectionError, match='the bridge went away before it answered for host memory'):
        memory.read(0x1010, 1)


def test_watched_range() -> None:
    memory = HostMemory()
    memory.map(0, 4096)
    written: list[int] = []
    memory.on_written = lambda: written.append(1)
    for watch, expected in (((8, 4), [False, True, True, False]), ((0, 0), [False] * 4)):
        memory.watch(*watch)
        for (address, data), is_told in zip(((4, b'abcd'), (6, b'abc'), (11, b'a'), (12, b'a')), expected):
            written.clear()
            memory.write(address, data)
            assert bool(written) == is_told


def test_region_that_no_bridge_serves() -> None:
    """A team's own tests go on without Trapline: all bytes are its own memory's."""
    own = bytearray(range(16))
    region = HostRegion('m_axi', otherwise=own)
    assert region[4:8] == bytes([4, 5, 6, 7])
    region[4:6] = b'xy'
    assert own[3:7] == bytes([3, *b'xy', 6])
    alone = HostRegion('m_axi')
    with pytest.raises(NotMapped, match='no bridge serves manager port m_axi, so that 0x4 is no memory'):
        alone[4:8]
