# SPDX-License-Identifier: Apache-2.0
"""Accesses of several hosts: which go side by side, which wait, and what cuts them off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_end import BridgeEnd
from served_simulation import Simulation, simulation
from simulation import needs_icarus
from trapline._messages import Operation

pytestmark = needs_icarus
NEVER = 2**62
STUCK = 0x18


@pytest.fixture(scope='module')
def served(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    """Handshakes have all the time in the world: what ends an access is the test."""
    with simulation(built, tmp_path_factory.mktemp('run') / 'run', maxCycles=NEVER) as running:
        yield running


@pytest.fixture
def link(served: Simulation) -> Iterator[BridgeEnd]:
    """Two hosts, each with both ports as devices 1 and 2."""
    link = served.link
    link.unasked.clear()
    link.ask('reset', {'cycles': 2})
    for session in (1, 2):
        link.open_session(session, a={'port': 0}, b={'port': 1})
    yield link
    link.ask('reset', {'cycles': 2})
    for session in (1, 2):
        link.ask('close_session', {'session': session})


def test_accesses_of_two_hosts_to_two_ports_overlap(link: BridgeEnd) -> None:
    stuck = link.send_access(Operation.READ, STUCK, 4)
    for _ in range(3):
        assert link.read(0, session=2, device=2)['status'] == 1
    assert stuck not in link._answers
    counted = link.ask('statistics')
    assert counted['reads'] >= 3


def test_accesses_of_one_host_keep_their_order_on_whatever_port(link: BridgeEnd) -> None:
    stuck = link.send_access(Operation.READ, STUCK, 4)
    behind = link.send_access(Operation.READ, 0, 4, device=2)
    same_port = link.send_access(Operation.READ, 0, 4, session=2)
    link.ask('advance', {'cycles': 1000})
    assert not {stuck, behind, same_port} & set(link._answers)
    link.ask('reset')
    cut_off = link.answer_to(stuck)
    assert (cut_off['status'], cut_off['detail']) == (5, 'read of 4 bytes at a+0x18: cut off by a reset of the model')
    assert link.answer_to(behind)['status'] == 1
    assert link.answer_to(same_port)['status'] == 1


def test_a_locked_instruction_holds_the_bus(link: BridgeEnd) -> None:
    assert link.read(0, hold=True)['status'] == 1
    other = link.send_access(Operation.READ, 0, 4, session=2, device=2)
    link.ask('advance', {'cycles': 500})
    assert other not in link._answers
    assert link.write(0, b'\1\0\0\0')['status'] == 1
    assert link.answer_to(other)['status'] == 1


def test_a_bus_error_or_the_end_of_the_session_lets_go_of_the_bus(link: BridgeEnd) -> None:
    assert link.read(0x20, hold=True)['status'] == 2
    assert link.read(0, session=2)['status'] == 1
    assert link.read(0, hold=True)['status'] == 1
    other = link.send_access(Operation.READ, 0, 4, session=2)
    link.ask('close_session', {'session': 1})
    assert link.answer_to(other)['status'] == 1
    link.open_session(1, a={'port': 0}, b={'port': 1})


def test_what_is_asked_during_an_access_is_answered(link: BridgeEnd) -> None:
    stuck = link.send_access(Operation.READ, STUCK, 4)
    first = link.ask('advance', {'cycles': 100})
    second = link.ask('run', {'cycles': 100})
    assert second['cycle'] >= first['cycle'] + 100
    assert link.ask('trace', {'on': True})['kind'] == 'refusal'
    assert stuck not in link._answers


def test_an_interrupt_is_told_before_what_its_edge_answers(link: BridgeEnd) -> None:
    same_edge = 0
    for delay in (6, 7):
        link.write(0x14, bytes(4))
        link.write(0x10, delay.to_bytes(4, 'little'))
        link.history.clear()
        for _ in range(8):
            link.read(0)
        edge = next(message['interrupt'] for message in link.history if message.get('interrupt', {}).get('level'))
        completions = [message['completion']['cycle_end'] for message in link.history if 'completion' in message]
        same_edge += edge['cycle'] in completions
        before = len([cycle for cycle in completions if cycle < edge['cycle']])
        assert next(i for i, message in enumerate(link.history) if 'interrupt' in message) == before
    assert same_edge >= 1


@pytest.mark.parametrize(
    ('access', 'words'),
    [
        ({'width_bytes': 0, 'operation': 1}, 'an access has 1 to 4096 bytes, not 0'),
        ({'width_bytes': 4097, 'operation': 1}, 'an access has 1 to 4096 bytes, not 4097'),
        ({'width_bytes': 4}, 'an access is a read or a write'),
        ({'width_bytes': 4, 'operation': 2}, 'the access carries 0 bytes of data instead of 4'),
        ({'width_bytes': 4, 'operation': 1, 'data': b'1'}, 'the access carries 1 bytes of data instead of 0'),
        ({'width_bytes': 65, 'operation': 1, 'byte_enables': 1}, 'byte enables reach no further than 64 bytes'),
        ({'width_bytes': 4, 'operation': 1, 'device': 9}, 'session 1 has no device 9'),
    ],
)
def test_accesses_that_make_no_sense_are_refused(link: BridgeEnd, access: dict, words: str) -> None:
    assert link.ask('access', {'session': 1, 'access': {'device': 1, **access}})['message'] == words


def test_sessions_that_make_no_sense_are_refused(link: BridgeEnd) -> None:
    assert link.ask('open_session', {'session': 0})['message'] == "a session's number is never 0"
    assert link.ask('open_session', {'session': 1})['message'] == 'session 1 is open already'
    assert link.ask('close_session', {'session': 9})['message'] == 'session 9 is not open'
    assert link.read(0, session=9)['message'] == 'session 9 is not open'
    assert link.ask('dma_answer')['message'] == 'the request has no body that this model knows'
    assert link.ask('reset', {'cycles': 1_000_001})['message'] == ('cycles is 1000001; a reset has at most 1000000')


def test_minimum_cycles_lie_between_accesses(built: Path, tmp_path: Path) -> None:
    log = tmp_path / 'log.jsonl'
    with simulation(built, tmp_path / 'run', minCyclesPerAccess=50, log=str(log)) as running:
        for session in (1, 2):
            running.link.open_session(session, a={'port': 0}, b={'port': 1})
        asked = [running.link.send_access(Operation.READ, 0, 4, session=1 + i % 2) for i in range(6)]
        for request in asked:
            assert running.link.answer_to(request)['status'] == 1
        running.link.ask('stop')
        running.link.rest()
        running.output()
    cycles = [(line['cycleStart'], line['cycleEnd']) for line in map(json.loads, log.read_text().splitlines())]
    assert len(cycles) == 6
    for (_, end), (start, _) in zip(cycles, cycles[1:]):
        assert start >= end + 50


def test_bits_of_a_vector_are_interrupts(built: Path, tmp_path: Path) -> None:
    with simulation(built, tmp_path / 'run', interrupts=['irqs[8]', 'irqs[7]']) as running:
        link = running.link
        assert running.hello['interrupts'] == ['irqs[8]', 'irqs[7]']
        link.open_session(a={'port': 0}, b={'port': 1})
        for device, line in ((1, 1), (2, 0)):
            link.write(0x10, (10).to_bytes(4, 'little'), device=device)
            link.ask('run', {'cycles': 1000, 'until_interrupt': True})
            assert (link.unasked[-1]['line'], link.unasked[-1]['level']) == (line, True)
        assert len(link.unasked) == 2


def test_progress_is_told_while_time_passes(link: BridgeEnd) -> None:
    stuck = link.send_access(Operation.READ, STUCK, 4)
    run = link.send('run', {'cycles': 2**64 - 1})
    while (message := link.receive()) is not None and 'progress' not in message:
        assert message['id'] not in (stuck, run)
    assert message is not None
    progress = message['progress']
    assert progress['pending'] == 'read of 4 bytes at a+0x18'
    assert progress['time_ps'] // 10_000 == progress['cycle']
