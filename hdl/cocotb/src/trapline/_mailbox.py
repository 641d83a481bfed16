# SPDX-License-Identifier: Apache-2.0
"""Stands between the link and the buses: sessions, the order of accesses, who holds the bus, the statistics.

It knows no bus protocol, does not touch the link and never moves time. As `hdl/sim/mailbox.cc`: one session's accesses
start one after the other, in the order they came, whatever port they go to. Accesses of different sessions to
different ports may overlap, unless one session holds the bus.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ._access_log import AccessLog
from ._codec import Value
from ._job import Device, Job, Session, String, cut
from ._limits import MAX_ACCESS_BYTES, MAX_BYTES, MAX_MASKED_BYTES
from ._messages import Operation
from ._time import Timeline
from .managers.manager import Manager, Status

Deliver = Callable[[int, Value], None]
"""Takes a request's id and the Completion that answers it."""


class Port:
    """One bus of the design and the access under way there."""

    def __init__(self, name: str, manager: Manager) -> None:
        self.name = name
        self.manager = manager
        self.current: Job | None = None
        self.stuck = ''
        """The access that wedged the bus, in words; empty while the bus is sound."""

    def reach_error(self, job: Job) -> str:
        """Why the access can't go to this bus, or an empty string."""
        device = job.device
        if job.offset + job.width > device.size:
            return f'it does not lie inside the device, which has {device.size:#x} bytes'
        bits = self.manager.address_bits
        end = device.address + job.offset + job.width
        if end > 1 << bits:
            return (
                f'bus address {end - 1:#x} lies beyond port {self.name}, whose {bits} address bits end at '
                f'{(1 << bits) - 1:#x}'
            )
        if job.is_write:
            why = self.manager.why_not_write(job.address, job.width, job.enables)
            if why:
                return f'port {self.name} {why}'
        return ''


class Statistics:
    """What was carried out since the start."""

    __slots__ = ('beats', 'errors', 'reads', 'writes')

    def __init__(self) -> None:
        self.reads = self.writes = self.beats = 0
        self.errors = 0
        """Completions that were not OKAY."""

    @property
    def accesses(self) -> int:
        return self.reads + self.writes


class Mailbox:
    """See above. What returns text returns why it refused, or an empty string."""

    def __init__(
        self, ports: dict[str, Manager], timeline: Timeline, log: AccessLog, min_cycles: int, deliver: Deliver
    ) -> None:
        self.ports = [Port(name, manager) for name, manager in ports.items()]
        self.statistics = Statistics()
        self.queue: deque[Job] = deque()
        """In order of arrival."""
        self.earliest_start = 0
        """Cycle before which no access starts (key minCyclesPerAccess)."""
        self._timeline = timeline
        self._log = log
        self._min_cycles = min_cycles
        self._deliver = deliver
        self._sessions: dict[int, Session] = {}
        self._busy: set[int] = set()
        """Sessions with an access under way; none has two."""
        self._holder = 0
        """Session that holds the bus, 0 if none."""

    # ---- the link's side

    def open_session(self, request: Value) -> str:
        number = request['session']
        if number == 0:
            return "a session's number is never 0"
        if number in self._sessions:
            return f'session {number} is open already'
        devices = {}
        for device in request['devices']:
            fault = self._fault_in_device(device)
            if fault:
                return fault
            devices[device['handle']] = Device(device['name'], device['port'], device['address'], device['size'])
        self._sessions[number] = Session(number, request['pid'], devices)
        return ''

    def _fault_in_device(self, device: Value) -> str:
        name = device['name']
        if device['read_stream'] or device['write_stream']:
            return f'device {name} is a stream, but a cocotb model has none; use a Verilator model for it'
        if device['backdoor']:
            return (
                f'device {name} has a backdoor to {device["backdoor"]}, but a cocotb model has none; '
                f'leave the key out, or use a Verilator model'
            )
        if device['port'] < len(self.ports):
            return ''
        return f'device {name} lies on port {device["port"]}, but the model has only {len(self.ports)}'

    def close_session(self, number: int) -> str:
        if self._sessions.pop(number, None) is None:
            return f'session {number} is not open'
        if self._holder == number:
            self._holder = 0
        return ''

    @property
    def has_sessions(self) -> bool:
        return bool(self._sessions)

    def submit(self, request_id: int, session_number: int, access: Value | None) -> str:
        session = self._sessions.get(session_number)
        if session is None:
            return f'session {session_number} is not open'
        if access is None:
            return 'an access is a read or a write'
        device = session.devices.get(access['device'])
        if device is None:
            return f'session {session_number} has no device {access["device"]}'
        fault = _fault_in(access)
        if not fault:
            self.queue.append(Job(request_id, session, device, access))
        return fault

    # ---- arbitration

    def has_startable(self) -> bool:
        """Whether a queued access only waits for time, or for the one before it on its port."""
        return bool(self.queue) and any(self._may_start(job) for job in self._oldest())

    def take_startable(self) -> Job | None:
        """The first queued access whose turn it is and whose port is free. It is on its port from now on."""
        if not self.queue:
            return None
        for job in self._oldest():
            port = self.ports[job.device.port]
            if port.current is None and self._may_start(job):
                self.queue.remove(job)
                port.current = job
                self._busy.add(job.session.number)
                return job
        return None

    def _oldest(self) -> Iterable[Job]:
        """Of each session with something queued, what came first."""
        if len(self.queue) == 1:
            return tuple(self.queue)
        oldest: dict[int, Job] = {}
        for job in self.queue:
            oldest.setdefault(job.session.number, job)
        return oldest.values()

    def _may_start(self, job: Job) -> bool:
        number = job.session.number
        return number not in self._busy and self._holder in (0, number)

    @property
    def has_current(self) -> bool:
        """Whether an access is under way."""
        return bool(self._busy)

    # ---- the life of one access

    def start(self, port: Port, job: Job) -> bool:
        """Begins what was taken; whether the bus has to carry it. Else it has been answered."""
        job.cycle_start = self._timeline.cycle
        # Nobody would release the bus for a session that has been closed meanwhile.
        self._holder = job.session.number if job.hold and job.session.number in self._sessions else 0
        unreachable = port.reach_error(job)
        if unreachable:
            self.finish(port, Status.DECERR, f'DECERR on {job}: {unreachable}')
        elif port.stuck:
            words = f'not started, port {port.name} is stuck since the {port.stuck}; reset the model'
            self.finish(port, Status.TIMEOUT, f'{job}: {words}')
        else:
            return True
        return False

    def time_out(self, port: Port, words: str) -> None:
        """A handshake used up its cycles: the port is of no use until a reset."""
        port.stuck = str(port.current)
        self.finish(port, Status.TIMEOUT, f'{port.stuck}: {words}')

    def finish(self, port: Port, status: Status, detail: str = '', data: bytes = b'') -> None:
        """Answers the access under way on a port."""
        job = port.current
        assert job is not None
        port.current = None
        self._busy.discard(job.session.number)
        self._complete(job, status, detail, data)

    def _complete(self, job: Job, status: Status, detail: str, data: bytes = b'') -> None:
        cycle, time_ps = self._timeline.now()
        self.earliest_start = cycle + self._min_cycles
        statistics = self.statistics
        if job.is_write:
            statistics.writes += 1
        else:
            statistics.reads += 1
        if status is not Status.OKAY:
            statistics.errors += 1
            # The second half of a locked instruction doesn't come when the first one failed.
            if self._holder == job.session.number:
                self._holder = 0
        if job.string is None:
            self._answer(job, status, detail, data)
        self._log.write(statistics.accesses, job, status, data, cycle, time_ps)
        if job.string is not None:
            self._end_element(job, job.string, status, detail, data)

    def _answer(self, job: Job, status: Status, detail: str, data: bytes) -> None:
        cycle, time_ps = self._timeline.now()
        string = job.string
        completion: dict[str, Any] = {'seq': job.seq - (string.done if string else 0), 'status': status}
        if data:
            completion['data'] = data
        completion['cycle_start'] = job.cycle_start
        completion['cycle_end'] = cycle
        completion['time_ps'] = time_ps
        completion['beats'] = job.beats
        if detail:
            completion['detail'] = cut(detail, MAX_BYTES['Completion.detail'])
        if string:
            completion['done'] = string.done
        self._deliver(job.request_id, completion)

    def _end_element(self, job: Job, string: String, status: Status, detail: str, data: bytes) -> None:
        """The next one comes as if its host had waited for this one; but ahead of what its session has sent since."""
        beats = job.beats
        if status is Status.OKAY and job.step(string, data):
            numbers = [queued.session.number for queued in self.queue]
            number = job.session.number
            self.queue.insert(numbers.index(number) if number in numbers else len(numbers), job)
            return
        job.beats = beats
        self._answer(job, status, detail, bytes(string.brought))

    def cut_off(self, why: str) -> None:
        """Ends the accesses under way as DISCONNECTED and frees stuck ports; what is queued waits. For a reset."""
        for port in self.ports:
            port.stuck = ''
            if port.current is not None:
                self.finish(port, Status.DISCONNECTED, f'{port.current}: {why}')

    def abandon(self, why: str) -> None:
        """Ends everything as DISCONNECTED. For the end of the model."""
        self.cut_off(why)
        while self.queue:
            job = self.queue.popleft()
            job.cycle_start = self._timeline.cycle
            words = f'{job}: not started, {why}'
            if job.string is not None and job.string.done > 0:
                # Who asks one by one would have been told before, and not have asked for this one.
                self._answer(job, Status.DISCONNECTED, words, bytes(job.string.brought))
            else:
                self._complete(job, Status.DISCONNECTED, words)

    @property
    def pending(self) -> str:
        """The oldest unfinished access in words, empty if there is none."""
        for port in self.ports:
            if port.current is not None:
                return str(port.current)
        return str(self.queue[0]) if self.queue else ''


def _fault_in(access: Value) -> str:
    is_write = access['operation'] == Operation.WRITE
    width = access['width_bytes']
    if not is_write and access['operation'] != Operation.READ:
        return 'an access is a read or a write'
    if not 1 <= width <= MAX_ACCESS_BYTES:
        return f'an access has 1 to {MAX_ACCESS_BYTES} bytes, not {width}'
    if width > MAX_MASKED_BYTES and access['byte_enables'] != 0:
        return f'byte enables reach no further than {MAX_MASKED_BYTES} bytes'
    elements = max(access['elements'], 1)
    fault = _fault_in_string(access) if elements > 1 else ''
    if fault:
        return fault
    expected = elements * width if is_write else 0
    if len(access['data']) != expected:
        return f'the access carries {len(access["data"])} bytes of data instead of {expected}'
    return ''


def _fault_in_string(access: Value) -> str:
    if access['byte_enables'] or access['hold'] or access['posted'] or access['patience_cycles']:
        return 'a string is neither masked, locked nor posted, nor of a stream'
    width, elements, offset = access['width_bytes'], access['elements'], access['offset']
    if elements * width > MAX_ACCESS_BYTES:
        return f'a string has at most {MAX_ACCESS_BYTES} bytes, not {elements * width}'
    last = offset + (elements - 1) * (-width if access['descending'] else width)
    return '' if 0 <= last < 1 << 64 else 'a string leaves the 64 bits of its offset'
