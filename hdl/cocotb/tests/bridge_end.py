# SPDX-License-Identifier: Apache-2.0
"""The bridge's end of the model link, for tests: asks, and keeps what comes unasked."""

from __future__ import annotations

import socket
import struct
from typing import Any

from trapline._codec import Value, decode, encode
from trapline._messages import MODEL_REPLY, MODEL_REQUEST, Operation

PATIENCE_S = 60.0
"""A test that waits longer hangs; no test depends on how long something takes."""


class BridgeEnd:
    """One connected link."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_S)
        self.socket = connection
        self.unasked: list[Value] = []
        """Interrupts, progress, faults, in the order in which they came."""
        self._buffer = b''
        self._last_id = 0
        self._answers: dict[int, Value] = {}
        self.history: list[Value] = []
        """All that came."""

    def send(self, body: str, value: dict[str, Any] | None = None, *, request_id: int | None = None) -> int:
        """Asks without waiting; gives the request's id."""
        if request_id is None:
            self._last_id += 1
            request_id = self._last_id
        message = encode(MODEL_REQUEST, {'id': request_id, body: value or {}})
        self.socket.sendall(struct.pack('<I', len(message)) + message)
        return request_id

    def receive(self) -> Value | None:
        """The next message; None at the end of the link."""
        while True:
            if len(self._buffer) >= 4:
                end = 4 + struct.unpack('<I', self._buffer[:4])[0]
                if len(self._buffer) >= end:
                    message = decode(MODEL_REPLY, self._buffer[4:end])
                    self._buffer = self._buffer[end:]
                    if 'progress' not in message:  # comes by the wall clock, between any two others
                        self.history.append(message)
                    return message
            received = self.socket.recv(65536)
            if not received:
                return None
            self._buffer += received

    def answer_to(self, request_id: int) -> Value:
        """Waits for the answer to a request: its body with `kind` for its name."""
        while request_id not in self._answers:
            message = self.receive()
            assert message is not None, f'the link ended; unasked: {self.unasked}'
            kind = next(reversed(message))
            body = {'kind': kind, **message[kind]} if kind != 'fault' else {**message[kind], 'what': kind}
            if message['id']:
                self._answers[message['id']] = body
            elif kind != 'progress':
                self.unasked.append(body)
        return self._answers.pop(request_id)

    def ask(self, body: str, value: dict[str, Any] | None = None) -> Value:
        return self.answer_to(self.send(body, value))

    def rest(self) -> list[Value]:
        """Everything that comes until the link ends."""
        while (message := self.receive()) is not None:
            kind = next(reversed(message))
            if kind != 'progress':
                self.unasked.append({'what': kind, **message[kind]})
        return self.unasked

    # ---- accesses

    def open_session(self, session: int = 1, **devices: dict[str, Any]) -> Value:
        """Devices by name: port, address, size; their handles count from 1."""
        described = [
            {'handle': i, 'name': name, 'size': 0x1000, **device} for i, (name, device) in enumerate(devices.items(), 1)
        ]
        return self.ask('open_session', {'session': session, 'pid': 42, 'devices': described})

    def send_access(self, operation: Operation, offset: int, width: int, **fields: Any) -> int:
        session = fields.pop('session', 1)
        access = {'seq': 1, 'device': 1, 'offset': offset, 'operation': operation, 'width_bytes': width, **fields}
        return self.send('access', {'session': session, 'access': access})

    def read(self, offset: int, width: int = 4, **fields: Any) -> Value:
        return self.answer_to(self.send_access(Operation.READ, offset, width, **fields))

    def write(self, offset: int, data: bytes, **fields: Any) -> Value:
        return self.answer_to(self.send_access(Operation.WRITE, offset, len(data), data=data, **fields))
