# SPDX-License-Identifier: Apache-2.0
"""The client of ControlService against a real `trapline serve` with real models."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_trapline import BASE, COMMAND, environment, write_config
from trapline.control import BusError, ControlClient, ControlError, Tls

COMPARE, CONTROL, NOWHERE = 0xC, 0x0, 0x800


class Served:
    """A bridge that runs."""

    def __init__(self, folder: Path, *flags: str, **variables: str) -> None:
        command = [*COMMAND, 'serve', '--config', str(folder / 'trapline.config.json'), '--seed', '7', *flags]
        env = environment(**variables)
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('control')
    devices = {'timer0': {'base': BASE, 'model': 'timer'}, 'regs0': {'base': BASE + 0x1000, 'model': 'regs'}}
    write_config(folder, {'timer': 'axil_timer', 'regs': 'axil_regs'}, devices)
    return folder


@pytest.fixture(scope='module')
def served(folder: Path) -> Iterator[Served]:
    bridge = Served(folder)
    yield bridge
    bridge.end()


@pytest.fixture
def client(served: Served) -> Iterator[ControlClient]:
    with ControlClient(served.address) as client:
        yield client


def test_lists_devices_and_models(client: ControlClient) -> None:
    listing = client.list()
    assert [(one.name, one.path, one.base, one.size) for one in listing.devices] == [
        ('timer0', '/dev/mem', BASE, 0x1000),
        ('regs0', '/dev/mem', BASE + 0x1000, 0x1000),
    ]
    assert [(one.name, one.seed) for one in listing.models] == [('timer', 7), ('regs', 7)]


def test_values_of_64_bits_are_exact(client: ControlClient) -> None:
    for value in (0xFFFF_FFFF_FFFF_FFFF, (1 << 53) + 1):
        completion = client.write('regs0', 0x10, value, width_bytes=8)
        assert client.read('regs0', 0x10, width_bytes=8) == value
        assert (completion.status, completion.beats) == ('OKAY', 2)
        assert completion.cycle_end > completion.cycle_start


def test_time_passes_as_told(client: ControlClient) -> None:
    before = client.start('regs')
    after = client.advance(1000, 'regs')
    assert after.cycle - before.cycle == 1000
    assert after.time_ps - before.time_ps == 1000 * 10_000
    assert client.reset('regs', cycles=20).cycle - after.cycle == 20


def test_waits_for_an_interrupt(client: ControlClient) -> None:
    with pytest.raises(ControlError, match=r'^model timer: irq_o stayed low for 1000 cycles$'):
        client.wait_for_interrupt('irq_o', 'timer', cycles=1000)
    client.write('timer0', COMPARE, 5000)
    client.write('timer0', CONTROL, 3)
    before = client.start('timer').cycle
    raised = client.wait_for_interrupt('irq_o', 'timer')
    assert 4900 < raised.cycle - before < 5100
    assert raised.interrupts == ('irq_o',)
    assert client.wait_for_interrupt('irq_o', 'timer').cycle == raised.cycle


def test_counts(client: ControlClient) -> None:
    client.write('regs0', 0, 1)
    before = {one.model: one for one in client.statistics().models}['regs']
    client.read('regs0', 0)
    client.read_raw('regs0', NOWHERE)
    after = {one.model: one for one in client.statistics().models}['regs']
    assert (after.reads - before.reads, after.errors - before.errors) == (2, 1)


def test_a_bus_error_is_raised_and_has_its_completion(client: ControlClient) -> None:
    with pytest.raises(BusError, match=r'^read of 4 bytes at regs0\+0x800 was answered with SLVERR$') as raised:
        client.read('regs0', NOWHERE)
    assert raised.value.completion.beats == 1
    value, completion = client.read_raw('regs0', NOWHERE)
    assert (value, completion.status) == (0, 'SLVERR')
    assert client.write_raw('regs0', 0x1_0000, 1).status == 'DECERR'


@pytest.mark.parametrize(
    ('call', 'status', 'sentence'),
    [
        (lambda one: one.read('uart', 0), 'NOT_FOUND', 'there is no device uart; there are timer0, regs0'),
        (lambda one: one.start(), 'NOT_FOUND', 'name the model: there are timer, regs'),
        (lambda one: one.read('regs0', 0, 3), 'INVALID_ARGUMENT', 'width_bytes is 3; it must be 1, 2, 4 or 8'),
        (lambda one: one.write('regs0', 0, 256, 1), 'INVALID_ARGUMENT', 'value 256 does not fit in 1 bytes'),
        (
            lambda one: one.write('regs0', 0, -1),
            'INVALID_ARGUMENT',
            'value is -1; it must be a whole number from 0 to 2^64 - 1',
        ),
        (lambda one: one.advance(0, 'regs'), 'INVALID_ARGUMENT', 'cycles is 0; advance by 1 at least'),
        (
            lambda one: one.reset('regs', 4_000_000),
            'INVALID_ARGUMENT',
            'model regs: cycles is 4000000; a reset has at most 1000000',
        ),
        (
            lambda one: one.wait_for_interrupt('bell', 'timer'),
            'NOT_FOUND',
            'there is no interrupt bell; there are irq_o',
        ),
        (
            lambda one: one.trace(True, 'regs'),
            'FAILED_PRECONDITION',
            'model regs: this model was built without tracing',
        ),
    ],
)
def test_refusals_are_sentences(client: ControlClient, call: object, status: str, sentence: str) -> None:
    assert callable(call)
    with pytest.raises(ControlError) as refused:
        call(client)
    assert (refused.value.status, str(refused.value)) == (status, sentence)


def test_stops_the_bridge_and_then_finds_none(folder: Path) -> None:
    bridge = Served(folder)
    with ControlClient(bridge.address) as client:
        client.stop()
        assert bridge.process.wait(10) == 0
        with pytest.raises(ControlError) as gone:
            client.list()
        assert gone.value.status == 'UNAVAILABLE'
        assert re.match(r'^the bridge at unix:/\S+ has ended \(', str(gone.value))
    with pytest.raises(ControlError, match=r'^no bridge answers at unix:.* within 0.5 s; start one with `trapline s'):
        ControlClient(bridge.address, timeout_s=0.5)


def test_an_address_is_of_a_known_form() -> None:
    with pytest.raises(ControlError, match=r'^address /run/bridge.sock: write it as unix:/PATH or HOST:PORT$'):
        ControlClient('/run/bridge.sock')
    with pytest.raises(ControlError, match=r'x: a path of a socket has at most 107 bytes; choose a shorter one$'):
        ControlClient(f'unix:/{"x" * 107}')


def openssl(folder: Path, *args: str) -> None:
    subprocess.run(['openssl', *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope='module')
def identities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, and a bridge and a client that it has signed for."""
    folder = tmp_path_factory.mktemp('tls')
    key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    openssl(folder, 'req', '-x509', *key, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem')
    (folder / 'names').write_text('subjectAltName=IP:127.0.0.1,DNS:localhost\n')
    sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '1']
    for name in ('bridge', 'client'):
        openssl(folder, 'req', *key, '-subj', f'/CN={name}', '-keyout', f'{name}.key', '-out', 'request')
        openssl(folder, 'x509', '-req', '-in', 'request', *sign, '-out', f'{name}.pem')
    return folder


def test_mutual_tls_and_a_token(folder: Path, identities: Path) -> None:
    files = {name: str(identities / f'{name}.pem') for name in ('bridge', 'ca')}
    flags = ['--tls-cert', files['bridge'], '--tls-key', str(identities / 'bridge.key'), '--tls-ca', files['ca']]
    bridge = Served(folder, '--listen', '127.0.0.1:0', *flags, TRAPLINE_TOKEN='correct-horse')
    tls = Tls(cert=identities / 'client.pem', key=identities / 'client.key', ca=identities / 'ca.pem')
    try:
        with ControlClient(bridge.address, tls=tls, token='correct-horse') as client:
            client.write('regs0', 0, 0x5EED)
            assert client.read('regs0', 0) == 0x5EED
        with ControlClient(bridge.address, tls=tls, token='wrong') as stranger, pytest.raises(ControlError) as refused:
            stranger.list()
        assert refused.value.status == 'UNAUTHENTICATED'
        with pytest.raises(ControlError, match=r'^no bridge answers at 127.0.0.1:.*'):
            ControlClient(bridge.address, timeout_s=1)
        with pytest.raises(ControlError, match=r"^tls ca /nowhere can't be read"):
            ControlClient(bridge.address, tls=Tls(cert=tls.cert, key=tls.key, ca='/nowhere'))
    finally:
        bridge.end()
