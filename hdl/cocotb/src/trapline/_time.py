# SPDX-License-Identifier: Apache-2.0
"""Where simulated time stands, in cycles of the first clock and in picoseconds.

Cycle n begins with rising edge n of the first clock. Nobody counts edges: no coroutine runs for a cycle in which
nothing happens. The number follows from the simulator's time, as if the clock had run with the period that it has now
from power-up on; a clock that starts late, stops or changes its period makes numbers that are only in order.
"""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.simtime import convert, get_sim_time
from cocotb.triggers import FallingEdge, RisingEdge, Timer

from ._faults import Fault, ModelFault

_MOST_CYCLES_AT_ONCE = 1_000_000
"""Of one Timer: simulators differ in how far ahead they can look."""
_MOST_STEPS_AT_ONCE = (1 << 63) - 1
"""What cocotb takes."""
_END_OF_TIME_PS = (1 << 64) - 1
"""What the messages hold."""
_LAST_STEP = {'GHDL': (1 << 63) - 1, 'NVC': (1 << 63) - 1}
"""Of the simulator's time precision; a time of VHDL has a sign."""
_LAST_STEP_OF_OTHERS = (1 << 64) - 1


class Timeline:
    """See above. `period_steps` and `phase_steps` are in steps of the simulator's time precision."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.edge = RisingEdge(clock)
        fs_per_step = round(convert(1, 'step', to='fs'))
        self._ps_per_step = max(fs_per_step // 1000, 1)
        self._steps_per_ps = max(1000 // fs_per_step, 1)
        self.period_steps = 0
        self.edges_seen = 0
        """Of those that the period is learnt from."""
        self.phase_steps = 0
        self._first = 0
        last_step = _LAST_STEP.get(str(cocotb.SIM_NAME).upper(), _LAST_STEP_OF_OTHERS)
        self._last_step = min(last_step, _END_OF_TIME_PS * self._steps_per_ps // self._ps_per_step)

    async def measure(self) -> None:
        """Learns the clock's period from its next two rising edges."""
        await self.edge
        self.edges_seen = 1
        begin: int = get_sim_time('step')
        await self.edge
        self.edges_seen = 2
        self.period_steps = get_sim_time('step') - begin
        self.phase_steps = begin % self.period_steps
        # An edge at time 0 would be number 0, which is power-up's.
        self._first = 1 if self.phase_steps else 0

    @property
    def why_still(self) -> str:
        """A phrase if the clock has not begun to run, else empty."""
        if self.edges_seen == 2:
            return ''
        never = 'never rose' if self.edges_seen == 0 else 'rose only once'
        return f'clock {self.clock._name} {never}: the bench starts it before it makes the Bridge'

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
        """That 64 bits hold, of the simulator's own steps and of picoseconds; but for two, as hdl/sim has it."""
        now = (get_sim_time('step') - self.phase_steps) // self.period_steps
        return (self._last_step - self.phase_steps) // self.period_steps - 2 - now

    @property
    def most_cycles_at_once(self) -> int:
        """Of one Timer."""
        return min(_MOST_CYCLES_AT_ONCE, _MOST_STEPS_AT_ONCE // self.period_steps)

    async def pass_cycles(self, cycles: int) -> None:
        """Until so many more cycles have begun: until a rising edge of the first clock.

        Raises:
            ModelFault: simulated time ended before.
        """
        left = self.cycles_left
        await self._pass_cycles(min(cycles, left))
        if cycles > left:
            raise end_of_time()

    async def _pass_cycles(self, cycles: int) -> None:
        while cycles > 0:
            some = min(cycles, self.most_cycles_at_once)
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


def end_of_time() -> ModelFault:
    """What ends a model when no further cycle has a number."""
    return ModelFault(Fault('time', '64 bits hold no more of it'))
