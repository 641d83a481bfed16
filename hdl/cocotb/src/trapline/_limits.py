# SPDX-License-Identifier: Apache-2.0
"""Numbers that several parts must agree on, and that others say first: `proto/`, `hdl/sim`, the bridge, a standard.

The test beside this package, `tests/test_limits.py`, compares them with whoever says them first.
"""

from __future__ import annotations

PROTOCOL_VERSION = 1
"""Of the model link (model.proto, Hello)."""

MAX_MESSAGE_BYTES = 65536
"""Of one message on the link (model.proto)."""

MAX_ACCESS_BYTES = 4096
"""Of one access (bus.proto, Access)."""

MAX_MASKED_BYTES = 64
"""As far as `byte_enables` reach (bus.proto, Access)."""

MAX_ADVANCED_CYCLES = 0xFFFF_FFFF
"""Of one Advance (model.proto, AdvanceModel)."""

MAX_RESET_CYCLES = 1_000_000
"""Of one reset (model.proto, ResetModel)."""

MAX_COUNT = {'Hello.ports': 16, 'Hello.interrupts': 32, 'Progress.dma_waits': 8, 'ModelStatistics.dma_waits': 8}
"""How many of a repeated field the other end has room for (model.options)."""

MAX_BYTES = {
    'Completion.detail': 511,
    'Fault.file': 255,
    'Fault.message': 511,
    'Hello.interrupts': 63,
    'Hello.ports': 63,
    'Hello.verilator_version': 63,
    'ModelStatistics.dma_waits': 191,
    'Progress.dma_waits': 191,
    'Progress.pending': 127,
    'Refusal.message': 255,
}
"""Of a text that we send: what the other end has room for, without the byte that ends it (bus.options, model.options).
"""

BURST_BOUNDARY = 4096
"""No burst crosses a multiple of so many bytes (AXI IHI 0022, A3.4.1)."""

DEFAULT_MAX_CYCLES = 100_000
"""Cycle budget of each handshake where nobody says one (configuration, `maxCycles`)."""

DEFAULT_RESET_CYCLES = 16
"""How long a reset lasts where nobody says it (configuration, `reset.cycles`)."""

MAX_SOCKET_PATH = 107
"""Bytes of the path of a UNIX socket (unix(7): sun_path, without the byte that ends it)."""
