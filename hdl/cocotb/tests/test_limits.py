# SPDX-License-Identifier: Apache-2.0
"""The package's numbers are those of whoever says them first."""

from __future__ import annotations

import re

import pytest
from proto_files import PROTO
from trapline import _limits

PROJECT = PROTO.parents[2]


def number_in(path: str, pattern: str) -> int:
    """The one number that the pattern's group finds in a file of the project."""
    found: list[str] = re.findall(pattern, (PROJECT / path).read_text())
    assert len(found) == 1, f'{path} says it {len(found)} times: {pattern}'
    return int(re.sub("[_']", '', found[0]), 0)


@pytest.mark.parametrize(
    ('name', 'path', 'pattern'),
    [
        ('PROTOCOL_VERSION', 'proto/trapline/v1/model.proto', r'this file is version (\d+)'),
        ('PROTOCOL_VERSION', 'hdl/sim/server.cc', r'kProtocolVersion = (\d+);'),
        ('MAX_MESSAGE_BYTES', 'proto/trapline/v1/model.proto', r'little-endian number, at most (\d+)'),
        ('MAX_MESSAGE_BYTES', 'hdl/sim/link.h', r'kMaxMessageBytes = (\d+);'),
        ('MAX_ACCESS_BYTES', 'proto/trapline/v1/bus.options', r'Access\.data +max_size:(\d+)'),
        ('MAX_ACCESS_BYTES', 'proto/trapline/v1/bus.proto', r'// 1 to 64, .*; up to (\d+) where'),
        ('MAX_MASKED_BYTES', 'proto/trapline/v1/bus.proto', r'always so beyond (\d+)\.'),
        ('MAX_ADVANCED_CYCLES', 'proto/trapline/v1/model.proto', r'cycles = 1;  // at most (\d+), and'),
        ('MAX_ADVANCED_CYCLES', 'proto/trapline/v1/control.proto', r'cycles = 2;   // 1 to (\d+); goes on'),
        ('MAX_ADVANCED_CYCLES', 'hdl/sim/simulation.cc', r"kMostAdvanced = ([\w']+);"),
        ('MAX_RESET_CYCLES', 'proto/trapline/v1/model.proto', r'more than (\d+) are refused'),
        ('MAX_RESET_CYCLES', 'proto/trapline/v1/control.proto', r'at most (\d+), for nobody is served'),
        ('MAX_RESET_CYCLES', 'hdl/sim/simulation.cc', r"kMostResetCycles = ([\w']+);"),
        ('BURST_BOUNDARY', 'hdl/sim/bursts.h', r'boundary = (\d+);'),
        ('DEFAULT_MAX_CYCLES', 'bridge/config/usual.ts', r'maxCycles: (\w+)'),
        ('DEFAULT_MAX_CYCLES', 'hdl/sim/options.h', r"max_cycles = ([\d']+);"),
        ('DEFAULT_RESET_CYCLES', 'bridge/config/model-schema.ts', r'reset: false if there is none.*default\((\d+)\)'),
        ('DEFAULT_RESET_CYCLES', 'hdl/sim/options.h', r'reset_cycles = (\d+);'),
        ('MAX_SOCKET_PATH', 'bridge/ground/socket-path.ts', r'longestSocketPath = (\d+)'),
    ],
)
def test_a_number_is_that_of_whoever_says_it_first(name: str, path: str, pattern: str) -> None:
    assert getattr(_limits, name) == number_in(path, pattern)


@pytest.mark.parametrize('field', _limits.MAX_BYTES)
def test_a_text_fits_where_the_other_end_has_room(field: str) -> None:
    assert _limits.MAX_BYTES[field] == options()[field]['max_size'] - 1


@pytest.mark.parametrize('field', _limits.MAX_COUNT)
def test_as_many_are_sent_as_the_other_end_has_room_for(field: str) -> None:
    assert _limits.MAX_COUNT[field] == options()[field]['max_count']


def options() -> dict[str, dict[str, int]]:
    """What `.options` files say of each field: `{'Hello.ports': {'max_count': 16, 'max_size': 64}}`."""
    text = ''.join((PROTO / f'{file}.options').read_text() for file in ('bus', 'model'))
    return {
        field: {key: int(value) for key, value in re.findall(r'(max_\w+):(\d+)', rest)}
        for field, rest in re.findall(r'^trapline\.v1\.(\S+)(.*)', text, re.MULTILINE)
    }
