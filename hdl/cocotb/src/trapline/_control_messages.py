# SPDX-License-Identifier: Apache-2.0
"""The messages of proto/trapline/v1/control.proto and what of agent.proto they hold, as tables for `_codec`."""

from __future__ import annotations

from ._codec import Field, Message
from ._messages import COMPLETION

#: Names of bus.proto's Status by number.
STATUSES = ('UNSPECIFIED', 'OKAY', 'SLVERR', 'DECERR', 'TIMEOUT', 'DISCONNECTED')

DEVICE = Message(
    'Device',
    [
        Field(1, 'handle', 'uint32'),
        Field(2, 'name', 'string'),
        Field(3, 'kind', 'enum'),
        Field(4, 'path', 'string'),
        Field(5, 'base', 'uint64'),
        Field(6, 'size', 'uint64'),
        Field(7, 'on_error', 'enum'),
        Field(8, 'width_bytes', 'uint32'),
        Field(9, 'socket', 'string'),
        Field(10, 'has_interrupt', 'bool'),
        Field(11, 'backing', 'string'),
        Field(12, 'burst_bytes', 'uint32'),
        Field(13, 'is_readable', 'bool'),
        Field(14, 'is_writable', 'bool'),
        Field(15, 'unit_bytes', 'uint32'),
        Field(16, 'lane', 'string'),
        Field(17, 'posted', 'bool'),
        Field(18, 'string_bytes', 'uint32'),
        Field(19, 'hardware', 'bool'),
        Field(20, 'hardware_offset', 'uint64'),
    ],
)

MODEL_STATE = Message(
    'ModelState',
    [
        Field(1, 'name', 'string'),
        Field(2, 'running', 'bool'),
        Field(3, 'cycle', 'uint64'),
        Field(4, 'time_ps', 'uint64'),
        Field(5, 'seed', 'uint64'),
        Field(6, 'interrupts', 'string', repeated=True),
    ],
)

LIST_REQUEST = Message('ListRequest', [])
LIST_REPLY = Message(
    'ListReply', [Field(1, 'devices', DEVICE, repeated=True), Field(2, 'models', MODEL_STATE, repeated=True)]
)

START_REQUEST = Message('StartRequest', [Field(1, 'model', 'string')])
RESET_REQUEST = Message('ResetRequest', [Field(1, 'model', 'string'), Field(2, 'cycles', 'uint32')])
ADVANCE_REQUEST = Message(
    'AdvanceRequest',
    [Field(1, 'model', 'string'), Field(2, 'cycles', 'uint64'), Field(3, 'until_interrupt', 'string')],
)

READ_REQUEST = Message(
    'ReadRequest', [Field(1, 'device', 'string'), Field(2, 'offset', 'uint64'), Field(3, 'width_bytes', 'uint32')]
)
READ_REPLY = Message('ReadReply', [Field(1, 'value', 'uint64'), Field(2, 'completion', COMPLETION)])

WRITE_REQUEST = Message(
    'WriteRequest',
    [
        Field(1, 'device', 'string'),
        Field(2, 'offset', 'uint64'),
        Field(3, 'width_bytes', 'uint32'),
        Field(4, 'value', 'uint64'),
    ],
)
WRITE_REPLY = Message('WriteReply', [Field(1, 'completion', COMPLETION)])

TRACE_REQUEST = Message('TraceRequest', [Field(1, 'model', 'string'), Field(2, 'on', 'bool')])

STATISTICS_REQUEST = Message('StatisticsRequest', [])
MODEL_STATISTICS_ENTRY = Message(
    'ModelStatisticsEntry',
    [
        Field(1, 'model', 'string'),
        Field(2, 'cycle', 'uint64'),
        Field(3, 'time_ps', 'uint64'),
        Field(4, 'reads', 'uint64'),
        Field(5, 'writes', 'uint64'),
        Field(6, 'beats', 'uint64'),
        Field(7, 'errors', 'uint64'),
    ],
)
STATISTICS_REPLY = Message(
    'StatisticsReply', [Field(1, 'models', MODEL_STATISTICS_ENTRY, repeated=True), Field(2, 'sessions', 'uint32')]
)

HOST_PROCESS = Message('HostProcess', [Field(1, 'pid', 'uint32'), Field(2, 'program', 'string')])
WATCH_DEVICE_REQUEST = Message('WatchDeviceRequest', [Field(1, 'range', 'string')])
WATCH_DEVICE_REPLY = Message(
    'WatchDeviceReply', [Field(1, 'device', DEVICE), Field(2, 'attached', HOST_PROCESS, repeated=True)]
)
UNWATCH_DEVICE_REQUEST = Message('UnwatchDeviceRequest', [Field(1, 'device', 'string')])
UNWATCH_DEVICE_REPLY = Message(
    'UnwatchDeviceReply', [Field(1, 'device', DEVICE), Field(2, 'attached', HOST_PROCESS, repeated=True)]
)

STOP_REQUEST = Message('StopRequest', [])
STOP_REPLY = Message('StopReply', [])
