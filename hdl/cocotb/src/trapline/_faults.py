# SPDX-License-Identifier: Apache-2.0
"""Why a cocotb model can't go on, in one sentence and with the user's own file and line."""

from __future__ import annotations

import sysconfig
import traceback
from asyncio import CancelledError
from pathlib import Path
from typing import NamedTuple

import cocotb

from ._job import cut
from ._limits import MAX_BYTES


class Fault(NamedTuple):
    """Fault of model.proto."""

    kind: str
    """"exception", "ended", "finish", "protocol", "time" or "fatal"."""
    message: str
    file: str = ''
    line: int = 0

    def __str__(self) -> str:
        place = f', at {self.file}:{self.line}' if self.file else ''
        return f'the model ended by itself: {self.message}{place}'

    @property
    def as_message(self) -> dict[str, str | int]:
        return {
            'kind': self.kind,
            'message': cut(self.message, MAX_BYTES['Fault.message']),
            # Of a path its end, for there stands the file's own name.
            'file': self.file.encode()[-MAX_BYTES['Fault.file'] :].decode(errors='ignore'),
            'line': self.line,
        }


class ModelFault(Exception):
    """Raised in the test when the model can't go on for a reason that is no exception of anybody's code."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def fault_of(error: BaseException | None, test: str, still_clock: str = '') -> Fault:
    """What ended a test, by the exception that leaves it; none if it just ended. `still_clock` is a phrase on the first
    clock if it has not begun to run: then that is why no event was left."""
    if isinstance(error, CancelledError):
        error = _cause_of_cancellation()
        if error is None or isinstance(error, CancelledError) or type(error).__name__ == 'SimFailure':
            why = f' ({still_clock})' if still_clock else ''
            return Fault(
                'finish', f'the simulator ended: $finish, $fatal or $stop was called, or no event was left{why}'
            )
    if error is None or type(error).__name__ in ('EndTest', 'TestSuccess'):
        return Fault('ended', f'the cocotb test {test} ended while the model was in use')
    if isinstance(error, ModelFault):
        return error.fault
    if type(error).__name__ == 'SimTimeoutError' and not str(error):
        return Fault('exception', f'SimTimeoutError: the cocotb test {test} came to its time limit')
    file, line = _place_of(error)
    words = ' '.join(str(error).split())
    name = type(error).__name__
    return Fault('exception', f'{name}: {words}' if words else name, file, line)


def _cause_of_cancellation() -> BaseException | None:
    """Why cocotb cancels all coroutines of a test: the first exception that another of them raised, if any did.

    cocotb tells nobody; 2.0 and later versions keep it in different places.
    """
    test = getattr(getattr(cocotb, '_test_manager', None), '_current_test', None)
    errors = getattr(test, '_excs', None)
    if not errors:
        test = getattr(getattr(cocotb, '_regression_manager', None), '_running_test', None)
        errors = [getattr(getattr(test, '_outcome', None), 'error', None)]
    cause: BaseException | None = errors[0]
    return cause


def _place_of(error: BaseException) -> tuple[str, int]:
    """Where the user's own code was when it happened: the innermost frame outside of all packages."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_of_a_package(frame.filename)]
    if not (own or frames):
        return '', 0
    frame = (own or list(frames))[-1]
    return frame.filename, frame.lineno or 0


_HERE = str(Path(__file__).parent)
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ('stdlib', 'purelib', 'platlib')})


def _is_of_a_package(file: str) -> bool:
    return file.startswith((_HERE, '<', *_LIBRARIES))
