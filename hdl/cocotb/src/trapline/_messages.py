# SPDX-License-Identifier: Apache-2.0
"""The messages of `proto/trapline/v1` as tables for `_codec`: what the model link and ControlService carry.

Names, numbers and types are those of the `.proto` files, which say what each field means; a test compares both.
"""

from __future__ import annotations

from enum import IntEnum

from ._codec import Field, Message

__all__ = ['BY_NAME', 'Operation']


class Operation(IntEnum):
    """trapline.v1.Operation (bus.proto)."""

    UNSPECIFIED = 0
    READ = 1
    WRITE = 2


# ---- bus.proto

SITE = Message(
    'Site',
    [
        Field(1, 'module', 'string'),
        Field(2, 'module_offset', 'uint64'),
        Field(3, 'instruction', 'string'),
        Field(4, 'build_id', 'bytes'),
    ],
)

CALL_FRAME = Message(
    'CallFrame',
    [
        Field(1, 'pc', 'uint64'),
        Field(2, 'is_return', 'bool'),
        Field(3, 'module', 'string'),
        Field(4, 'module_offset', 'uint64'),
        Field(5, 'build_id', 'bytes'),
        Field(6, 'function', 'string'),
        Field(7, 'line', 'uint32'),
    ],
)

ACCESS = Message(
    'Access',
    [
        Field(1, 'seq', 'uint64'),
        Field(2, 'device', 'uint32'),
        Field(3, 'offset', 'uint64'),
        Field(4, 'operation', 'enum'),
        Field(5, 'width_bytes', 'uint32'),
        Field(6, 'data', 'bytes'),
        Field(7, 'byte_enables', 'uint64'),
        Field(8, 'hold', 'bool'),
        Field(9, 'tid', 'uint32'),
        Field(10, 'pc', 'uint64'),
        Field(11, 'site', SITE),
        Field(12, 'patience_cycles', 'uint32'),
        Field(13, 'packet_end', 'bool'),
        Field(14, 'wanted_bytes', 'uint32'),
        Field(15, 'posted', 'bool'),
        Field(16, 'elements', 'uint32'),
        Field(17, 'descending', 'bool'),
        Field(18, 'stack', 'uint32'),
        Field(19, 'frames', CALL_FRAME, repeated=True),
    ],
)

COMPLETION = Message(
    'Completion',
    [
        Field(1, 'seq', 'uint64'),
        Field(2, 'status', 'enum'),
        Field(3, 'data', 'bytes'),
        Field(4, 'cycle_start', 'uint64'),
        Field(5, 'cycle_end', 'uint64'),
        Field(6, 'time_ps', 'uint64'),
        Field(7, 'beats', 'uint32'),
        Field(8, 'detail', 'string'),
        Field(9, 'taken_bytes', 'uint32'),
        Field(10, 'is_pending', 'bool'),
        Field(11, 'packet_end', 'bool'),
        Field(12, 'is_readable', 'bool'),
        Field(13, 'posted', 'uint64'),
        Field(14, 'done', 'uint32'),
    ],
)

# ---- model.proto: what the bridge asks

SESSION_DEVICE = Message(
    'SessionDevice',
    [
        Field(1, 'handle', 'uint32'),
        Field(2, 'name', 'string'),
        Field(3, 'port', 'uint32'),
        Field(4, 'address', 'uint64'),
        Field(5, 'size', 'uint64'),
        Field(6, 'backdoor', 'string'),
        Field(7, 'read_stream', 'uint32'),
        Field(8, 'write_stream', 'uint32'),
        Field(9, 'register_bytes', 'uint32'),
    ],
)
POLL_ACCELERATION = Message(
    'PollAcceleration',
    [
        Field(1, 'first_cycles', 'uint64'),
        Field(2, 'most_cycles', 'uint64'),
    ],
)
SESSION_LANE = Message(
    'SessionLane',
    [
        Field(1, 'path', 'string'),
        Field(2, 'slot', 'uint32'),
        Field(3, 'observe_all', 'bool'),
        Field(4, 'polls', POLL_ACCELERATION),
    ],
)
OPEN_SESSION = Message(
    'OpenSession',
    [
        Field(1, 'session', 'uint32'),
        Field(2, 'pid', 'int32'),
        Field(3, 'devices', SESSION_DEVICE, repeated=True),
        Field(4, 'lane', SESSION_LANE),
    ],
)
CLOSE_SESSION = Message('CloseSession', [Field(1, 'session', 'uint32')])
SESSION_ACCESS = Message('SessionAccess', [Field(1, 'session', 'uint32'), Field(2, 'access', ACCESS)])
ADVANCE_MODEL = Message('AdvanceModel', [Field(1, 'cycles', 'uint64')])
RESET_MODEL = Message('ResetModel', [Field(1, 'cycles', 'uint64')])
TRACE_MODEL = Message('TraceModel', [Field(1, 'on', 'bool')])
QUERY_STATISTICS = Message('QueryStatistics', [])
STOP_MODEL = Message('StopModel', [])
RUN_MODEL = Message(
    'RunModel',
    [
        Field(1, 'cycles', 'uint64'),
        Field(2, 'until_interrupt', 'bool'),
        Field(3, 'until_written_address', 'uint64'),
        Field(4, 'until_written_size', 'uint64'),
    ],
)
MAP_MEMORY = Message(
    'MapMemory',
    [
        Field(1, 'address', 'uint64'),
        Field(2, 'size', 'uint64'),
        Field(3, 'path', 'string'),
        Field(4, 'offset', 'uint64'),
        Field(5, 'writable', 'bool'),
    ],
)
UNMAP_MEMORY = Message('UnmapMemory', [Field(1, 'address', 'uint64')])
DMA_ANSWER = Message('DmaAnswer', [Field(1, 'data', 'bytes')])
SERVE_FORKS = Message('ServeForks', [Field(1, 'path', 'string')])
BECOME_FORK = Message(
    'BecomeFork',
    [
        Field(1, 'log', 'string'),
        Field(2, 'trace', 'string'),
        Field(3, 'output', 'string'),
        Field(4, 'coverage', 'string'),
    ],
)
PASSED = Message('Passed', [])
NAME_CODE = Message(
    'NameCode',
    [
        Field(1, 'session', 'uint32'),
        Field(2, 'pc', 'uint64'),
        Field(3, 'stack', 'uint32'),
        Field(4, 'program', 'string'),
        Field(5, 'function', 'string'),
        Field(6, 'number', 'uint64'),
    ],
)
NAME_PLACE = Message(
    'NamePlace',
    [
        Field(1, 'session', 'uint32'),
        Field(2, 'device', 'uint32'),
        Field(3, 'offset', 'uint64'),
        Field(4, 'name', 'string'),
        Field(5, 'operation', 'enum'),
        Field(6, 'width_bytes', 'uint32'),
        Field(7, 'byte_enables', 'uint64'),
    ],
)
MODEL_REQUEST = Message(
    'ModelRequest',
    [
        Field(1, 'id', 'uint64'),
        Field(2, 'open_session', OPEN_SESSION, oneof='body'),
        Field(3, 'close_session', CLOSE_SESSION, oneof='body'),
        Field(4, 'access', SESSION_ACCESS, oneof='body'),
        Field(5, 'advance', ADVANCE_MODEL, oneof='body'),
        Field(6, 'reset', RESET_MODEL, oneof='body'),
        Field(7, 'trace', TRACE_MODEL, oneof='body'),
        Field(8, 'statistics', QUERY_STATISTICS, oneof='body'),
        Field(9, 'stop', STOP_MODEL, oneof='body'),
        Field(10, 'run', RUN_MODEL, oneof='body'),
        Field(11, 'map_memory', MAP_MEMORY, oneof='body'),
        Field(12, 'unmap_memory', UNMAP_MEMORY, oneof='body'),
        Field(13, 'dma_answer', DMA_ANSWER, oneof='body'),
        Field(15, 'serve_forks', SERVE_FORKS, oneof='body'),
        Field(16, 'become_fork', BECOME_FORK, oneof='body'),
        Field(17, 'passed', PASSED, oneof='body'),
        Field(18, 'name_code', NAME_CODE, oneof='body'),
        Field(19, 'name_place', NAME_PLACE, oneof='body'),
    ],
)

# ---- model.proto: what the model says

HELLO = Message(
    'Hello',
    [
        Field(1, 'protocol_version', 'uint32'),
        Field(2, 'verilator_version', 'string'),
        Field(3, 'ports', 'string', repeated=True),
        Field(4, 'interrupts', 'string', repeated=True),
        Field(6, 'pid', 'int32'),
        Field(7, 'streams', 'string', repeated=True),
        Field(5, 'memories', 'string', repeated=True),
        Field(9, 'takes_strings', 'bool'),
        Field(8, 'period_ps', 'uint64'),
    ],
)
INTERRUPT_CHANGE = Message(
    'InterruptChange',
    [
        Field(1, 'line', 'uint32'),
        Field(2, 'level', 'bool'),
        Field(3, 'cycle', 'uint64'),
        Field(4, 'time_ps', 'uint64'),
    ],
)
STREAM_READABLE = Message(
    'StreamReadable',
    [
        Field(1, 'stream', 'uint32'),
        Field(2, 'cycle', 'uint64'),
        Field(3, 'time_ps', 'uint64'),
    ],
)
DMA_FAULT = Message(
    'DmaFault',
    [
        Field(1, 'port', 'string'),
        Field(2, 'write', 'bool'),
        Field(3, 'address', 'uint64'),
        Field(4, 'beat', 'uint32'),
        Field(5, 'burst_address', 'uint64'),
        Field(6, 'cycle', 'uint64'),
        Field(7, 'time_ps', 'uint64'),
    ],
)
DMA_REQUEST = Message(
    'DmaRequest',
    [
        Field(1, 'address', 'uint64'),
        Field(2, 'size', 'uint32'),
        Field(3, 'data', 'bytes'),
    ],
)
DONE = Message('Done', [Field(1, 'cycle', 'uint64'), Field(2, 'time_ps', 'uint64')])
MODEL_STATISTICS = Message(
    'ModelStatistics',
    [
        Field(1, 'cycle', 'uint64'),
        Field(2, 'time_ps', 'uint64'),
        Field(3, 'reads', 'uint64'),
        Field(4, 'writes', 'uint64'),
        Field(5, 'beats', 'uint64'),
        Field(6, 'errors', 'uint64'),
        Field(7, 'dma_waits', 'string', repeated=True),
    ],
)
PROGRESS = Message(
    'Progress',
    [
        Field(1, 'cycle', 'uint64'),
        Field(2, 'time_ps', 'uint64'),
        Field(3, 'accesses', 'uint64'),
        Field(4, 'pending', 'string'),
        Field(5, 'dma_waits', 'string', repeated=True),
    ],
)
FAULT = Message(
    'Fault',
    [
        Field(1, 'kind', 'string'),
        Field(2, 'message', 'string'),
        Field(3, 'file', 'string'),
        Field(4, 'line', 'uint32'),
        Field(5, 'cycle', 'uint64'),
        Field(6, 'time_ps', 'uint64'),
    ],
)
REFUSAL = Message('Refusal', [Field(1, 'message', 'string')])
OBSERVED = Message(
    'Observed',
    [
        Field(1, 'session', 'uint32'),
        Field(2, 'access', ACCESS),
        Field(3, 'completion', COMPLETION),
    ],
)
PASS = Message('Pass', [])
MODEL_REPLY = Message(
    'ModelReply',
    [
        Field(1, 'id', 'uint64'),
        Field(2, 'hello', HELLO, oneof='body'),
        Field(3, 'completion', COMPLETION, oneof='body'),
        Field(4, 'done', DONE, oneof='body'),
        Field(5, 'statistics', MODEL_STATISTICS, oneof='body'),
        Field(6, 'progress', PROGRESS, oneof='body'),
        Field(7, 'fault', FAULT, oneof='body'),
        Field(8, 'refusal', REFUSAL, oneof='body'),
        Field(9, 'interrupt', INTERRUPT_CHANGE, oneof='body'),
        Field(10, 'dma_fault', DMA_FAULT, oneof='body'),
        Field(12, 'stream_readable', STREAM_READABLE, oneof='body'),
        Field(11, 'dma_request', DMA_REQUEST, oneof='body'),
        Field(13, 'observed', OBSERVED, oneof='body'),
        Field(14, 'pass', PASS, oneof='body'),
    ],
)

BY_NAME = {each.name: each for each in list(globals().values()) if isinstance(each, Message)}
"""Every message of this file by its name in the `.proto` files."""
