# SPDX-License-Identifier: Apache-2.0
"""The link to the bridge: framing and encoding of `proto/trapline/v1/model.proto` on a stream socket.

What the messages mean is the server's business. A message is preceded by its length in bytes, an unsigned 32-bit
little-endian number. Nothing that an edge brings forth leaves in the middle of it: replies are queued,
and go out with `flush`, when all that belongs to the edge has happened.
"""

from __future__ import annotations

import select
import socket
import struct
from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ._codec import CodecError, Value, decode
from ._limits import MAX_MESSAGE_BYTES
from ._messages import MODEL_REPLY, MODEL_REQUEST

_LENGTH_BYTES = 4
_ID = MODEL_REPLY.fields['id']
_ROOM = 1 << 17
_WHILE_US = 100_000
"""How long `receive(Wait.FOR_WHILE)` waits."""
_LOOK_MS = 1_000
"""How often `receive(Wait.FOR_EVER)` looks whether a stop was requested."""


class Wait(Enum):
    """How long `Link.receive` waits for bytes."""

    NOT = 0
    FOR_WHILE = 1
    FOR_EVER = 2


class Received(Enum):
    """What `Link.receive` brought."""

    BYTES = 0
    NOTHING = 1
    """None had come in time."""
    END = 2
    """The bridge has closed the link, or a stop was requested."""


class LinkError(Exception):
    """The bridge broke the rules of the link."""


class Link:
    """One connected stream socket, which is its own from now on."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('@ll', 0, _WHILE_US))
        self._socket = connection
        self._buffer = b''
        self._deferred: deque[Value] = deque()
        self._queued_first: list[bytes] = []
        self._queued: list[bytes] = []
        self._last_dma_id = 0
        self._is_sending = False
        self.has_ended = False
        self.stop_requested = False

    # ---- what comes

    def receive(self, wait: Wait) -> Received:
        """Puts what has come into the buffer: one system call, one more a second to wait for ever."""
        if self.has_ended or self.stop_requested:
            return Received.END
        try:
            if wait is Wait.FOR_EVER:
                poll = select.poll()
                poll.register(self._socket, select.POLLIN)
                # The handler of a signal that comes just before a wait runs after it.
                while not poll.poll(_LOOK_MS) and not self.stop_requested:
                    pass
            received = self._socket.recv(_ROOM, socket.MSG_DONTWAIT if wait is Wait.NOT else 0)
        except BlockingIOError:
            return Received.END if self.stop_requested else Received.NOTHING
        except OSError:  # the peer died with bytes of ours unread
            received = b''
        if not received or self.stop_requested:
            self.has_ended = self.has_ended or not self.stop_requested
            return Received.END
        self._buffer = self._buffer + received if self._buffer else received
        return Received.BYTES

    def take(self) -> Value | None:
        """The next whole request, those that were deferred first; None if there is none.

        Raises:
            LinkError: a message is too long, or no ModelRequest.
        """
        return self._deferred.popleft() if self._deferred else self._take_new()

    @property
    def has_deferred(self) -> bool:
        """Whether requests came while a DmaAnswer was waited for."""
        return bool(self._deferred)

    def _take_new(self) -> Value | None:
        buffer = self._buffer
        if len(buffer) < _LENGTH_BYTES:
            return None
        length = int.from_bytes(buffer[:_LENGTH_BYTES], 'little')
        if length > MAX_MESSAGE_BYTES:
            raise LinkError(f'the link carried a message of {length} bytes; {MAX_MESSAGE_BYTES} is the limit')
        end = _LENGTH_BYTES + length
        if len(buffer) < end:
            return None
        self._buffer = buffer[end:]
        try:
            return decode(MODEL_REQUEST, buffer[_LENGTH_BYTES:end])
        except CodecError as error:
            raise LinkError(f'the link carried a message that is not a ModelRequest: {error}') from None

    # ---- what goes

    def queue(self, request_id: int, body: str, value: Mapping[str, Any]) -> None:
        """Goes out with the next flush, behind what is queued already. `body` is a field of ModelReply."""
        self._queued.append(_frame(request_id, body, value))

    def queue_first(self, body: str, value: Mapping[str, Any]) -> None:
        """Before what is queued: an interrupt is known before the completion of its edge lets a host look at it."""
        self._queued_first.append(_frame(0, body, value))

    def flush(self) -> None:
        """Sends what is queued: one system call. After the end of the link it does nothing."""
        if self._queued_first:
            self._queued = self._queued_first + self._queued
            self._queued_first = []
        if self._queued:
            queued, self._queued = self._queued, []
            self._send(queued[0] if len(queued) == 1 else b''.join(queued))

    def _send(self, data: bytes) -> None:
        if self.has_ended:
            return
        self._is_sending = True
        try:
            self._socket.sendall(data)
        except OSError:
            self.has_ended = True
        finally:
            self._is_sending = False

    def ask_dma(self, address: int, size: int, to_write: bytes | None = None) -> bytes | None:
        """Reads, or writes, host memory that lies behind the bridge; simulated time stands still.

        Past what is queued, for the edge under way itself waits for it. Requests that come before the answer are
        deferred. Returns what was read (nothing, for a write), or None if the link has ended.

        Raises:
            LinkError: the answer has another number of bytes than were asked for.
        """
        self._last_dma_id += 1
        request = {'address': address, 'size': size, 'data': to_write or b''}
        self._send(_frame(self._last_dma_id, 'dma_request', request))
        while True:
            message = self._take_new()
            if message is None:
                if self.receive(Wait.FOR_EVER) is Received.END:
                    return None
            elif 'dma_answer' not in message or message['id'] != self._last_dma_id:
                self._deferred.append(message)
            else:
                return _checked_answer(message['dma_answer']['data'], 0 if to_write else size)

    # ---- the end

    def request_stop(self) -> None:
        """Ends every wait for the link, now and from now on. For a signal handler, which may come at any point."""
        self.stop_requested = True
        try:
            # A peer that doesn't read must not keep a stop waiting.
            self._socket.shutdown(socket.SHUT_RDWR if self._is_sending else socket.SHUT_RD)
        except OSError:
            pass  # it has ended already

    def leave(self) -> None:
        """Says that nothing follows, and waits until the bridge has heard it: it closes the link then.

        What it still asks is dropped. A process that just ended would break the bridge's writes, and with them its end
        of the link, last words unread.
        """
        self.flush()
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while not self.has_ended and not self.stop_requested and self.receive(Wait.FOR_WHILE) is not Received.END:
                self._buffer = b''
            # After a stop nothing more comes; what has come and was not read would be an error at the other end.
            while self._socket.recv(_ROOM, socket.MSG_DONTWAIT):
                pass
        except OSError:
            pass  # it has ended already
        self._socket.close()
        self.has_ended = True


def _frame(request_id: int, body: str, value: Mapping[str, Any]) -> bytes:
    field = MODEL_REPLY.fields[body]
    message = _ID.encode(request_id) + field.encode(value) if request_id else field.encode(value)
    return len(message).to_bytes(_LENGTH_BYTES, 'little') + message


def _checked_answer(data: bytes, size: int) -> bytes:
    if size and len(data) != size:
        raise LinkError(f'a DmaAnswer has {len(data)} bytes instead of {size}')
    return data
