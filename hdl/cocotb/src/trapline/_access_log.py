# SPDX-License-Identifier: Apache-2.0
"""The raw logs of one model: each is a file of JSON objects, one a line.

The access log (`hdl/sim/access_log.cc` has the same lines) holds each completion of this model and each burst that the
design's manager ports end. The event log (`hdl/sim/event_log.cc`) holds what the design does by itself, for traces of
a run, in the order of simulated time. Both are buffered; the server flushes the access log when the model is idle.
"""

from __future__ import annotations

import time
from typing import IO, NamedTuple

from ._bursts import with_enables_only
from ._job import Job, json_escaped
from .managers.manager import Status

_BUFFER_BYTES = 1 << 16


class LoggedBurst(NamedTuple):
    """A burst of the design's own. The bytes are those of host memory, lowest address first."""

    port: str
    is_write: bool
    address: int
    """Of the lowest byte."""
    data: bytes
    """0 where a write had no strobe."""
    beats: int
    status: Status
    cycle_start: int
    cycle_end: int
    time_ps: int


class LogError(Exception):
    """A log can't be written: the run ends, for its evidence would be missing."""


class _LogFile:
    """A file of lines; without a path it drops everything."""

    def __init__(self, path: str | None, what: str) -> None:
        self._kind = what
        self._is_dirty = False
        self._file: IO[str] | None = None
        self.reopen(path)

    def reopen(self, path: str | None) -> None:
        """Goes on in another file, or nowhere."""
        self.close()
        self._what = f'the {self._kind} {path}'
        if not path:
            return
        try:
            self._file = open(path, 'w', buffering=_BUFFER_BYTES, encoding='utf-8', errors='replace')
        except OSError as error:
            raise LogError(f'cannot write {self._what}: {error.strerror}') from error

    def _write(self, line: str) -> None:
        assert self._file is not None
        self._is_dirty = True
        try:
            self._file.write(line)
        except OSError as error:
            self._fail(error)

    def flush(self) -> None:
        """Call it at the end, too: nobody hears of what can't be written after that."""
        if self._file is None or not self._is_dirty:
            return
        self._is_dirty = False
        try:
            self._file.flush()
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _fail(self, error: OSError) -> None:
        self._file = None
        raise LogError(f"{self._what} can't be written: {error.strerror}") from error


class AccessLog(_LogFile):
    """See above. Everything raises `LogError` if the file takes no more."""

    def __init__(self, path: str | None = None) -> None:
        super().__init__(path, 'access log')

    def write(self, seq: int, job: Job, status: Status, data: bytes, cycle_end: int, time_ps: int) -> None:
        """One completion. `seq` counts those of this model from 1; `data` is what a read gave."""
        if self._file is None:
            return
        session = job.session
        self._write(
            f'{{"seq":{seq},"cycleStart":{job.cycle_start},"cycleEnd":{cycle_end},"timePs":{time_ps}'
            f',"op":"{"write" if job.is_write else "read"}","device":"{job.device.escaped_name}","offset":{job.offset}'
            f',"widthBytes":{job.width},"data":"{_data_of(job, data)}"{_enables_of(job)},"status":"{status.name}"'
            f',"beats":{job.beats},"bursts":{job.bursts},"pid":{session.pid},"tid":{job.tid}'
            f',"pc":"{job.pc:#x}","stack":{job.stack},"session":{session.number},"wallNs":{time.time_ns()}}}\n'
        )

    def write_burst(self, burst: LoggedBurst) -> None:
        """A burst of one of the design's manager ports, when it has ended."""
        if self._file is None:
            return
        known = burst.data if burst.status is Status.OKAY else b''
        self._write(
            f'{{"cycleStart":{burst.cycle_start},"cycleEnd":{burst.cycle_end},"timePs":{burst.time_ps}'
            f',"op":"dma-{"write" if burst.is_write else "read"}","port":"{json_escaped(burst.port)}"'
            f',"address":{burst.address},"widthBytes":{len(burst.data)},"data":"{_in_hex(known)}"'
            f',"status":"{burst.status.name}","beats":{burst.beats},"wallNs":{time.time_ns()}}}\n'
        )


class EventLog(_LogFile):
    """See above."""

    def __init__(self, path: str | None = None) -> None:
        super().__init__(path, 'event log')

    def interrupt(self, line: str, level: bool, time_ps: int) -> None:
        if self._file is not None:
            text = 'true' if level else 'false'
            name = json_escaped(line)
            self._write(f'{{"kind":"interrupt","line":"{name}","level":{text},"timePs":"{time_ps}"}}\n')

    def burst(self, port: str, is_write: bool, address: int, size: int, begin_ps: int, end_ps: int) -> None:
        if self._file is not None:
            self._write(
                f'{{"kind":"burst","port":"{json_escaped(port)}","op":"{"write" if is_write else "read"}"'
                f',"address":"{address:#x}","bytes":{size},"beginPs":"{begin_ps}","endPs":"{end_ps}"}}\n'
            )


def _in_hex(data: bytes) -> str:
    """The bytes as one number, most significant byte first."""
    return f'0x{data[::-1].hex()}' if data else ''


def _data_of(job: Job, read: bytes) -> str:
    """Bytes that are not enabled count as 0."""
    data = job.data if job.is_write else read
    enables = job.enables
    return _in_hex(data if enables is None else with_enables_only(data, enables))


def _enables_of(job: Job) -> str:
    """Of a masked access, which of its bytes it moves."""
    enables = job.enables
    return '' if enables is None else f',"byteEnables":"{enables:#x}"'
