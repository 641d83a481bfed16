# SPDX-License-Identifier: Apache-2.0
"""Simulations that the bridge has started, over a real link: Icarus Verilog and the package's own test bench."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from served_simulation import SIMULATOR, Simulation, simulation
from simulation import needs_icarus

pytestmark = needs_icarus


@pytest.fixture(scope='module')
def served(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    """One for all tests that only use it; each opens a session of its own."""
    folder = tmp_path_factory.mktemp('run')
    with simulation(built, folder, log=str(folder / 'log.jsonl'), maxCycles=200) as running:
        yield running


@pytest.fixture
def device(served: Simulation) -> Iterator[Simulation]:
    served.link.unasked.clear()
    assert served.link.ask('reset', {'cycles': 2})['kind'] == 'done'
    assert served.link.open_session(gpio={'port': 0}, other={'port': 1})['kind'] == 'done'
    yield served
    served.link.ask('close_session', {'session': 1})


def test_says_what_it_has(served: Simulation) -> None:
    assert served.hello['protocol_version'] == 1
    assert served.hello['ports'] == ['a', 'b']
    assert served.hello['interrupts'] == ['a_irq', 'b_irq']
    assert served.hello['period_ps'] == 10_000
    assert served.hello['verilator_version'].lower().startswith(SIMULATOR)


def test_reads_what_was_written(device: Simulation) -> None:
    link = device.link
    assert link.write(0, b'\x11\x22\x33\x44')['status'] == 1
    assert link.write(2, b'\xaa')['status'] == 1
    assert link.read(0)['data'] == b'\x11\x22\xaa\x44'
    assert link.read(1, 2)['data'] == b'\x22\xaa'
    assert link.read(0, device=2)['data'] == bytes(4)


def test_an_access_is_split_into_bus_words(device: Simulation) -> None:
    link = device.link
    wide = link.write(1, bytes(range(1, 11)))
    assert (wide['status'], wide['beats']) == (1, 3)
    assert link.read(0, 16)['data'] == b'\0' + bytes(range(1, 11)) + bytes(5)
    masked = link.write(0, b'\xff' * 12, byte_enables=0xF0F)
    assert masked['beats'] == 2
    assert link.read(0, 12)['data'] == b'\xff' * 4 + bytes([4, 5, 6, 7]) + b'\xff' * 4
    assert link.read(0, 12, byte_enables=0x105)['data'] == b'\xff\0\xff\0\0\0\0\0\xff\0\0\0'


def test_cycles_and_times_go_together(device: Simulation) -> None:
    first = device.link.read(0)
    assert first['cycle_end'] > first['cycle_start']
    assert first['time_ps'] == first['cycle_end'] * 10_000
    assert device.link.read(0)['cycle_start'] == first['cycle_end']


def test_bus_errors_are_told_in_words(device: Simulation) -> None:
    link = device.link
    hole = link.read(0x20)
    assert (hole['status'], hole['detail']) == (2, 'SLVERR on read of 4 bytes at gpio+0x20 (bus address 0x20)')
    half = link.read(0x1C, 12)
    assert (half['status'], half['beats']) == (2, 2)
    assert half['detail'] == (
        'SLVERR on read of 12 bytes at gpio+0x1c (bus address 0x20): beat 2 of 3, the rest was not started'
    )
    outside = link.read(0x1000)
    assert (outside['status'], outside['beats']) == (3, 0)
    assert outside['detail'].endswith('it does not lie inside the device, which has 0x1000 bytes')


def test_a_handshake_that_never_comes_uses_up_its_budget(device: Simulation) -> None:
    link = device.link
    stuck = link.read(0x18)
    assert stuck['status'] == 4
    assert re.fullmatch(r'read of 4 bytes at gpio\+0x18: .*ARVALID=1 ARREADY=0.*', stuck['detail'])
    after = link.read(0)
    assert after['status'] == 4
    assert after['detail'] == (
        'read of 4 bytes at gpio+0x0: not started, port a is stuck since the read of 4 bytes at gpio+0x18; '
        'reset the model'
    )
    assert link.read(0, device=2)['status'] == 1
    assert link.ask('reset')['kind'] == 'done'
    assert link.read(0)['status'] == 1


def test_time_passes_only_when_asked(device: Simulation) -> None:
    link = device.link
    before = link.ask('advance')
    assert link.ask('statistics')['cycle'] == before['cycle']
    after = link.ask('advance', {'cycles': 1000})
    assert after['cycle'] == before['cycle'] + 1000
    assert link.ask('run', {'cycles': 77})['cycle'] == after['cycle'] + 77


def test_an_interrupt_ends_a_wait(device: Simulation) -> None:
    link = device.link
    begin = link.write(0x10, (50).to_bytes(4, 'little'))['cycle_end']
    wait = link.ask('run', {'cycles': 100_000, 'until_interrupt': True})
    assert link.unasked[-1] == {
        **{'kind': 'interrupt', 'line': 0, 'level': True},
        **{'cycle': wait['cycle'], 'time_ps': wait['cycle'] * 10_000},
    }
    assert begin + 45 < wait['cycle'] < begin + 55
    # The write that clears it is answered first: no edge has seen the change.
    assert link.write(0x14, bytes(4))['status'] == 1
    link.read(0)
    assert [(edge['line'], edge['level']) for edge in link.unasked] == [(0, True), (0, False)]


def test_another_wait_ends_the_one_before(device: Simulation) -> None:
    link = device.link
    first = link.send('run', {'cycles': 2**64 - 1})
    second = link.send('run', {'cycles': 10})
    assert link.answer_to(first)['kind'] == 'done'
    assert link.answer_to(second)['kind'] == 'done'


def test_what_a_cocotb_model_has_not_is_refused(device: Simulation) -> None:
    link = device.link
    assert link.ask('trace', {'on': True})['message'] == (
        "the waveform of a cocotb model is its simulator's, from start to end"
    )
    assert link.ask('serve_forks', {'path': '/x'})['message'] == (
        "a cocotb model can't be copied; start one for each run"
    )
    behind = link.open_session(2, ram={'port': 0, 'backdoor': 'dut.ram'})
    assert behind['message'].startswith('device ram has a backdoor to dut.ram, but a cocotb model has none')
    stream = link.open_session(2, tx={'port': 0, 'write_stream': 1})
    assert stream['message'] == 'device tx is a stream, but a cocotb model has none; use a Verilator model for it'
    assert link.open_session(2, x={'port': 7})['message'] == 'device x lies on port 7, but the model has only 2'
    assert link.ask('advance', {'cycles': 2**32})['message'] == (
        'cycles is 4294967296; advance by at most 4294967295 at once'
    )


def test_the_log_has_every_access(built: Path, tmp_path: Path) -> None:
    log = tmp_path / 'log.jsonl'
    with simulation(built, tmp_path / 'run', log=str(log)) as running:
        running.link.open_session(gpio={'port': 0, 'address': 0})
        running.link.write(4, b'\x01\x02\x03\x04', tid=5, pc=0x1234)
        running.link.read(4, 8, byte_enables=0x0F)
        running.link.ask('stop')
        assert running.link.rest() == []
        output = running.output()
    assert 'PASS=1' in output
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        assert line.pop('wallNs') > 0
        assert line.pop('timePs') == line['cycleEnd'] * 10_000
        assert line.pop('cycleStart') < line.pop('cycleEnd')
    common = {'device': 'gpio', 'status': 'OKAY', 'beats': 1, 'bursts': 1, 'pid': 42, 'session': 1, 'offset': 4}
    common['stack'] = 0
    assert lines == [
        {**common, 'seq': 1, 'op': 'write', 'widthBytes': 4, 'data': '0x04030201', 'tid': 5, 'pc': '0x1234'},
        {
            **{**common, 'seq': 2, 'op': 'read', 'widthBytes': 8, 'data': '0x0000000004030201'},
            **{'byteEnables': '0xf', 'tid': 0, 'pc': '0x0'},
        },
    ]
