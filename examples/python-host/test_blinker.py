# SPDX-License-Identifier: Apache-2.0
"""A plain pytest suite that drives the registers of a blinker through /dev/mem, as it runs on the board. It knows
nothing of Trapline: `npx trapline run -- pytest`."""

import mmap
import os

import pytest

BASE, SIZE = 0x43C00000, 0x100
PERIOD, BLINKS, ID = range(3)


@pytest.fixture
def registers():
    """32-bit registers by their index: each `[i]` is one access."""
    device = os.open('/dev/mem', os.O_RDWR | os.O_SYNC)
    with mmap.mmap(device, SIZE, offset=BASE) as mapped, memoryview(mapped).cast('I') as words:
        os.close(device)
        yield words


def test_is_the_blinker(registers):
    assert registers[ID] == 0xB11C0001


@pytest.mark.parametrize('period', [1, 3, 0xFFFFFFFF])
def test_a_period_can_be_read_back(registers, period):
    registers[PERIOD] = period
    assert registers[PERIOD] == period


def test_blinks_while_it_is_polled(registers):
    registers[PERIOD] = 3
    polls = 0
    while registers[BLINKS] < 2:
        polls += 1
        assert polls < 100, 'it does not blink'
