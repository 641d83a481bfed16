# SPDX-License-Identifier: Apache-2.0
"""Carries out what the bridge asks over the link, and decides when to wait for the link.

While nobody wants time, the server waits in `recv`, between two time steps of the simulator: simulated time stands
still and no core burns. Everything usually happens in one coroutine, the worker: it receives an access, awaits the
port's manager, answers and receives again, so that an access costs no task. Beside it: the watcher, which looks at the
link every few cycles while time passes; one task for each access that overlaps another; one for each bound of time.
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

import cocotb
from cocotb.task import Task
from cocotb.triggers import Event, Timer

from ._access_log import AccessLog, EventLog
from ._carrier import carry_out
from ._codec import Value
from ._dma import Dma
from ._faults import Fault, ModelFault
from ._interrupts import Interrupts, Line
from ._job import Job
from ._link import Link, Received, Wait
from ._mailbox import Mailbox
from ._passing import Passing
from ._replies import Replies
from ._reset import Reset
from ._time import Timeline, end_of_time
from .managers.manager import BusSettings, Manager, ProtocolBreach
from .memory import HostMemory
from .subordinates.subordinate import Subordinate

_CYCLES_BETWEEN_LOOKS = 64
_PROGRESS_INTERVAL_S = 1.0


class Design(NamedTuple):
    """What of the design is served."""

    ports: dict[str, Manager]
    lines: list[Line]
    subordinates: dict[str, Subordinate]
    """What answers the design's own manager ports."""
    resets: list[Reset]
    timeline: Timeline


class Server:
    """See above. One link's; `run` serves it, `finish` says the last words."""

    def __init__(
        self, link: Link, design: Design, log: AccessLog, events: EventLog, limits: BusSettings, min_cycles: int = 0
    ) -> None:
        self._is_joined = False
        """By a bridge that did not start this simulation."""
        self._link = link
        self._design = design
        self._log = log
        self._events = events
        self._timeline = design.timeline
        self._ended = Event()
        self._wake = Event()
        """Says to a worker that waits for it that something may have become possible."""
        self._replies = Replies(link, design.timeline)
        self._mailbox = Mailbox(design.ports, design.timeline, log, min_cycles, self._replies.completion)
        self._limits = limits
        self._memory = HostMemory(self._ask_dma)
        self._passing = Passing(
            design.timeline,
            self._replies,
            self._memory,
            design.resets,
            self._start,
            self._drop_accesses,
            self._wake.set,
        )
        self._dma = Dma(self._memory, design.timeline, log.write_burst, events.burst, self._replies.dma_fault)
        self._told_waits: list[str] = []
        self._interrupts = Interrupts(design.lines, design.timeline, events, self._on_interrupt)
        self._requests: Mapping[str, Callable[[int, Value], None]] = {
            'open_session': lambda id_, body: self._replies.done_unless(id_, self._mailbox.open_session(body)),
            'close_session': lambda id_, body: self._replies.done_unless(
                id_, self._mailbox.close_session(body['session'])
            ),
            'advance': self._passing.begin_advance,
            'reset': self._passing.begin_reset,
            'statistics': lambda id_, _: self._replies.statistics(id_, self._mailbox.statistics, self._waits()),
            'map_memory': lambda id_, body: self._replies.done_unless(id_, self._memory.map(**body)),
            'unmap_memory': lambda id_, body: self._replies.done_unless(id_, self._memory.unmap(body['address'])),
            'stop': self._begin_stop,
            'run': self._passing.begin_run,
            'trace': lambda id_, _: self._replies.refuse(
                id_, "the waveform of a cocotb model is its simulator's, from start to end"
            ),
            'serve_forks': lambda id_, _: self._replies.refuse(
                id_, "a cocotb model can't be copied; start one for each run"
            ),
            'become_fork': self._begin_log,
        }
        self._worker: Task[None] | None = None
        self._worker_carries = False
        self._beside: set[Task[None]] = set()
        """Accesses that overlap the worker's."""
        self._is_stopping = False
        self._failure: Exception | None = None
        self._last_progress = time.monotonic()

    def greet(self, simulator: str, pid: int, *, is_joined: bool = False) -> None:
        """Says Hello; `is_joined`: to a bridge that did not start this simulation, and says later where its log is."""
        self._is_joined = is_joined
        names = [line.name for line in self._design.lines]
        period_ps = self._design.timeline.period_ps
        self._replies.hello(simulator, list(self._design.ports), names, pid, period_ps)

    async def run(self) -> None:
        """Serves until the link ends, a StopModel comes or a stop is requested.

        Raises:
            ModelFault: the model can't go on.
            Exception: whatever a manager, or a log, raised.
        """
        tasks = [cocotb.start_soon(self._watch()), *self._interrupts.start()]
        for name, subordinate in self._design.subordinates.items():
            subordinate.serve(self._dma, self._limits, partial(self._fail, name))
        self._worker = cocotb.start_soon(self._work())
        try:
            await self._ended.wait()
        finally:
            for task in (self._worker, *self._beside, *tasks):
                task.cancel()
            for subordinate in self._design.subordinates.values():
                subordinate.stop()
        if self._failure is not None:
            raise self._failure

    def finish(self, fault: Fault | None) -> None:
        """Answers what is unfinished, says what happened, if anything, and waits until the bridge has heard it."""
        self._mailbox.abandon(str(fault) if fault else 'the model was stopped')
        self._log.flush()
        self._events.flush()
        if fault is not None:
            self._replies.fault(fault)
        self._memory.close()
        self._link.leave()

    # ---- when to look at the link

    async def _work(self) -> None:
        """The worker: see above."""
        await self._guard(self._carry_and_wait())

    async def _guard(self, coroutine: Awaitable[None]) -> None:
        """What goes wrong in one of our tasks ends the server; cocotb would end the test without last words."""
        try:
            await coroutine
        except CancelledError:
            raise
        except Exception as error:
            self._failure = self._failure or error
            self._stop()

    def _fail(self, name: str, error: Exception) -> None:
        """What went wrong at one of the design's manager ports. If the bridge has gone, it is just the end."""
        if isinstance(error, ProtocolBreach):
            error = ModelFault(Fault('protocol', f'port {name}: {error.words}'))
        if not isinstance(error, ConnectionError):
            self._failure = self._failure or error
        self._stop()

    async def _carry_and_wait(self) -> None:
        while True:
            self._end_edge()
            if self._is_stopping or (self._link.has_deferred and not self._serve_received()):
                break
            job = self._take_startable()
            if job is not None:
                if self._mailbox.queue:
                    self._start_others()
                self._worker_carries = True
                await carry_out(self._mailbox, job)
                self._worker_carries = False
            elif self._wants_time():
                self._wake.clear()
                await self._until_something_happens()
            elif not self._wait_for_reason():
                break
        self._stop()

    async def _until_something_happens(self) -> None:
        early = self._mailbox.earliest_start - self._timeline.cycle
        if early > 0 and self._mailbox.has_startable() and not self._passing.is_in_reset:
            await self._timeline.pass_cycles(early)
        else:
            await self._wake.wait()

    def _stop(self) -> None:
        self._is_stopping = True
        self._ended.set()

    def _wants_time(self) -> bool:
        return self._passing.wants_time or self._mailbox.has_current or self._mailbox.has_startable()

    def _wait_for_reason(self) -> bool:
        """Blocks the simulator until somebody wants time; False if nobody ever will."""
        wait = Wait.FOR_WHILE
        while not self._wants_time():
            received = self._link.receive(wait)
            if received is Received.END:
                return False
            if received is Received.BYTES:
                wait = Wait.FOR_WHILE
            else:
                self._log.flush()
                self._events.flush()
                if self._waits() != self._told_waits:
                    self._send_progress()
                wait = Wait.FOR_EVER
            if not self._serve_received():
                return False
        return True

    async def _watch(self) -> None:
        """Looks at the link while time passes; while it stands still, the worker does. In the middle of a cycle."""
        steps = self._timeline.period_steps
        await Timer(max(steps // 2, 1), 'step')
        while not self._is_stopping:
            timeline = self._timeline
            cycles = min(_CYCLES_BETWEEN_LOOKS, timeline.most_cycles_at_once, timeline.cycles_left)
            if cycles <= 0:
                self._failure = self._failure or end_of_time()
                self._stop()
                break
            await Timer(cycles * steps, 'step')
            await self._guard(self._look_at_link())

    async def _look_at_link(self) -> None:
        now = time.monotonic()
        if now - self._last_progress >= _PROGRESS_INTERVAL_S:
            self._last_progress = now
            self._send_progress()
        if self._link.receive(Wait.NOT) is Received.END or not self._serve_received():
            self._stop()
        self._end_edge()
        self._go_on()

    def _send_progress(self) -> None:
        self._told_waits = self._waits()
        self._replies.progress(self._mailbox, self._told_waits)

    def _waits(self) -> list[str]:
        return [phrase for subordinate in self._design.subordinates.values() for phrase in subordinate.waits()]

    def _serve_received(self) -> bool:
        while not self._is_stopping:
            request = self._link.take()
            if request is None:
                return True
            self._serve(request)
            self._link.flush()
        return False

    def _end_edge(self, is_at_edge: bool = False) -> None:
        """Lets everything go that the last edge has brought forth: what the design wrote is in memory, then interrupts
        are told, then completions."""
        self._dma.store_ended_writes()
        edges = self._interrupts.take(is_at_edge)
        for edge in edges:
            self._replies.interrupt(edge)
        self._passing.end_run_when_due(is_interrupted=bool(edges))
        self._link.flush()

    def _on_interrupt(self) -> None:
        self._end_edge(is_at_edge=True)
        self._go_on()

    def _ask_dma(self, address: int, size: int, to_write: bytes | None) -> bytes | None:
        answer = self._link.ask_dma(address, size, to_write)
        if self._link.has_deferred:
            self._wake.set()
        return answer

    def _go_on(self) -> None:
        """After something that the worker did not do itself."""
        self._wake.set()
        if self._worker_carries:
            self._start_others()

    # ---- accesses

    def _take_startable(self) -> Job | None:
        mailbox = self._mailbox
        if not mailbox.queue or self._passing.is_in_reset or mailbox.earliest_start > self._timeline.cycle:
            return None
        return mailbox.take_startable()

    def _start_others(self) -> None:
        """Accesses that may go on beside the worker's."""
        while (job := self._take_startable()) is not None:
            self._beside.add(cocotb.start_soon(self._carry_beside(job)))

    async def _carry_beside(self, job: Job) -> None:
        await self._guard(carry_out(self._mailbox, job))
        self._beside = {task for task in self._beside if not task.done() and task is not cocotb.task.current_task()}
        self._end_edge()
        self._go_on()

    # ---- what is asked

    def _serve(self, request: Value) -> None:
        request_id = request['id']
        name = next(reversed(request))
        if name == 'access':
            body = request['access']
            refusal = self._mailbox.submit(request_id, body['session'], body.get('access'))
            if refusal:
                self._replies.refuse(request_id, refusal)
            return
        serve = self._requests.get(name)
        if serve is None:
            self._replies.refuse(request_id, 'the request has no body that this model knows')
        else:
            serve(request_id, request[name])

    def _begin_log(self, request_id: int, body: Value) -> None:
        """A bridge that has joined says where its access log is; one that started us said it before."""
        if not self._is_joined:
            self._replies.refuse(request_id, "this model is no copy; a cocotb model can't be copied")
            return
        self._log.reopen(body['log'])
        self._replies.done(request_id)

    def _begin_stop(self, request_id: int, _: Value) -> None:
        self._is_stopping = True
        self._replies.done(request_id)

    def _start(self, coroutine: Awaitable[None]) -> Task[None]:
        """Begins a wait for a bound of time."""

        async def wait() -> None:
            await self._guard(coroutine)
            self._end_edge()
            self._go_on()

        return cocotb.start_soon(wait())

    def _drop_accesses(self) -> None:
        """A reset: those under way are answered, and leave their buses."""
        self._mailbox.cut_off('cut off by a reset of the model')
        for port in self._mailbox.ports:
            port.manager.enter_reset()
        for subordinate in self._design.subordinates.values():
            subordinate.enter_reset()
        for task in self._beside:
            task.cancel()
        self._beside.clear()
        if self._worker_carries and self._worker is not None:
            self._worker_carries = False
            self._worker.cancel()
            self._worker = cocotb.start_soon(self._work())
