# SPDX-License-Identifier: Apache-2.0
"""Where simulated time stands, in cycles of the first clock and in picoseconds.

Cycle n begins with rising edge n of the first clock. Nobody counts edges: no coroutine runs for a cycle in which
nothing happens. The number follows from the simulator's time, as if the clock had run with the period that it has now
from power-up on; a clock that starts late, stops or changes its period makes numbers that are only in order.
"""

from __future__ import annotations

from typing import Any

from cocotb.simtime import convert, get_sim_time
from cocotb.triggers import FallingEdge, RisingEdge, Timer

_MOST_CYCLES_AT_ONCE = 1_000_000
"""Of one Timer: simulators differ in how far ahead they can look."""
END_OF_TIME_PS = (1 << 64) - 1


class Timeline:
    """See above. `period_steps` and `phase_steps` are in steps of the simulator's time precision."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.edge = RisingEdge(clock)
        fs_per_step = round(convert(1, 'step', to='fs'))
        self._ps_per_step = max(fs_per_step // 1000, 1)
        self._steps_per_ps = max(1000 // fs_per_step, 1)
        self.period_steps = 0
        self.phase_steps = 0
        self._first = 0

    async def measure(self) -> None:
        """Learns the clock's period from its next two rising edges."""
        await self.edge
        begin: int = get_sim_time('step')
        await self.edge
        self.period_steps = get_sim_time('step') - begin
        self.phase_steps = begin % self.period_steps
        # An edge at time 0 would be number 0, which is power-up's.
        self._first = 1 if self.phase_steps else 0

    @property
    def period_ps(self) -> int:
        return self.period_steps * self._ps_per_step // self._steps_per_ps

    @property
    def cycle(self) -> int:
        steps: int = get_sim_time('step')
        return self._cycle_at(steps)

    def _cycle_at(self, steps: int) -> int:
        if steps < self.phase_steps or not self.period_steps:
            return 0
        return (steps - self.phase_steps) // self.period_steps + self._first

    def now(self) -> tuple[int, int]:
        """The cycle under way, and the time in picoseconds."""
        steps: int = get_sim_time('step')
        return self._cycle_at(steps), steps * self._ps_per_step // self._steps_per_ps

    @property
    def is_at_edge(self) -> bool:
        """Whether the first clock rises in this time step."""
        steps: int = get_sim_time('step')
        return (steps - self.phase_steps) % self.period_steps == 0

    @property
    def cycles_left(self) -> int:
        """That fit into 64 bits of picoseconds."""
        return (END_OF_TIME_PS - self.now()[1]) // self.period_ps - 2

    async def pass_cycles(self, cycles: int) -> None:
        """Until so many more cycles have begun: until a rising edge of the first clock."""
        while cycles > 0:
            some = min(cycles, _MOST_CYCLES_AT_ONCE)
            since_edge = (get_sim_time('step') - self.phase_steps) % self.period_steps
            # To the middle of the cycle before that edge: at an edge's own time it is open who comes first.
            ahead = some * self.period_steps - since_edge - self.period_steps // 2
            if ahead > 0:
                await Timer(ahead, 'step')
            await self.edge
            cycles -= some

    async def pass_half_a_cycle(self) -> None:
        """Until the first clock falls."""
        await FallingEdge(self.clock)
