# SPDX-License-Identifier: Apache-2.0
"""Production software as one more stimulus of a cocotb test.

A simulation that `trapline run` started is served to the programs of that run::

    @cocotb.test()
    async def serve(dut):
        Clock(dut.clk, 10, unit='ns').start()
        bus = trapline.AxiLiteManager(dut, 's_axil', dut.clk)  # before the reset: until then its inputs are X
        await reset(dut)
        async with trapline.Bridge(dut, clock=dut.clk, ports={'s_axil': bus}, interrupts={'irq': dut.irq}) as bridge:
            await bridge.served()

A test that somebody else started starts the programs itself, with `Bridge.run`.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from types import FrameType, TracebackType
from typing import Any, ClassVar

import cocotb
from cocotb.task import current_task

from ._access_log import AccessLog, EventLog
from ._faults import fault_of
from ._from_settings import clock_of, managers_of, resets_of, subordinates_of
from ._host_run import Devices, HostRun, PathText, config_of, flags_of
from ._interrupts import lines_of
from ._limits import DEFAULT_MAX_CYCLES, MAX_BYTES, MAX_COUNT
from ._link import Link
from ._reset import Reset, reset_list
from ._server import Design, Server
from ._settings import VARIABLE, Settings, read_settings
from ._time import Timeline
from .managers.foreign import as_manager
from .managers.manager import BusSettings, Manager
from .subordinates.subordinate import Subordinate

_NOBODY_ASKS = (
    f'nobody asked for this simulation to be served ({VARIABLE} is not set): start it with `trapline run`, '
    f'or start the program from here, with `await bridge.run([...])`'
)
_RUNS_ALREADY = (
    'programs run on this simulation already, and it waits for one run at a time: await that one first, let its '
    "program start the others (['sh', '-c', './a & ./b; wait']), or take them as they come, by `bridge.serve`"
)


class Bridge:
    """Serves a design's buses to programs that run under Trapline; an asynchronous context manager.

    What the run's configuration says of the design may be left out here, and what is given here goes before it.

    Args:
        dut: the design.
        clock: its first clock, which runs already: the one that cycles are counted by.
        ports: buses by the names that the configuration's devices use: one of `trapline`'s managers, a master of
            cocotbext-axi, or anything with `async read(address, n)` and `async write(address, data)`.
        interrupts: interrupt outputs by the names that the configuration uses: handles, or names in `dut`; or a list of
            names that are both.
        subordinates: what answers the design's own manager ports out of the programs' memory, by the ports' names, or
            a list of those that know their port's name.
        reset: what a reset of the model does, or a list of them. Without it such a request is refused.

    Raises:
        ValueError: the design has no such signal, or something needed is said neither here nor there.
    """

    _has_run: ClassVar[bool] = False
    """A run or a bridge of ours has joined this simulation."""

    def __init__(
        self,
        dut: Any,
        *,
        clock: Any = None,
        ports: Mapping[str, Any] | None = None,
        interrupts: Mapping[str, Any] | Sequence[str] | None = None,
        subordinates: Mapping[str, Subordinate] | Sequence[Subordinate] | None = None,
        reset: Reset | Sequence[Reset] | None = None,
    ) -> None:
        self._settings = settings = read_settings()
        self._top: str = dut._name
        clock = clock if clock is not None else clock_of(dut, settings)
        buses = ports if ports is not None else managers_of(dut, settings)
        managers = {
            name: bus if isinstance(bus, Manager) else as_manager(bus, clock=clock, name=name)
            for name, bus in buses.items()
        }
        if not managers:
            raise ValueError(
                "a bridge needs a bus: name one, as ports={'s_axil': AxiLiteManager(dut, 's_axil', dut.clk)}"
            )
        named = settings.interrupts if interrupts is None else interrupts
        lines = lines_of(dut, named if isinstance(named, Mapping) else {name: name for name in named})
        resets = resets_of(dut, settings) if reset is None else reset_list(reset)
        answering = _by_name(subordinates) if subordinates is not None else subordinates_of(dut, settings)
        self._design = Design(managers, lines, answering, resets, Timeline(clock))
        self._limits = BusSettings(seed=settings.seed, max_cycles=settings.max_cycles, stall=settings.stall)
        _check_names('ports', list(managers))
        _check_names('interrupts', [line.name for line in lines])
        self._log: AccessLog | None = None
        self._server: Server | None = None
        self._link: Link | None = None
        self._is_served = False
        self._test = ''
        self._signals: dict[int, Any] = {}

    async def __aenter__(self) -> Bridge:
        self._test = current_task().get_name().removeprefix('Test ')
        settings = self._settings
        for manager in self._design.ports.values():
            manager.configure(self._limits)
        self._log, self._events = AccessLog(settings.log), EventLog(settings.events)
        try:
            if settings.link:
                self._connect(_connected(settings.link))
            try:
                await self._design.timeline.measure()
            finally:
                # Also before the last words of a simulation whose clock never runs.
                self._greet()
        except BaseException as error:
            self._disconnect((error,))
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # No time may pass here: cocotb may have ended already.
        self._disconnect(None if kind is None and self._is_served else (error,))
        for log in (self._log, self._events):
            if log is not None:
                log.close()

    @property
    def settings(self) -> Settings:
        """What the run says; defaults if the simulation was not started by one."""
        return self._settings

    async def reset(self, cycles: int | None = None) -> None:
        """Resets the design for so many cycles of its first clock, before it is served.

        Raises:
            ValueError: no reset is known.
        """
        if not self._design.resets:
            raise ValueError("nobody named the design's reset; give it to Bridge, as reset=Reset(dut.rst_n)")
        await _reset(self._design, cycles)

    async def served(self) -> None:
        """Serves the run that started this simulation, until it ends or asks the model to stop.

        Simulated time stands still while nobody asks for anything. Returns then; the link ends with the `async with`
        block, so that an exception of what follows is told, too.

        Raises:
            RuntimeError: no run started this simulation, or it has been served already.
            ModelFault: a device broke the protocol of its bus.
            Exception: whatever a driver raised.
        """
        if self._server is None:
            raise RuntimeError('the run that started this simulation has ended' if self._is_served else _NOBODY_ASKS)
        await self._server.run()
        self._is_served = True

    async def run(
        self,
        program: Sequence[PathText],
        *,
        devices: Devices | None = None,
        config: PathText | None = None,
        model: str = 'dut',
        seed: int = 1,
        max_cycles: int = DEFAULT_MAX_CYCLES,
        stall: Mapping[str, int] | None = None,
        flags: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        cwd: PathText | None = None,
    ) -> int:
        """Runs a program under `trapline run`, which joins this simulation, to its end; again and again if you like.

        Args:
            program: its words, the program first.
            devices: what the program sees, as in a configuration: `{'gpio0': {'base': 0x43c0_0000, 'size': 0x1000}}`,
                with `port` where there are several, and `kind` and its keys for others than `/dev/mem`.
            config: instead of `devices`, a configuration file, in which this simulation is a model of kind `cocotb`.
            model: its name there.
            seed: idle lanes and stalls follow from it, 0 to 2^31 - 1.
            max_cycles: cycle budget of each handshake.
            stall: percent of cycles in which channels are held back, by channel: `{'ar': 30}`.
            flags: further flags of `trapline run`, e.g. `['--log', 'accesses.jsonl']`.
            env: variables on top of those of this process.
            cwd: where the program is started, and where `trapline` is looked for.

        Returns:
            The exit status: the program's own; 125 where Trapline failed, or the bus did, 126 and 127 where the
            program can't be run, 128 + N where signal N ended it. The words for it are on stderr.

        Raises:
            CommandNotFound: there is no `trapline`; set the variable TRAPLINE to its path.
            RuntimeError: a run started this simulation; `served` is for that. Or another one goes on.
            ModelFault: a device broke the protocol of its bus.
            Exception: whatever a driver raised. The program has been ended then.
        """
        if isinstance(program, (str, bytes, os.PathLike)) or not program:
            raise ValueError(f"program={program!r}: give its words as a list, as in ['./driver', '--quick']")
        host = {'program': program, 'environment': env, 'folder': cwd}
        limits = BusSettings(seed=seed, max_cycles=max_cycles, stall=stall or {})
        return await self._host('run', self._config(model, devices, config), model, limits, flags, **host)

    async def serve(
        self,
        *,
        devices: Devices | None = None,
        config: PathText | None = None,
        model: str = 'dut',
        seed: int = 1,
        max_cycles: int = DEFAULT_MAX_CYCLES,
        stall: Mapping[str, int] | None = None,
        flags: Sequence[str] = (),
    ) -> int:
        """Runs a `trapline serve` that joins this simulation, until a signal or a Stop call ends it.

        Programs come by `trapline run --bridge ADDRESS`; name the address by `flags`, e.g.
        `['--listen', 'unix:/run/user/1000/bridge.sock']`, or have it written (`--address-file`). Else as `run`.
        """
        limits = BusSettings(seed=seed, max_cycles=max_cycles, stall=stall or {})
        return await self._host('serve', self._config(model, devices, config), model, limits, flags)

    # ---- of run() and serve()

    def _config(self, model: str, devices: Devices | None, config: PathText | None) -> PathText | bytes | None:
        if devices is None:
            return config
        if config is not None:
            raise ValueError('devices and config both say what the program sees; give one of them')
        design = self._design
        return config_of(model, self._top, design.ports, design.subordinates, devices)

    async def _host(
        self,
        command: str,
        config: PathText | bytes | None,
        model: str,
        limits: BusSettings,
        flags: Sequence[str],
        **more: Any,
    ) -> int:
        if self._settings.link:
            raise RuntimeError('`trapline run` started this simulation: serve it by `await bridge.served()`')
        if Bridge._has_run:
            raise RuntimeError(_RUNS_ALREADY)
        whole = flags_of(limits, flags)
        self._limits = limits
        for manager in self._design.ports.values():
            manager.configure(limits)
        Bridge._has_run = True
        try:
            with HostRun(command, model=model, config=config, flags=whole, **more) as host:
                return await self._joined(host)
        finally:
            Bridge._has_run = False

    async def _joined(self, host: HostRun) -> int:
        connection = host.accept()
        if connection is None:
            return host.wait()
        self._connect(connection)
        self._greet()
        assert self._server is not None
        try:
            await self._server.run()
        except BaseException as error:
            self._disconnect((error,))
            raise
        self._disconnect(None)
        return host.wait()

    # ---- of these, and of served()

    def _connect(self, connection: socket.socket) -> None:
        """On a connected socket, on which `_greet` says Hello."""
        assert self._log is not None
        self._link = link = Link(connection)
        self._server = Server(link, self._design, self._log, self._events, self._limits, self._settings.min_cycles)
        self._signals = {signal.SIGTERM: signal.signal(signal.SIGTERM, self._on_sigterm)}
        if self._settings.link:
            # The terminal sends it to all; what becomes of the model is the bridge's to decide.
            self._signals[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _greet(self) -> None:
        """Once the clock's period is known, which is told."""
        if self._server is not None:
            is_joined = not self._settings.link
            self._server.greet(f'{cocotb.SIM_NAME} {cocotb.SIM_VERSION}', os.getpid(), is_joined=is_joined)

    def _disconnect(self, outcome: tuple[BaseException | None] | None) -> None:
        """Ends the link with its last words: None for an end that was asked for, else the exception, if any."""
        server, self._server = self._server, None
        if server is None:
            return
        asked_for = outcome is None or (self._link is not None and self._link.stop_requested)
        still = self._design.timeline.why_still
        server.finish(None if asked_for or outcome is None else fault_of(outcome[0], self._test, still))
        for number, handler in self._signals.items():
            # The rest of the test has the time that the bridge gives it: a verdict cut off by SIGTERM would be lost.
            signal.signal(number, signal.SIG_IGN if self._settings.link else handler)
        self._signals = {}

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        if self._link is not None:
            self._link.request_stop()


def _check_names(what: str, names: list[str]) -> None:
    """What Hello has room for."""
    most, longest = MAX_COUNT[f'Hello.{what}'], MAX_BYTES[f'Hello.{what}']
    if len(names) > most:
        raise ValueError(f'a bridge has at most {most} {what}, not {len(names)}')
    for name in names:
        if not 0 < len(name.encode()) <= longest:
            raise ValueError(f'{what}: a name has 1 to {longest} bytes, not {name!r}')


def _by_name(subordinates: Mapping[str, Subordinate] | Sequence[Subordinate]) -> dict[str, Subordinate]:
    if isinstance(subordinates, Mapping):
        return dict(subordinates)
    return {one.name: one for one in subordinates}


def _connected(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        raise ConnectionError(
            f'the bridge does not listen on {path} ({error.strerror}): one Bridge serves a run, once; '
            f"of several tests that have one, the configuration names one (`test: 'NAME'`)"
        ) from error
    return connection


async def _reset(design: Design, cycles: int | None) -> None:
    for manager in design.ports.values():
        manager.enter_reset()
    for reset in design.resets:
        reset.begin()
    await design.timeline.pass_cycles(cycles or max(reset.cycles for reset in design.resets))
    # Released between two edges, so that none comes in between.
    await design.timeline.pass_half_a_cycle()
    for reset in design.resets:
        reset.end()
    await design.timeline.pass_cycles(1)
