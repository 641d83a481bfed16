# SPDX-License-Identifier: Apache-2.0
"""Everything that may end a simulation is told in one sentence, and nothing of it is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from served_simulation import Simulation, simulation
from simulation import HERE, RTL, needs_icarus, simulate

pytestmark = needs_icarus
NO_EVENTS = 'the simulator ended: $finish, $fatal or $stop was called, or no event was left'
MISTAKES = 'with_mistakes'
BENCHES = str(HERE / 'benches.py')


@contextmanager
def bench(built: Path, folder: Path, test: str) -> Iterator[Simulation]:
    """One of the benches, with a session on port a."""
    with simulation(built, folder / 'run', 'benches', test, log=str(folder / 'log.jsonl')) as running:
        assert running.link.open_session(gpio={'port': 0})['kind'] == 'done'
        yield running


def line_of(words: str) -> int:
    return next(n for n, line in enumerate(Path(BENCHES).read_text().splitlines(), 1) if words in line)


def test_a_bench_of_ones_own_serves(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'plain') as running:
        link = running.link
        assert link.write(0, b'\x01\x02\x03\x04')['status'] == 1
        done = link.ask('reset')
        access = link.read(0)
        assert access['data'] == bytes(4)
        assert access['time_ps'] == access['cycle_end'] * 10_000 - 5_000
        assert access['cycle_start'] == done['cycle']
        link.ask('stop')
        assert link.rest() == []
        assert 'PASS=1' in running.output()


def test_a_master_of_cocotbext_axi_is_a_port(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_cocotbext_axi') as running:
        link = running.link
        assert link.write(1, b'\x01\x02\x03')['status'] == 1
        assert link.read(0, 8)['data'] == b'\0\x01\x02\x03' + bytes(4)
        assert link.read(0x20)['detail'] == 'SLVERR on read of 4 bytes at gpio+0x20 (bus address 0x20)'
        assert link.ask('advance', {'cycles': 5})['kind'] == 'done'
        assert link.read(2, 1)['data'] == b'\x02'


def test_an_exception_of_a_driver(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_a_broken_driver') as running:
        link = running.link
        link.ask('close_session', {'session': 1})
        link.open_session(gpio={'port': 0}, rest={'port': 0})
        assert link.read(0)['status'] == 1
        other = link.send('access', {'session': 1, 'access': {'device': 2, 'operation': 1, 'width_bytes': 4}})
        cut_off = link.read(0xBAD)
        assert link.answer_to(other)['status'] == 1
        assert cut_off['status'] == 5
        assert cut_off['detail'].startswith(
            "read of 4 bytes at gpio+0xbad: the model ended by itself: KeyError: 'no such register', at "
        )
        (fault,) = link.rest()
        assert (fault['kind'], fault['message']) == ('exception', "KeyError: 'no such register'")
        assert (fault['file'], fault['line']) == (BENCHES, line_of('raise KeyError'))
        assert 'FAIL=1' in running.output()


def test_an_exception_deep_in_a_library_is_told_with_the_line_of_ones_own(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_a_broken_driver') as running:
        running.link.read(0xBA4)
        (fault,) = running.link.rest()
        assert fault['message'].startswith('JSONDecodeError: Expecting property name')
        assert (fault['file'], fault['line']) == (BENCHES, line_of('json.loads'))


def test_a_broken_protocol(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_a_broken_driver') as running:
        running.link.write(0xBA0, bytes(4))
        (fault,) = running.link.rest()
        assert (fault['kind'], fault['message']) == ('protocol', 'port a: BRESP is xx while BVALID is high')


def test_an_exception_of_a_coroutine_beside(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_a_monitor_that_fails') as running:
        running.link.write(0x10, (20).to_bytes(4, 'little'))
        running.link.send('run', {'cycles': 2**64 - 1})
        fault = running.link.rest()[-1]
        assert fault['kind'] == 'exception'
        assert fault['message'].startswith('AssertionError: b_irq comes first')
        assert (fault['file'], fault['line']) == (BENCHES, line_of('b_irq comes first'))
        assert 'FAIL=1' in running.output()


def test_a_test_that_ends_while_the_model_is_in_use(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'that_ends_early') as running:
        running.link.write(0x10, (20).to_bytes(4, 'little'))
        running.link.send('run', {'cycles': 2**64 - 1})
        fault = running.link.rest()[-1]
        assert fault['kind'] == 'ended'
        assert fault['message'] == 'the cocotb test that_ends_early ended while the model was in use'
        running.output()


def test_a_scoreboard_that_fails_after_the_run(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_a_scoreboard') as running:
        running.link.ask('stop')
        (fault,) = running.link.rest()
        assert fault['kind'] == 'exception'
        assert fault['message'].startswith('AssertionError: an interrupt was expected')
        assert fault['line'] == line_of('an interrupt was expected')


def test_a_time_limit_of_the_test(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'with_a_time_limit') as running:
        running.link.send('run', {'cycles': 2**64 - 1})
        fault = running.link.rest()[-1]
        assert (fault['kind'], fault['message']) == (
            'exception',
            'SimTimeoutError: the cocotb test with_a_time_limit came to its time limit',
        )


def test_finish(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'plain') as running:
        access = running.link.send_access(2, 0x1C, 4, data=bytes(4))
        answer = running.link.answer_to(access)
        fault = running.link.rest()[-1]
        assert fault['kind'] == 'finish'
        assert fault['message'] == NO_EVENTS
        assert answer['status'] == 5
        assert answer['detail'] == f'write of 4 bytes at gpio+0x1c: the model ended by itself: {fault["message"]}'
        running.output()


@pytest.mark.parametrize('is_waiting', [True, False], ids=['while it waits', 'while time passes'])
def test_sigterm_ends_it_in_order(built: Path, tmp_path: Path, is_waiting: bool) -> None:
    with bench(built, tmp_path, 'plain') as running:
        link = running.link
        assert link.read(0)['status'] == 1
        wait = 0 if is_waiting else link.send('run', {'cycles': 2**64 - 1})
        os.kill(running.hello['pid'], signal.SIGTERM)
        faults = [message for message in link.rest() if message['what'] == 'fault']
        assert faults == []
        assert wait == 0 or 'done' not in link.history[-1]
        output = running.output()
        assert 'PASS=1' in output
    assert (tmp_path / 'log.jsonl').read_text().count('\n') == 1


def test_the_end_of_the_link_ends_the_simulation(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'plain') as running:
        running.link.send('run', {'cycles': 2**64 - 1})
        assert 'PASS=1' in running.output()


def test_a_bridge_that_breaks_the_rules(built: Path, tmp_path: Path) -> None:
    with bench(built, tmp_path, 'plain') as running:
        running.link.socket.sendall(b'\x03\0\0\0\xff\xff\xff')
        fault = running.link.rest()[-1]
        assert fault['message'].startswith('LinkError: the link carried a message that is not a ModelRequest')


def test_a_clock_that_does_not_run(built: Path, tmp_path: Path) -> None:
    with simulation(built, tmp_path / 'run', 'benches', 'without_a_clock') as running:
        (fault,) = running.link.rest()
        why = ' (clock clk never rose: the bench starts it before it makes the Bridge)'
        assert (fault['kind'], fault['message']) == ('finish', NO_EVENTS + why)


@pytest.mark.parametrize('kind', ['a run', 'an access'])
def test_the_end_of_simulated_time(built: Path, tmp_path: Path, kind: str) -> None:
    with simulation(built, tmp_path / 'run', 'benches', 'with_a_slow_clock') as running:
        link = running.link
        assert link.open_session(gpio={'port': 0})['kind'] == 'done'
        left = (1 << 14) - 2 - link.read(0)['cycle_end']
        refusal = link.ask('advance', {'cycles': left + 1})
        assert refusal['message'] == (f'cycles is {left + 1}; until the end of simulated time there are only {left}')
        last = link.ask('advance', {'cycles': left})['cycle']
        assert last == (1 << 14) - 2
        if kind == 'a run':
            link.send('run', {'cycles': 2**64 - 1})
        else:
            answer = link.answer_to(link.send_access(1, 0, 4))
            assert (
                answer['detail'] == 'read of 4 bytes at gpio+0x0: the model ended by itself: 64 bits hold no more of it'
            )
        fault = link.rest()[-1]
        assert (fault['kind'], fault['message']) == ('time', '64 bits hold no more of it')
        assert fault['cycle'] == last
        running.output()


def test_mistakes_of_the_bench_are_named(tmp_path: Path) -> None:
    sources = [RTL / 'registers.sv', RTL / 'two_registers.sv']
    outcomes = simulate(
        'benches', 'two_registers', sources, tmp_path / 'run', environment={'COCOTB_TESTCASE': MISTAKES}
    )
    assert outcomes[MISTAKES] == ''
