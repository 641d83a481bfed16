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
from typing import NamedTuple

import cocotb
from cocotb.task import Task
from cocotb.triggers import Event, Timer

from ._access_log import AccessLog, EventLog
from ._carrier import carry_out
from ._codec import Value
from ._faults import Fault
from ._interrupts import Interrupts, Line
from ._job import Job
from ._link import Link, Received, Wait
from ._mailbox import Mailbox
from ._replies import Replies
from ._reset import Reset
from ._time import Timeline
from .managers.manager import Manager

_CYCLES_BETWEEN_LOOKS = 64
_PROGRESS_INTERVAL_S = 1.0
_MOST_ADVANCED = 0xFFFF_FFFF
_MOST_RESET_CYCLES = 1_000_000


class Design(NamedTuple):
    """What of the design is served."""

    ports: dict[str, Manager]
    lines: list[Line]
    resets: list[Reset]
    timeline: Timeline


class _Run(NamedTuple):
    """A RunModel under way."""

    id: int
    until_interrupt: bool
    task: Task[None]


class Server:
    """See above. One link's; `run` serves it, `finish` says the last words."""

    def __init__(self, link: Link, design: Design, log: AccessLog, events: EventLog, min_cycles: int = 0) -> None:
        self._link = link
        self._design = design
        self._log = log
        self._events = events
        self._timeline = design.timeline
        self._replies = Replies(link, design.timeline)
        self._mailbox = Mailbox(design.ports, design.timeline, log, min_cycles, self._replies.completion)
        self._interrupts = Interrupts(design.lines, design.timeline, events, self._on_interrupt)
        self._requests: Mapping[str, Callable[[int, Value], None]] = {
            'open_session': lambda id_, body: self._replies.done_unless(id_, self._mailbox.open_session(body)),
            'close_session': lambda id_, body: self._replies.done_unless(
                id_, self._mailbox.close_session(body['session'])
            ),
            'advance': self._begin_advance,
            'reset': self._begin_reset,
            'statistics': lambda id_, _: self._replies.statistics(id_, self._mailbox.statistics),
            'stop': self._begin_stop,
            'run': self._begin_run,
            'trace': lambda id_, _: self._replies.refuse(
                id_, "the waveform of a cocotb model is its simulator's, from start to end"
            ),
            'serve_forks': lambda id_, _: self._replies.refuse(
                id_, "a cocotb model can't be copied; start one for each run"
            ),
            'become_fork': lambda id_, _: self._replies.refuse(
                id_, "this model is no copy; a cocotb model can't be copied"
            ),
        }
        self._ended = Event()
        self._wake = Event()
        """Says to a worker that waits for it that something may have become possible."""
        self._worker: Task[None] | None = None
        self._worker_carries = False
        self._beside: set[Task[None]] = set()
        """Accesses that overlap the worker's."""
        self._is_stopping = False
        self._failure: Exception | None = None
        self._run: _Run | None = None
        self._advances = 0
        self._reset_ids: list[int] = []
        self._reset_until = 0
        self._is_in_reset = False
        self._last_progress = time.monotonic()

    def greet(self, simulator: str, pid: int) -> None:
        """Says Hello."""
        self._replies.hello(simulator, list(self._design.ports), [line.name for line in self._design.lines], pid)

    async def run(self) -> None:
        """Serves until the link ends, a StopModel comes or a stop is requested.

        Raises:
            ModelFault: the model can't go on.
            Exception: whatever a manager, or a log, raised.
        """
        tasks = [cocotb.start_soon(self._watch()), *self._interrupts.start()]
        self._worker = cocotb.start_soon(self._work())
        try:
            await self._ended.wait()
        finally:
            for task in (self._worker, *self._beside, *tasks):
                task.cancel()
        if self._failure is not None:
            raise self._failure

    def finish(self, fault: Fault | None) -> None:
        """Answers what is unfinished, says what happened, if anything, and waits until the bridge has heard it."""
        self._mailbox.abandon(str(fault) if fault else 'the model was stopped')
        self._log.flush()
        self._events.flush()
        if fault is not None:
            self._replies.fault(fault)
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
        if early > 0 and self._mailbox.has_startable() and not self._is_in_reset:
            await self._timeline.pass_cycles(early)
        else:
            await self._wake.wait()

    def _stop(self) -> None:
        self._is_stopping = True
        self._ended.set()

    def _wants_time(self) -> bool:
        return bool(
            self._run is not None
            or self._advances
            or self._is_in_reset
            or self._mailbox.has_current
            or self._mailbox.has_startable()
        )

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
                wait = Wait.FOR_EVER
            if not self._serve_received():
                return False
        return True

    async def _watch(self) -> None:
        """Looks at the link while time passes; while it stands still, the worker does. In the middle of a cycle."""
        steps = self._timeline.period_steps
        await Timer(max(steps // 2, 1), 'step')
        while not self._is_stopping:
            await Timer(_CYCLES_BETWEEN_LOOKS * steps, 'step')
            await self._guard(self._look_at_link())

    async def _look_at_link(self) -> None:
        now = time.monotonic()
        if now - self._last_progress >= _PROGRESS_INTERVAL_S:
            self._last_progress = now
            self._replies.progress(self._mailbox)
        if self._link.receive(Wait.NOT) is Received.END or not self._serve_received():
            self._stop()
        self._go_on()

    def _serve_received(self) -> bool:
        while not self._is_stopping:
            request = self._link.take()
            if request is None:
                return True
            self._serve(request)
            self._link.flush()
        return False

    def _end_edge(self, is_at_edge: bool = False) -> None:
        """Lets everything go that the last edge has brought forth: interrupts are told, then completions."""
        edges = self._interrupts.take(is_at_edge)
        for edge in edges:
            self._replies.interrupt(edge)
        if edges and self._run is not None and self._run.until_interrupt:
            self._end_run()
        self._link.flush()

    def _on_interrupt(self) -> None:
        self._end_edge(is_at_edge=True)
        self._go_on()

    def _go_on(self) -> None:
        """After something that the worker did not do itself."""
        self._wake.set()
        if self._worker_carries:
            self._start_others()

    # ---- accesses

    def _take_startable(self) -> Job | None:
        mailbox = self._mailbox
        if not mailbox.queue or self._is_in_reset or mailbox.earliest_start > self._timeline.cycle:
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

    def _begin_stop(self, request_id: int, _: Value) -> None:
        self._is_stopping = True
        self._replies.done(request_id)

    def _begin_advance(self, request_id: int, body: Value) -> None:
        cycles: int = body['cycles']
        left = self._timeline.cycles_left
        if cycles > _MOST_ADVANCED:
            self._replies.refuse(request_id, f'cycles is {cycles}; advance by at most {_MOST_ADVANCED} at once')
        elif cycles > left:
            self._replies.refuse(
                request_id, f'cycles is {cycles}; until the end of simulated time there are only {left}'
            )
        elif cycles == 0:
            self._replies.done(request_id)
        else:
            self._advances += 1
            self._start(self._advance(request_id, cycles))

    async def _advance(self, request_id: int, cycles: int) -> None:
        await self._timeline.pass_cycles(cycles)
        self._advances -= 1
        self._replies.done(request_id)

    def _start(self, coroutine: Awaitable[None]) -> Task[None]:
        """Begins a wait for a bound of time."""

        async def wait() -> None:
            await self._guard(coroutine)
            self._end_edge()
            self._go_on()

        return cocotb.start_soon(wait())

    # ---- time that runs while a host waits

    def _begin_run(self, request_id: int, body: Value) -> None:
        self._end_run()
        if body['cycles'] == 0:
            self._replies.done(request_id)
            return
        task = self._start(self._end_run_after(request_id, min(body['cycles'], self._timeline.cycles_left)))
        self._run = _Run(request_id, body['until_interrupt'], task)

    async def _end_run_after(self, request_id: int, cycles: int) -> None:
        await self._timeline.pass_cycles(cycles)
        if self._run is not None and self._run.id == request_id:
            self._run = None
            self._replies.done(request_id)

    def _end_run(self) -> None:
        if self._run is not None:
            run, self._run = self._run, None
            run.task.cancel()
            self._replies.done(run.id)

    # ---- resets

    def _begin_reset(self, request_id: int, body: Value) -> None:
        cycles: int = body['cycles']
        resets = self._design.resets
        if cycles > _MOST_RESET_CYCLES:
            self._replies.refuse(request_id, f'cycles is {cycles}; a reset has at most {_MOST_RESET_CYCLES}')
            return
        if not resets:
            self._replies.refuse(
                request_id, "nobody named this model's reset; give it to Bridge, as reset=Reset(dut.rst_n)"
            )
            return
        self._mailbox.cut_off('cut off by a reset of the model')
        self._drop_accesses()
        self._reset_ids.append(request_id)
        until = self._timeline.cycle + (cycles or max(reset.cycles for reset in resets))
        self._reset_until = max(self._reset_until, until)
        for reset in resets:
            reset.begin()
        if not self._is_in_reset:
            self._is_in_reset = True
            self._start(self._reset())

    def _drop_accesses(self) -> None:
        """Those under way, which have been answered, leave their buses."""
        for port in self._mailbox.ports:
            port.manager.enter_reset()
        for task in self._beside:
            task.cancel()
        self._beside.clear()
        if self._worker_carries and self._worker is not None:
            self._worker_carries = False
            self._worker.cancel()
            self._worker = cocotb.start_soon(self._work())

    async def _reset(self) -> None:
        while (left := self._reset_until - self._timeline.cycle) > 0:
            await self._timeline.pass_cycles(left)
            # Released between two edges, so that none comes in between.
            await self._timeline.pass_half_a_cycle()
        for reset in self._design.resets:
            reset.end()
        await self._timeline.pass_cycles(1)
        self._is_in_reset = False
        ids, self._reset_ids = self._reset_ids, []
        for request_id in ids:
            self._replies.done(request_id)
