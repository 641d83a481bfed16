# SPDX-License-Identifier: Apache-2.0
"""Who wants time to pass for its own sake: an Advance, a RunModel, a reset. One task each, and nothing per cycle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from cocotb.task import Task

from ._codec import Value
from ._limits import MAX_ADVANCED_CYCLES, MAX_RESET_CYCLES
from ._replies import Replies
from ._reset import Reset
from ._time import Timeline
from .memory import HostMemory


class _Run(NamedTuple):
    """A RunModel under way."""

    id: int
    until_interrupt: bool
    until_written: bool
    """To the range that the memory watches."""
    task: Task[None]


class Passing:
    """See above. `start` begins a task that waits for time; what is queued when it ends is sent.

    `cut_off` ends what is under way when a reset begins. `wake` says that a run may have ended.
    """

    def __init__(
        self,
        timeline: Timeline,
        replies: Replies,
        memory: HostMemory,
        resets: list[Reset],
        start: Callable[[Awaitable[None]], Task[None]],
        cut_off: Callable[[], None],
        wake: Callable[[], None],
    ) -> None:
        self._timeline = timeline
        self._replies = replies
        self._memory = memory
        self._resets = resets
        self._start = start
        self._cut_off = cut_off
        self._wake = wake
        self._run: _Run | None = None
        self._was_written = False
        self._advances = 0
        self._reset_ids: list[int] = []
        self._reset_until = 0
        self.is_in_reset = False
        memory.on_written = self._on_written

    @property
    def wants_time(self) -> bool:
        return self._run is not None or self._advances > 0 or self.is_in_reset

    # ---- Advance

    def begin_advance(self, request_id: int, body: Value) -> None:
        cycles: int = body['cycles']
        left = self._timeline.cycles_left
        if cycles > MAX_ADVANCED_CYCLES:
            self._replies.refuse(request_id, f'cycles is {cycles}; advance by at most {MAX_ADVANCED_CYCLES} at once')
        elif cycles > left:
            words = f'cycles is {cycles}; until the end of simulated time there are only {left}'
            self._replies.refuse(request_id, words)
        elif cycles == 0:
            self._replies.done(request_id)
        else:
            self._advances += 1
            self._start(self._advance(request_id, cycles))

    async def _advance(self, request_id: int, cycles: int) -> None:
        await self._timeline.pass_cycles(cycles)
        self._advances -= 1
        self._replies.done(request_id)

    # ---- RunModel

    def begin_run(self, request_id: int, body: Value) -> None:
        self._end_run()
        if body['cycles'] == 0:
            self._replies.done(request_id)
            return
        task = self._start(self._end_run_after(request_id, body['cycles']))
        self._run = _Run(request_id, body['until_interrupt'], body['until_written_size'] != 0, task)
        self._memory.watch(body['until_written_address'], body['until_written_size'])
        self._was_written = False

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

    def end_run_when_due(self, is_interrupted: bool) -> None:
        """At the end of each edge: the run ends early if what it waits for has come."""
        run = self._run
        if run is None:
            return
        if (run.until_interrupt and is_interrupted) or (run.until_written and self._was_written):
            self._end_run()

    def _on_written(self) -> None:
        self._was_written = True
        self._wake()

    # ---- resets

    def begin_reset(self, request_id: int, body: Value) -> None:
        cycles: int = body['cycles']
        if cycles > MAX_RESET_CYCLES:
            self._replies.refuse(request_id, f'cycles is {cycles}; a reset has at most {MAX_RESET_CYCLES}')
            return
        if not self._resets:
            words = "nobody named this model's reset; give it to Bridge, as reset=Reset(dut.rst_n)"
            self._replies.refuse(request_id, words)
            return
        self._cut_off()
        self._reset_ids.append(request_id)
        # One that is asserted already doesn't end earlier by another.
        until = self._timeline.cycle + (cycles or max(reset.cycles for reset in self._resets))
        self._reset_until = max(self._reset_until, until)
        for reset in self._resets:
            reset.begin()
        if not self.is_in_reset:
            self.is_in_reset = True
            self._start(self._reset())

    async def _reset(self) -> None:
        while (left := self._reset_until - self._timeline.cycle) > 0:
            await self._timeline.pass_cycles(left)
            # Released between two edges, so that none comes in between.
            await self._timeline.pass_half_a_cycle()
        for reset in self._resets:
            reset.end()
        await self._timeline.pass_cycles(1)
        self.is_in_reset = False
        ids, self._reset_ids = self._reset_ids, []
        for request_id in ids:
            self._replies.done(request_id)
