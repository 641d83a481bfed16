# SPDX-License-Identifier: Apache-2.0
"""Seeds of tests: each follows from the master seed and the test's own name, as `trapline/vitest` derives them."""

from __future__ import annotations

import hashlib
import random
import shlex
from collections.abc import Mapping

VARIABLE = 'TRAPLINE_MASTER_SEED'
#: The simulators' random generators take 31 bits.
LARGEST = 0x7FFF_FFFF


def master_seed(environment: Mapping[str, str]) -> int | None:
    """The master seed that the environment names, if it does; 0 to 2^31 - 1.

    :raises ValueError: if it is none
    """
    given = environment.get(VARIABLE)
    if not given:
        return None
    if given.isascii() and given.isdigit() and int(given) <= LARGEST:
        return int(given)
    raise ValueError(f'{VARIABLE} is {given}; it must be a whole number from 0 to {LARGEST}')


def choose_master_seed() -> int:
    """At random, never 0."""
    return random.SystemRandom().randint(1, LARGEST)


def seed_of(master: int, test: str) -> int:
    """1 to 2^31 - 1: the same alone and in a full regression, whatever the order and the number of workers."""
    digest = hashlib.sha256(f'{master}\n{test}'.encode()).digest()
    return 1 + int.from_bytes(digest[:4], 'little') % (LARGEST - 1)


def repeat_command(master: int, node_id: str) -> str:
    """One command that runs this test again, and nothing else."""
    return f'{VARIABLE}={master} python -m pytest {shlex.quote(node_id)}'
