# SPDX-License-Identifier: Apache-2.0
"""What the model says: puts the messages of ModelReply together, with the time at which they are said."""

from __future__ import annotations

from ._codec import Value
from ._dma import DmaFault
from ._faults import Fault
from ._interrupts import InterruptEdge
from ._job import cut
from ._limits import MAX_BYTES, MAX_COUNT, PROTOCOL_VERSION
from ._link import Link
from ._mailbox import Mailbox, Statistics
from ._time import Timeline


class Replies:
    """Queues on the link, but for what is said to be sent at once."""

    def __init__(self, link: Link, timeline: Timeline) -> None:
        self._link = link
        self._timeline = timeline

    def hello(self, simulator: str, ports: list[str], interrupts: list[str], pid: int, period_ps: int) -> None:
        """At once."""
        hello = {
            'protocol_version': PROTOCOL_VERSION,
            'verilator_version': cut(simulator, MAX_BYTES['Hello.verilator_version']),
            'ports': ports,
            'interrupts': interrupts,
            'pid': pid,
            'period_ps': period_ps,
            'takes_strings': True,
        }
        self._link.queue(0, 'hello', hello)
        self._link.flush()

    def completion(self, request_id: int, completion: Value) -> None:
        self._link.queue(request_id, 'completion', completion)

    def done(self, request_id: int) -> None:
        self._link.queue(request_id, 'done', self._stamp())

    def done_unless(self, request_id: int, refusal: str) -> None:
        if refusal:
            self.refuse(request_id, refusal)
        else:
            self.done(request_id)

    def refuse(self, request_id: int, why: str) -> None:
        self._link.queue(request_id, 'refusal', {'message': cut(why, MAX_BYTES['Refusal.message'])})

    def statistics(self, request_id: int, counted: Statistics, dma_waits: list[str]) -> None:
        counts = {name: getattr(counted, name) for name in ('reads', 'writes', 'beats', 'errors')}
        waits = _cut_waits(dma_waits, 'ModelStatistics.dma_waits')
        self._link.queue(request_id, 'statistics', {**self._stamp(), **counts, 'dma_waits': waits})

    def progress(self, mailbox: Mailbox, dma_waits: list[str]) -> None:
        """At once."""
        pending = cut(mailbox.pending, MAX_BYTES['Progress.pending'])
        progress = {**self._stamp(), 'accesses': mailbox.statistics.accesses, 'pending': pending}
        progress['dma_waits'] = _cut_waits(dma_waits, 'Progress.dma_waits')
        self._link.queue(0, 'progress', progress)
        self._link.flush()

    def interrupt(self, edge: InterruptEdge) -> None:
        """Before all that is queued."""
        self._link.queue_first('interrupt', edge._asdict())

    def dma_fault(self, fault: DmaFault) -> None:
        self._link.queue(0, 'dma_fault', fault._asdict())

    def fault(self, fault: Fault) -> None:
        self._link.queue(0, 'fault', {**fault.as_message, **self._stamp()})

    def _stamp(self) -> Value:
        cycle, time_ps = self._timeline.now()
        return {'cycle': cycle, 'time_ps': time_ps}


def _cut_waits(waits: list[str], field: str) -> list[str]:
    return [cut(phrase, MAX_BYTES[field]) for phrase in waits[: MAX_COUNT[field]]]
