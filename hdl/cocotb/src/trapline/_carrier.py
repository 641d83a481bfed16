# SPDX-License-Identifier: Apache-2.0
"""Carries one access over its bus: asks the port's manager for one burst after the other, and answers."""

from __future__ import annotations

from ._bursts import Burst, piece_of, split_into_bursts, with_enables_only
from ._faults import Fault, ModelFault
from ._job import Job
from ._mailbox import Mailbox, Port
from .managers._bus import unknown_in_words
from .managers.manager import Answer, HandshakeTimeout, ProtocolBreach, Status


async def carry_out(mailbox: Mailbox, job: Job) -> None:
    """The life of an access that was taken from the queue; in the end it has been answered.

    Nothing of it starts after a beat that was not OKAY. Whoever cancels this has answered the access before.

    Raises:
        ModelFault: the device broke the protocol of its bus.
    """
    port = mailbox.ports[job.device.port]
    if not mailbox.start(port, job):
        return
    try:
        if job.byte_enables == 0 and job.address % port.manager.data_bytes + job.width <= port.manager.data_bytes:
            await _carry_within_a_word(mailbox, port, job)
        else:
            await _carry_in_bursts(mailbox, port, job)
    except HandshakeTimeout as timeout:
        mailbox.time_out(port, timeout.words)
    except ProtocolBreach as breach:
        raise ModelFault(Fault('protocol', f'port {port.name}: {breach.words}')) from breach


async def _carry_within_a_word(mailbox: Mailbox, port: Port, job: Job) -> None:
    """What most accesses are: one beat, all of whose bytes are wanted."""
    job.beats = job.bursts = 1
    mailbox.statistics.beats += 1
    if job.is_write:
        answer = await port.manager.write(job.address, job.data)
    else:
        answer = _judged(await port.manager.read(job.address, job.width), job.address, None, port.manager.data_bytes)
    if answer.status is Status.OKAY:
        mailbox.finish(port, Status.OKAY, '', answer.data)
    else:
        _finish_badly(mailbox, port, job, answer, _bursts_of(port, job))


def _bursts_of(port: Port, job: Job) -> list[Burst]:
    manager = port.manager
    return split_into_bursts(job.address, job.width, job.enables, manager.data_bytes, manager.max_beats)


async def _carry_in_bursts(mailbox: Mailbox, port: Port, job: Job) -> None:
    bursts = _bursts_of(port, job)
    read = bytearray(0 if job.is_write else job.width)
    for burst in bursts:
        job.bursts += 1
        job.beats += burst.beats
        mailbox.statistics.beats += burst.beats
        answer = await _carry_burst(port, job, burst, read)
        if answer.status is not Status.OKAY:
            return _finish_badly(mailbox, port, job, answer, bursts)
    return mailbox.finish(port, Status.OKAY, '', bytes(read))


async def _carry_burst(port: Port, job: Job, burst: Burst, read: bytearray) -> Answer:
    """Puts what was read in its place; bytes that are not enabled stay 0."""
    manager = port.manager
    piece = piece_of(burst, job.address, job.width, job.enables, trims=manager.max_beats == 1)
    address = job.address + piece.begin
    if job.is_write:
        return await manager.write(address, job.data[piece.begin : piece.end], piece.enables)
    answer = await manager.read(address, piece.end - piece.begin)
    answer = _judged(answer, address, piece.enables, manager.data_bytes)
    if answer.status is Status.OKAY:
        data = answer.data if piece.enables is None else with_enables_only(answer.data, piece.enables)
        read[piece.begin : piece.end] = data
    return answer


def _judged(answer: Answer, address: int, enables: int | None, word_bytes: int) -> Answer:
    """An answer with bits that are neither 0 nor 1: only those of enabled bytes count. Then ``unknown`` are those of
    the first word that has some, as they lie in the word."""
    unknown = answer.unknown
    if enables is not None and unknown:
        wanted = with_enables_only(b'\xff' * len(answer.data), enables)
        unknown &= int.from_bytes(wanted, 'little')
    if unknown == answer.unknown == 0:
        return answer
    if not unknown:
        return Answer(Status.OKAY, answer.data)
    word_bits = 8 * word_bytes
    unknown <<= 8 * (address % word_bytes)
    beat = ((unknown & -unknown).bit_length() - 1) // word_bits
    return Answer(answer.status, b'', beat, unknown >> beat * word_bits & ((1 << word_bits) - 1))


def _finish_badly(mailbox: Mailbox, port: Port, job: Job, answer: Answer, bursts: list[Burst]) -> None:
    words = job.bus_error(answer.status, bursts, answer.bad_beat)
    if answer.unknown:
        words += f'; port {port.name}: read data is X in {unknown_in_words(answer.unknown)}'
    mailbox.finish(port, answer.status, words)
