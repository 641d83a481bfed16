# SPDX-License-Identifier: Apache-2.0
"""The AXI4 manager against rtl/axi4_bench.sv: words of 8 bytes."""

from __future__ import annotations

from random import Random
from typing import Any

import cocotb
from simulated import Watch, pulse_reset, reset, timed, words_of_timeout
from trapline.managers.axi4 import AxiManager
from trapline.managers.manager import Answer, BusSettings, Status

OKAY = Answer(Status.OKAY, b'')


async def start(dut: Any, **settings: Any) -> AxiManager:
    bus = AxiManager(dut, 's_axi', dut.clk)
    bus.configure(BusSettings(**settings))
    await reset(dut)
    return bus


def asked_for(dut: Any) -> tuple[int, int, int]:
    """Address, beats and beat bytes of the last burst."""
    return int(dut.last_addr.value), int(dut.last_len.value) + 1, 1 << int(dut.last_size.value)


@cocotb.test()
async def bursts_of_whole_words(dut: Any) -> None:
    bus = await start(dut)
    assert (bus.data_bytes, bus.address_bits, bus.max_beats) == (8, 13, 256)
    data = Random(1).randbytes(2048)
    answer, cycles = await timed(bus.write(0x800, data))
    assert answer == OKAY
    assert asked_for(dut) == (0x800, 256, 8)
    # The address, 256 beats without a gap, and the response; the first beat is offered beside the address.
    assert cycles == 1 + 256 + 1
    answer, cycles = await timed(bus.read(0x800, 2048))
    assert answer == Answer(Status.OKAY, data)
    assert cycles == 1 + 256


@cocotb.test()
async def narrow_beats(dut: Any) -> None:
    bus = await start(dut)
    await bus.write(0, bytes(range(0x10, 0x30)))
    for n in (1, 2, 4, 8):
        for address in range(0, 16, n):
            assert (await bus.read(address, n)).data == bytes(range(0x10 + address, 0x10 + address + n))
            assert asked_for(dut) == (address, 1, n)
            assert await bus.write(address, bytes([n] * n)) == OKAY
            assert asked_for(dut) == (address, 1, n)
            assert (await bus.read(0, 16)).data[address : address + n] == bytes([n] * n)
            await bus.write(0, bytes(range(0x10, 0x20)))


@cocotb.test()
async def any_address_and_length(dut: Any) -> None:
    """Guard bytes on both sides stay; bytes that are not enabled do, too."""
    bus = await start(dut, stall={'w': 20, 'r': 20, 'b': 20})
    random = Random(2)
    model = bytearray(random.randbytes(64))
    await bus.write(0x100, bytes(model))
    for _ in range(60):
        offset, n = random.randrange(8), random.randrange(1, 40)
        data, enables = random.randbytes(n), random.choice([None, random.getrandbits(n)])
        assert await bus.write(0x100 + offset, data, enables) == OKAY
        for i in range(n):
            if enables is None or enables >> i & 1:
                model[offset + i] = data[i]
        assert (await bus.read(0x100, 64)).data == model
        assert (await bus.read(0x100 + offset, n)).data == model[offset : offset + n]


@cocotb.test()
async def what_is_no_burst(dut: Any) -> None:
    bus = await start(dut)
    for address, n in ((0xFF8, 16), (0, 4096)):
        try:
            await bus.read(address, n)
        except ValueError as error:
            assert str(error) == f'{n} bytes at 0x{address:x} are no burst of bus s_axi'
        else:
            raise AssertionError('it was carried out')


@cocotb.test()
async def errors_of_single_beats(dut: Any) -> None:
    bus = await start(dut)
    assert await bus.read(0x17F0, 32) == Answer(Status.SLVERR, b'', 2)
    assert (await bus.write(0x17F0, bytes(32))).status is Status.SLVERR
    assert await bus.read(0x17F0, 16) == Answer(Status.OKAY, bytes(16))


@cocotb.test()
async def stuck_channels_are_named(dut: Any) -> None:
    bus = await start(dut, max_cycles=5)
    for call, words in (
        (lambda: bus.read(0x1F00, 8), 'ARREADY stayed low for 5 cycles (ARVALID=1 ARREADY=0 RVALID=0 RREADY=1)'),
        (
            lambda: bus.write(0x1F00, bytes(8)),
            'AWREADY and WREADY stayed low for 5 cycles (AWVALID=1 AWREADY=0 WVALID=1 WREADY=0 BVALID=0 BREADY=1)',
        ),
        (
            lambda: bus.write(0x1E00, bytes(24)),
            'WREADY stayed low for 5 cycles (AWVALID=0 AWREADY=0 WVALID=1 WREADY=0 BVALID=0 BREADY=1)',
        ),
    ):
        assert await words_of_timeout(call()) == words
        bus.enter_reset()
        await pulse_reset(dut)
        assert await bus.write(0, bytes(range(16))) == OKAY
        assert (await bus.read(0, 16)).data == bytes(range(16))


@cocotb.test()
async def the_budget_is_for_each_handshake(dut: Any) -> None:
    """A burst may take far longer than a handshake."""
    bus = await start(dut, max_cycles=40, stall={'w': 80, 'r': 80}, seed=3)
    data = Random(3).randbytes(512)
    answer, cycles = await timed(bus.write(0, data))
    assert answer == OKAY
    assert cycles > 100
    answer, cycles = await timed(bus.read(0, 512))
    assert answer.data == data
    assert cycles > 100


@cocotb.test()
async def offers_and_noise(dut: Any) -> None:
    """A payload stays until it is taken, WLAST comes with the last beat; all else that idles is noise."""
    bus = await start(dut, seed=5, stall={'w': 50})
    names = ('wvalid', 'wready', 'wdata', 'wstrb', 'wlast', 'awcache')
    watch = Watch(dut, *(f's_axi_{name}' for name in names))
    await bus.write(0x40, bytes(range(64)))
    lines = watch.stop()
    watch = Watch(dut, 's_axi_awvalid', 's_axi_awaddr')
    for _ in range(3):
        await bus.write(0x40, bytes(8))
    assert len({address for valid, address in watch.stop() if valid == '0'}) > 2
    for before, after in zip(lines, lines[1:]):
        if before[0] == '1' and before[1] == '0':
            assert after[:5] == ('1', after[1], *before[2:5])
    taken = [line for line in lines if line[:2] == ('1', '1')]
    assert [line[4] for line in taken] == ['0'] * 7 + ['1']
    assert b''.join(int(line[2], 2).to_bytes(8, 'little') for line in taken) == bytes(range(64))
    assert {line[3] for line in taken} == {'11111111'}
    assert any(line[0] == '0' for line in lines[2:-3])
    assert {line[5] for line in lines} == {'0000'}
