# SPDX-License-Identifier: Apache-2.0
"""Registers of a configuration's devices, as `trapline registers --json` tells them of any format of descriptions.

::

    from trapline.control import ControlClient
    from trapline.registers import read_registers

    with ControlClient('unix:/run/bridge.sock') as bridge:
        meter = read_registers('trapline.config.ts').handles('meter0', bridge)
        meter.CTRL.write(EN=1, MODE='FAST')
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from os import PathLike, fspath
from typing import Any, Union

from ._child import end_with_parent
from ._command import find_command
from ._register_handles import Bus, RegisterHandle, to_handles
from ._register_map import Field, Register, RegisterError, RegisterMap, to_map

__all__ = ['Field', 'Register', 'RegisterError', 'RegisterHandle', 'RegisterMap', 'Registers', 'read_registers']

PathText = Union[str, 'PathLike[str]']


class Registers(Mapping[str, RegisterMap]):
    """By the names of devices. A device that there is not, or whose registers nothing describes, is a sentence."""

    def __init__(self, maps: Mapping[str, RegisterMap | None]) -> None:
        self._maps = dict(maps)

    def __getitem__(self, device: str) -> RegisterMap:
        if device not in self._maps:
            raise RegisterError(f'there is no device {device}; there are {", ".join(self._maps)}')
        found = self._maps[device]
        if found is None:
            raise RegisterError(f'nothing describes the registers of {device}; say what by its key "registers"')
        return found

    def handles(self, device: str, bus: Bus) -> Any:
        """The registers of a device as attributes: `handles('uart0', bridge).LCR.read()`.

        :param bus: how it is reached: a `trapline.control.ControlClient`, a bench of the pytest plugin
        """
        return to_handles(self[device], bus)

    def __contains__(self, device: object) -> bool:
        return isinstance(device, str) and self._maps.get(device) is not None

    def __iter__(self) -> Iterator[str]:
        return (device for device, known in self._maps.items() if known is not None)

    def __len__(self) -> int:
        return sum(known is not None for known in self._maps.values())


def read_registers(config: PathText | None = None, *, cwd: PathText | None = None) -> Registers:
    """Reads what describes the registers of devices; nothing is built or started.

    :param config: a configuration; else trapline.config.ts or .json of the folder
    :param cwd: the folder where names of files begin; the current one when absent
    :raises RegisterError: with the sentence that says what is wrong with configuration or description
    """
    flags = [] if config is None else ['--config', fspath(config)]
    made = subprocess.run(
        [*find_command(), 'registers', '--json', *flags],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=end_with_parent(),
    )
    if made.returncode != 0:
        last = made.stderr.strip().splitlines()[-1:] or [f'trapline registers ended with status {made.returncode}']
        raise RegisterError(last[0].removeprefix('trapline: '))
    return Registers({one['name']: to_map(one) for one in json.loads(made.stdout)['devices']})
