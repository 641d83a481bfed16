# SPDX-License-Identifier: Apache-2.0
"""Registers by their names: handles on any bus, as examples/registers describes them, and expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from real_trapline import ROOT, environment
from trapline._register_map import to_map
from trapline.pytest_plugin import (
    Access,
    AccessMismatch,
    RegisterError,
    RunResult,
    assert_accessed,
    assert_not_accessed,
    find_accesses,
)
from trapline.registers import Registers, read_registers

EXAMPLE = ROOT / 'examples/registers'


@pytest.fixture(scope='module')
def described() -> Registers:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('TRAPLINE', environment()['TRAPLINE'])
        return read_registers(EXAMPLE / 'trapline.config.ts')


class Memory:
    """A bus whose registers keep what is written, and which remembers what was asked of it."""

    def __init__(self) -> None:
        self.words: dict[int, int] = {0: 2}
        self.calls: list[tuple[Any, ...]] = []

    def read(self, device: str, offset: int, width_bytes: int = 4) -> int:
        self.calls.append(('read', device, offset, width_bytes))
        return self.words.get(offset, 0)

    def write(self, device: str, offset: int, value: int, width_bytes: int = 4) -> None:
        self.calls.append(('write', device, offset, value, width_bytes))
        self.words[offset] = value


@pytest.fixture
def bus() -> Memory:
    return Memory()


@pytest.fixture
def meter(described: Registers, bus: Memory) -> Any:
    return described.handles('meter0', bus)


def test_numbers_fields_and_names(meter: Any, bus: Memory) -> None:
    assert meter.CTRL.read_fields() == {'EN': 0, 'MODE': 'SLOW'}
    # What is left out is as after reset.
    meter.CTRL.write(EN=1)
    assert meter.CTRL.read() == 3
    meter.CTRL.write(MODE='FAST')
    meter.CTRL.modify(EN=1)
    assert meter.CTRL.read_fields() == {'EN': 1, 'MODE': 'FAST'}
    meter.TXD.write(0x41)
    assert meter.RXD.read_fields() == {'DATA': 0x41}
    assert meter.STAMP.read() == 0
    assert bus.calls[-1] == ('read', 'meter0', 0x28, 8)


def test_arrays_groups_and_whole_names(meter: Any, bus: Memory) -> None:
    for i, channel in enumerate(meter.CH):
        channel.LIMIT.write(i + 7)
    meter['CH[1].LIMIT'].write(9)
    assert [meter.CH[0].LIMIT.read(), meter.CH[-1].LIMIT.read(), len(meter.TABLE)] == [7, 9, 4]
    assert ('write', 'meter0', 0x18, 9, 4) in bus.calls
    assert {'CTRL', 'CH', 'TABLE'} <= set(dir(meter))
    assert not hasattr(meter, 'CTRI')
    assert repr(meter.CTRL) == '<meter0.CTRL: EN, MODE>'


def test_bits_that_a_write_would_clear_are_left_alone(meter: Any, bus: Memory) -> None:
    bus.words[4] = 0x13
    meter.STATUS.modify()
    assert bus.calls[-1] == ('write', 'meter0', 4, 0x11, 4)
    meter.STATUS.modify(OVERRUN=1)
    assert bus.calls[-1] == ('write', 'meter0', 4, 0x13, 4)


@pytest.mark.parametrize(
    ('attempt', 'sentence'),
    [
        (lambda meter: meter.CTRI, 'meter0 has no CTRI; did you mean CTRL?'),
        (lambda meter: meter.CH[0].LIMITS, 'meter0.CH[0] has no LIMITS; did you mean LIMIT?'),
        (lambda meter: meter.CH[0].X, 'meter0.CH[0] has no X; there are LIMIT, COUNT'),
        (lambda meter: meter.CH[2], 'meter0.CH has 2 elements, and no [2]'),
        (lambda meter: meter['CH[2].LIMIT'], 'meter0.CH has 2 elements, and no [2]'),
        (lambda meter: meter.CH.LIMIT, 'meter0.CH has 2 elements, and no LIMIT; say which, as meter0.CH[0]'),
        (lambda meter: meter['CTRL[0]'], 'meter0.CTRL is no array, and has no [0]'),
        (lambda meter: meter.ID.write(1), "ID: software can't write it"),
        (lambda meter: meter.KEY.read(), "KEY: software can't read it"),
        (lambda meter: meter.KEY.modify(VALUE=1), "KEY: software can't read it"),
        (lambda meter: meter.CTRL.write(), 'CTRL: write a number, or fields, one of the two'),
        (lambda meter: meter.CTRL.write(1, EN=1), 'CTRL: write a number, or fields, one of the two'),
        (lambda meter: meter.CTRL.write(1 << 32), 'CTRL: 4294967296 is no number of 32 bits'),
        (lambda meter: meter.CTRL.write(-1), 'CTRL: -1 is no number of 32 bits'),
        (lambda meter: meter.CTRL.write(1.0), 'CTRL: 1.0 is no number of 32 bits'),
        (lambda meter: meter.CTRL.write(MODE='DIM'), 'CTRL: MODE has no value DIM; there are IDLE, SLOW, FAST'),
        (lambda meter: meter.CTRL.write(MODE=4), 'CTRL: MODE has 2 bits, and 4 does not fit in them'),
        (lambda meter: meter.CTRL.write(SPEED=4), 'CTRL: it has no field SPEED; there are EN, MODE'),
        (lambda meter: meter.STATUS.write(BUSY=1), "STATUS: software can't write its field BUSY"),
    ],
)
def test_what_can_not_be(meter: Any, bus: Memory, attempt: Callable[[Any], object], sentence: str) -> None:
    with pytest.raises(RegisterError) as refused:
        attempt(meter)
    assert str(refused.value) == sentence
    # Not even a part of it.
    assert bus.calls == []


def test_devices_that_there_are_not(described: Registers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('TRAPLINE', environment()['TRAPLINE'])
    with pytest.raises(RegisterError, match=r'^there is no device meter1; there are meter0$'):
        described['meter1']
    with pytest.raises(RegisterError, match=r'^nothing describes the registers of a; say what by its key "registers"$'):
        Registers({'a': None})['a']
    with pytest.raises(RegisterError, match=r'nowhere\.json'):
        read_registers('nowhere.json', cwd=tmp_path)


NAMES = {'0x1': 'ONE', '0x2': 'MANY', '0x3': 'MANY'}
#: Two registers in one place, of which only a read tells them apart; one that shares a word; one of 64 bits.
PLACES = Registers({
    'dev': to_map({
        'name': 'dev',
        'registers': [
            *(
                {'path': path, 'offset': '0x0', 'widthBits': 32, 'access': 'rw', 'fields': [
                    {'name': 'F', 'low': 4, 'widthBits': 4, 'access': 'rw', 'values': NAMES}
                ]} for path in ('LOW', 'HIGH')
            ),
            {'path': 'COUNT', 'offset': '0x4', 'widthBits': 16, 'access': 'rw', 'fields': [
                {'name': 'N', 'low': 4, 'widthBits': 8, 'access': 'rw'}
            ]},
            {'path': 'WIDE', 'offset': '0x8', 'widthBits': 64, 'access': 'rw', 'fields': [
                {'name': 'TOP', 'low': 60, 'widthBits': 4, 'access': 'rw'}
            ]},
        ],
    }),
})  # fmt: skip


def access(register: str, offset: int, width_bytes: int, value: int | None, **more: Any) -> Access:
    place = {'seq': 1, 'operation': 'write', 'device': 'dev', 'offset': offset, 'width_bytes': width_bytes}
    cycles = {'status': 'OKAY', 'cycle_start': 0, 'cycle_end': 2, 'time_ps': 20_000}
    return Access(**place, value=value, **cycles, register=register, described=lambda: PLACES, **more)


@pytest.mark.parametrize(
    ('one', 'register', 'fields', 'is_like'),
    [
        (access('LOW|HIGH', 0, 4, 0x10), 'LOW', {'F': 'ONE'}, True),
        (access('LOW|HIGH', 0, 4, 0x10), 'HIGH', {'F': 1}, True),
        (access('LOW|HIGH', 0, 4, 0x20), 'HIGH', {'F': 1}, False),
        (access('COUNT', 4, 2, 0xAB0), 'COUNT', {'N': 0xAB}, True),
        (access('LOW|HIGH,COUNT', 0, 8, 0xAB0_0000_0010), 'COUNT', {'N': 0xAB}, True),
        (access('COUNT[15:8]', 5, 1, 0x0A), 'COUNT', {}, True),
        (access('COUNT[15:8]', 5, 1, 0x0A), 'COUNT', {'N': 0xA}, False),
        (access('COUNT', 4, 4, 0xAB0, byte_enables=0x3), 'COUNT', {'N': 0xAB}, True),
        (access('COUNT[7:0]', 4, 4, 0xB0, byte_enables=0x1), 'COUNT', {'N': 0xB}, False),
        (access('WIDE', 8, 8, 0xF << 60), 'WIDE', {'TOP': 0xF}, True),
        (access('WIDE[63:32]', 12, 4, 0xF << 28), 'WIDE', {'TOP': 0xF}, True),
        (access('WIDE[31:0]', 8, 4, 0xF << 28), 'WIDE', {'TOP': 0xF}, False),
        (access('WIDE', 8, 8, None), 'WIDE', {'TOP': 0}, False),
        (access('WIDE', 8, 8, None), 'WIDE', {}, True),
    ],
)
def test_which_accesses_are_like_it(one: Access, register: str, fields: dict[str, Any], is_like: bool) -> None:
    wanted = {'register': register, 'fields': fields}
    assert find_accesses([one], wanted) == ([one] if is_like else [])
    if is_like:
        assert_accessed([one], wanted)
    else:
        assert_not_accessed([one], wanted)


def test_what_was_expected_is_told_by_name() -> None:
    one = access('LOW|HIGH', 0, 4, 0x10, fields={})
    other = access('COUNT', 4, 2, 0xAB0, fields={'COUNT.N': 0xAB})
    with pytest.raises(AccessMismatch) as missed:
        assert_accessed([one, other], {'operation': 'write', 'register': 'COUNT', 'fields': {'N': 5}})
    assert str(missed.value).splitlines() == [
        'expected write COUNT N=5, from the first access on:',
        '→ 1: write dev+0x0 4 B = 0x00000010 (LOW|HIGH)',
        '  1: write dev+0x4 2 B = 0x0ab0 (COUNT.N=0xab)',
    ]
    assert missed.value.blame is not None
    assert missed.value.blame.access is other


@pytest.mark.parametrize(
    ('wanted', 'sentence'),
    [
        ({'register': 'LOV'}, 'no register is called LOV; did you mean LOW?'),
        ({'register': 'LOW', 'device': 'other'}, 'there is no device other; there are dev'),
        ({'register': 'LOW', 'fields': {'G': 1}}, 'LOW has no field G; there are F'),
        ({'register': 'LOW', 'fields': {'F': 'TWO'}}, 'LOW.F has no value that is called TWO; there are MANY, ONE'),
        (
            {'register': 'LOW', 'fields': {'F': 'MANY'}},
            'LOW.F has several values that are called MANY; give the number',
        ),
        ({'fields': {'F': 1}}, 'fields are those of a register; say which by "register"'),
    ],
)
def test_names_that_nothing_has_are_no_match_in_silence(wanted: dict[str, Any], sentence: str) -> None:
    run = RunResult(('x',), 0, '', '', 1, Path(), [])
    run.described = lambda: PLACES
    for accesses in (run, [access('LOW|HIGH', 0, 4, 0x10)]):
        with pytest.raises(RegisterError) as refused:
            assert_not_accessed(accesses, wanted)
        assert str(refused.value) == sentence


def test_accesses_that_know_no_registers_are_refused() -> None:
    plain = Access(1, 'read', 'dev', 0, 4, 0, 'OKAY', 0, 2, 20_000)
    with pytest.raises(TypeError, match='nothing is known of the registers of these accesses'):
        assert_not_accessed([plain], {'register': 'LOW'})
    of_bench = RunResult(('x',), 0, '', '', 1, Path(), is_of_bench=True)
    with pytest.raises(TypeError, match=r"the accesses of a bench's programs are told when it ends"):
        assert_not_accessed(of_bench, {'offset': 0})
