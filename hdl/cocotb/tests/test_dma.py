# SPDX-License-Identifier: Apache-2.0
"""A design that reaches the programs' memory by itself: hdl/models/axi_dma.sv, served over a real link."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from bridge_end import BridgeEnd
from served_simulation import Simulation, build, port, simulation
from simulation import HERE, needs_icarus

pytestmark = needs_icarus
MODELS = HERE.parents[1] / 'models'
ADDRESS = (
    *('awaddr', 'awlen', 'awsize', 'awburst', 'awvalid', 'awready', 'araddr', 'arlen', 'arsize', 'arburst', 'arvalid'),
    *('arready', 'wdata', 'wstrb', 'wlast', 'wvalid', 'wready', 'bresp', 'bvalid', 'bready', 'rdata', 'rresp'),
    *('rlast', 'rvalid', 'rready'),
)
MANAGER = {
    **{'name': 'm_axi', 'protocol': 'axi4', 'clock': 'clk_i'},
    'signals': {signal: f'm_axi_{signal}' for signal in ADDRESS},
}
START_WITH_INTERRUPT = (3).to_bytes(4, 'little')
PAGE = 4096
FILE, LINK, READ_ONLY = 0x10000, 0x20000, 0x30000
"""Bus addresses of a page in a file, of one that travels over the link, and of one that may only be read."""


@pytest.fixture(scope='module')
def dma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp('built'), 'axi_dma', [MODELS / 'axi_dma.sv'], [MODELS])


def serve(dma: Path, run: Path) -> AbstractContextManager[Simulation]:
    settings = {
        'clock': {'port': 'clk_i', 'others': [], 'periodPs': 10000},
        'reset': {'port': 'rst_ni', 'active': 'low', 'others': [], 'cycles': 4},
        'ports': [port('s_axil', 'clk_i')],
        'managers': [MANAGER],
        'interrupts': ['irq_o'],
        'log': str(run / 'log.jsonl'),
        'events': str(run / 'events.jsonl'),
    }
    return simulation(dma, run, **settings)


@pytest.fixture(scope='module')
def served(dma: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    with serve(dma, tmp_path_factory.mktemp('run')) as running:
        yield running


@pytest.fixture
def memory(served: Simulation, tmp_path: Path) -> Iterator[Path]:
    """The file behind one page; the others are mapped beside it."""
    link = served.link
    link.unasked.clear()
    link.ask('reset', {'cycles': 2})
    yield map_memory(link, tmp_path / 'memory')
    for address in (FILE, LINK, READ_ONLY):
        assert link.ask('unmap_memory', {'address': address})['kind'] == 'done'
    link.ask('close_session', {'session': 1})


def map_memory(link: BridgeEnd, file: Path) -> Path:
    """Opens a session, too."""
    link.open_session(dma={'port': 0})
    file.write_bytes(bytes(2 * PAGE))
    mapped = {'size': PAGE, 'path': str(file), 'writable': True}
    assert link.ask('map_memory', {**mapped, 'address': FILE, 'offset': PAGE})['kind'] == 'done'
    assert link.ask('map_memory', {'address': LINK, 'size': PAGE, 'writable': True})['kind'] == 'done'
    assert link.ask('map_memory', {**mapped, 'address': READ_ONLY, 'writable': False})['kind'] == 'done'
    return file


def put(file: Path, at: int, data: bytes) -> None:
    with file.open('r+b') as opened:
        opened.seek(PAGE + at)
        opened.write(data)


def take(file: Path, at: int, size: int) -> bytes:
    return file.read_bytes()[PAGE + at : PAGE + at + size]


def copy(link: BridgeEnd, file: Path, source: int, target: int, size: int) -> None:
    """Starts a chain of one descriptor, which lies at the start of the file's page."""
    put(file, 0, struct.pack('<QQIIQ', source, target, size, 1, 0))
    assert link.write(0x08, struct.pack('<I', FILE))['status'] == 1
    assert link.write(0x00, START_WITH_INTERRUPT)['status'] == 1


def test_memory_in_a_file_is_copied_before_the_interrupt_is_told(served: Simulation, memory: Path) -> None:
    data = bytes(range(256)) * 3
    put(memory, 0x100, data)
    copy(served.link, memory, FILE + 0x100, FILE + 0x800, len(data))
    wait = served.link.ask('run', {'cycles': 100_000, 'until_interrupt': True})
    assert take(memory, 0x800, len(data)) == data
    assert [message['kind'] for message in served.link.unasked] == ['interrupt']
    assert served.link.unasked[0]['cycle'] == wait['cycle'] < 100_000


def test_a_wait_for_memory_ends_when_it_is_written(served: Simulation, memory: Path) -> None:
    copy(served.link, memory, FILE + 0x100, FILE + 0x800, 2048)
    watched = {'until_written_address': FILE + 0x900, 'until_written_size': 8}
    first = served.link.ask('run', {'cycles': 2**62, **watched})
    rest = served.link.ask('run', {'cycles': 2**62, 'until_interrupt': True})
    assert rest['cycle'] > first['cycle'] + 300


def test_bytes_that_travel_over_the_link(served: Simulation, memory: Path) -> None:
    link = served.link
    put(memory, 0x100, b'0123456789abcdef')
    copy(link, memory, FILE + 0x100, LINK + 0x40, 16)
    waits = link.send('run', {'cycles': 2**62, 'until_interrupt': True})
    written: list[dict] = []
    late: list[int] = []
    while (message := link.receive()) is not None and message['id'] not in (waits, *late):
        if 'dma_request' in message:
            written.append(message['dma_request'])
            # What comes meanwhile is served after it.
            late.append(link.send('statistics'))
            link.send('dma_answer', request_id=message['id'])
    assert written == [{'address': LINK + 0x40, 'size': 16, 'data': b'0123456789abcdef'}]
    assert message is not None
    assert 'statistics' in message
    assert link.answer_to(waits)['kind'] == 'done'


def test_memory_that_is_not_there_is_told(served: Simulation, memory: Path) -> None:
    link = served.link
    copy(link, memory, 0x99000, FILE + 0x800, 16)
    link.ask('run', {'cycles': 100_000, 'until_interrupt': True})
    fault = next(message for message in link.unasked if message['kind'] == 'dma_fault')
    assert (fault['port'], fault['write'], fault['address']) == ('m_axi', False, 0x99000)
    assert take(memory, 0x800, 16) == bytes(16)


def test_memory_that_may_only_be_read_stays_as_it_is(served: Simulation, memory: Path) -> None:
    link = served.link
    put(memory, 0x100, b'0123456789abcdef')
    copy(link, memory, FILE + 0x100, READ_ONLY + 0x200, 16)
    link.ask('run', {'cycles': 100_000, 'until_interrupt': True})
    fault = next(message for message in link.unasked if message['kind'] == 'dma_fault')
    assert (fault['write'], fault['address']) == (True, READ_ONLY + 0x200)
    assert memory.read_bytes()[:PAGE] == bytes(PAGE)


def test_mappings_that_make_no_sense_are_refused(served: Simulation, memory: Path) -> None:
    link = served.link
    overlap = link.ask('map_memory', {'address': FILE, 'size': PAGE, 'path': str(memory)})
    assert overlap['message'] == 'memory of 0x1000 bytes at 0x10000 overlaps what is mapped already'
    assert link.ask('unmap_memory', {'address': 0x50000})['message'] == 'no memory is mapped at 0x50000'


def test_bursts_are_logged(dma: Path, tmp_path: Path) -> None:
    with serve(dma, tmp_path) as running:
        memory = map_memory(running.link, tmp_path / 'memory')
        put(memory, 0x100, bytes(range(64)))
        copy(running.link, memory, FILE + 0x100, FILE + 0x800, 64)
        running.link.ask('run', {'cycles': 100_000, 'until_interrupt': True})
        running.link.ask('stop')
        running.link.rest()
        running.output()
    lines = [json.loads(line) for line in (tmp_path / 'log.jsonl').read_text().splitlines()]
    write = next(line for line in lines if line['op'] == 'dma-write')
    number = int.from_bytes(bytes(range(64)), 'little')
    assert (write['port'], write['address'], write['status']) == ('m_axi', FILE + 0x800, 'OKAY')
    assert (write['widthBytes'], write['beats'], int(write['data'], 16)) == (64, 8, number)
    events = [json.loads(line) for line in (tmp_path / 'events.jsonl').read_text().splitlines()]
    assert [event.get('op', event['kind']) for event in events] == ['read', 'read', 'write', 'write', 'interrupt']
    assert all(int(event['beginPs']) < int(event['endPs']) for event in events[:-1])
