# SPDX-License-Identifier: Apache-2.0
"""The other way round: a cocotb test that runs already starts `trapline run` or `trapline serve`, which joins it.

We listen on a socket in a private folder; the bridge connects to it instead of starting a model. Simulated time stands
still while it starts, and while we wait for its end. Whatever becomes of the test, nothing of it is left.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Union

from ._command import find_command
from ._limits import MAX_SOCKET_PATH
from ._settings import VARIABLE
from .managers.manager import BusSettings, Manager

PathText = Union[str, 'os.PathLike[str]']
Devices = Mapping[str, Mapping[str, Any]]

_PREFIX, _SOCKET = 'trapline-join-', 'model.sock'
_OURS = {'--max-cycles': 'max_cycles', '--seed': 'seed', '--stall': 'stall'}
_CHANNELS = ('aw', 'w', 'b', 'ar', 'r')
_MOST_STALL = 90
_PATIENCE_S = 20.0
"""Between SIGTERM and SIGKILL, seconds; a run ends within 2 s of a signal where it is given a processor and a disk."""
_LOOK_S = 0.1
"""Between two looks, where the kernel has no file descriptors of processes."""


def config_of(model: str, top: str, ports: Mapping[str, Manager], managers: Iterable[str], devices: Devices) -> bytes:
    """A configuration, as JSON, of one joined model.

    Args:
        model: its name.
        top: the design's.
        ports: its buses by their names.
        managers: names of the buses that the design drives itself.
        devices: as in a configuration; `kind` is `mem` and `model` that model where they don't say it.
    """
    # The rest is known to the bench, which is all that `python` says of a model that runs already.
    buses = {name: {'dataWidth': 8 * port.data_bytes, **_bursts_of(port)} for name, port in ports.items()}
    own: dict[str, dict[str, str]] = {name: {} for name in managers}
    rtl = {'kind': 'cocotb', 'top': top, 'python': 'bench', 'ports': buses, 'managers': own}
    whole = {name: {**_defaults_of(device, model), **device} for name, device in devices.items()}
    return json.dumps({'models': {model: rtl}, 'devices': whole}).encode()


def _bursts_of(port: Manager) -> dict[str, str]:
    """A bus that has bursts takes whole copies as one access."""
    return {'protocol': 'axi4'} if port.max_beats > 1 else {}


def _defaults_of(device: Mapping[str, Any], model: str) -> dict[str, str]:
    """Memory lies on no model."""
    return {} if device.get('kind') in ('u-dma-buf', 'reserved') else {'kind': 'mem', 'model': model}


def flags_of(limits: BusSettings, flags: Sequence[str]) -> list[str]:
    """The flags of a run whose buses are ours to limit.

    Raises:
        ValueError: they say what only this simulation can do.
    """
    for flag in flags:
        known = _OURS.get(flag.split('=')[0])
        if known:
            raise ValueError(f'{flag} is for models that trapline starts; give {known} to the call that runs it')
    for channel, percent in limits.stall.items():
        if channel not in _CHANNELS or not 0 <= percent <= _MOST_STALL:
            known = f'channels are {", ".join(_CHANNELS)}, with 0 to {_MOST_STALL} percent'
            raise ValueError(f'stall={{{channel!r}: {percent}}}: {known}')
    if limits.max_cycles < 1:
        raise ValueError(f'max_cycles={limits.max_cycles}: a handshake has at least 1 cycle')
    return ['--seed', str(limits.seed), *flags]


def make_folder(temporary: str) -> Path:
    """A private folder there, or in /tmp where the path of our socket would be too long, as below pytest-xdist's."""
    longest = os.fsencode(os.path.join(temporary, f'{_PREFIX}XXXXXXXX', _SOCKET))
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=temporary if len(longest) <= MAX_SOCKET_PATH else '/tmp'))


class HostRun:
    """A `trapline` process that joins this simulation; a context manager, whose end leaves nothing behind.

    Args:
        command: `run` or `serve`.
        model: name of this simulation in the configuration.
        config: the configuration file, or its text.
        flags: further flags of that command.
        program: words of the host program, for `run`.
        environment: variables on top of those of this process.
        folder: where the program is started; the current one when absent.

    Raises:
        CommandNotFound: there is no `trapline` to start.
    """

    def __init__(
        self,
        command: str,
        *,
        model: str,
        config: PathText | bytes | None,
        flags: Sequence[str] = (),
        program: Sequence[PathText] = (),
        environment: Mapping[str, str] | None = None,
        folder: PathText | None = None,
    ) -> None:
        words = find_command(folder=Path(folder) if folder else None)
        self._folder = make_folder(tempfile.gettempdir())
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path = self._folder / _SOCKET
            self._listener.bind(str(path))
            self._listener.listen(1)
            named = [] if config is None else ['--config', self._config_file(config)]
            host = ['--', *(os.fspath(word) for word in program)] if program else []
            self._process = subprocess.Popen(
                [*words, command, '--join', f'{model}={path}', *named, *flags, *host],
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env={**_plain_environment(), **(environment or {})},
            )
        except BaseException:
            self._clear()
            raise

    def accept(self) -> socket.socket | None:
        """Waits until the bridge has connected; None if it has ended before."""
        watched = _open_process(self._process.pid)
        try:
            while self._process.poll() is None:
                if self._listener in select.select([self._listener, *watched], [], [], None if watched else _LOOK_S)[0]:
                    return self._listener.accept()[0]
            return None
        finally:
            for descriptor in watched:
                os.close(descriptor)
            # It comes once, and has read its configuration by then: a simulator that is killed leaves nothing.
            self._clear()

    def wait(self) -> int:
        """The exit status, as a shell has it; waits for the end."""
        status = self._process.wait()
        return status if status >= 0 else 128 - status

    def __enter__(self) -> HostRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._clear()

    def _config_file(self, config: PathText | bytes) -> str:
        if not isinstance(config, bytes):
            return os.fspath(config)
        file = self._folder / 'trapline.config.json'
        file.write_bytes(config)
        return str(file)

    def _clear(self) -> None:
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _open_process(pid: int) -> list[int]:
    """Something that becomes readable when the process ends, where the kernel has such a thing (Linux 5.3)."""
    try:
        return [os.pidfd_open(pid)]
    except (OSError, AttributeError):
        return []


def _plain_environment() -> dict[str, str]:
    """What a simulation is told by its own bridge is not for another one."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE or not value.startswith('/')}
