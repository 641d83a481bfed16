# SPDX-License-Identifier: Apache-2.0
"""Children that don't outlive whoever started them, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
"""prctl(2)."""
_libc = ctypes.CDLL(None)

# The threads of gRPC would begin again in the child of a fork, whose descriptors are then closed for the program, and
# end it by SIGABRT. Read when gRPC is imported.
os.environ.setdefault('GRPC_ENABLE_FORK_SUPPORT', 'false')


def end_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes the program (`preexec_fn`): it gets SIGTERM when this process ends.

    The kernel means the end of the thread that started it, so this is for the main thread; None in any other.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it had ended before we asked
            os.kill(os.getpid(), signal.SIGTERM)

    return ask
