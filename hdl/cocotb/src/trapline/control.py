# SPDX-License-Identifier: Apache-2.0
"""A client of a bridge's ControlService: registers, resets, simulated time and interrupts from Python.

Needs grpcio (`pip install 'trapline[control]'`) and no generated code::

    with ControlClient("unix:/run/bridge.sock") as bridge:
        bridge.write("gpio0", 0x10, 0x2A)
        bridge.advance(100)
        assert bridge.read("gpio0", 0x10) == 0x2A

Source of names, widths and limits: proto/trapline/v1/control.proto.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from . import _control_messages as messages
from ._codec import Message, decode, encode
from ._limits import MAX_SOCKET_PATH

#: For pytest: a failed call is shown where the test made it.
__tracebackhide__ = True

#: For a look whether a bridge is still there, seconds.
_LOOK_S = 2.0
_SERVICE = '/trapline.v1.ControlService/'
#: A connection is one bridge, and nothing is ever asked twice: an access has side effects.
_OPTIONS = [('grpc.enable_retries', 0), ('grpc.enable_http_proxy', 0), ('grpc.use_local_subchannel_pool', 1)]


class ControlError(Exception):
    """A call that the bridge did not carry out; the words are one sentence.

    :ivar status: name of the gRPC status, e.g. `NOT_FOUND` (unknown model or device), `INVALID_ARGUMENT` (a value out
        of range), `UNAVAILABLE` (the model or the bridge has ended), `UNAUTHENTICATED` (the token)
    """

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status


class BusError(ControlError):
    """An access that the bus did not answer with OKAY.

    :ivar completion: the answer; its status is SLVERR, DECERR or TIMEOUT
    """

    def __init__(self, message: str, completion: Completion) -> None:
        super().__init__(message, completion.status)
        self.completion = completion


@dataclass(frozen=True)
class Completion:
    """What the bus answered.

    :ivar status: OKAY, SLVERR, DECERR, TIMEOUT or DISCONNECTED
    :ivar cycle_start: clock cycle of the first VALID; the model counts from 0 at power-up
    :ivar cycle_end: clock cycle of the last handshake
    :ivar time_ps: simulated time of `cycle_end`, picoseconds
    :ivar beats: bus transfers that the access took; 0 if none was started
    :ivar detail: one sentence if status is not OKAY, else empty
    """

    status: str
    cycle_start: int
    cycle_end: int
    time_ps: int
    beats: int
    detail: str


@dataclass(frozen=True)
class Device:
    """A device of the configuration: `base` is its file offset (of /dev/mem its physical address), `size` its bytes,
    `width_bytes` the width of its registers."""

    name: str
    path: str
    base: int
    size: int
    width_bytes: int


@dataclass(frozen=True)
class ModelState:
    """A model: clock cycles and simulated picoseconds since power-up, the seed of its run, and the names of its
    interrupt outputs that are high."""

    name: str
    running: bool
    cycle: int
    time_ps: int
    seed: int
    interrupts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """All that a bridge has."""

    devices: tuple[Device, ...]
    models: tuple[ModelState, ...]


@dataclass(frozen=True)
class ModelStatistics:
    """Counters of a model since power-up; `errors` are accesses that were not answered with OKAY."""

    model: str
    cycle: int
    time_ps: int
    reads: int
    writes: int
    beats: int
    errors: int


@dataclass(frozen=True)
class Statistics:
    """Of all models that run, and how many host processes are attached."""

    models: tuple[ModelStatistics, ...]
    sessions: int


@dataclass(frozen=True)
class Tls:
    """Files for mutual TLS, PEM: our certificate, its key, and the CA that signed the bridge's certificate."""

    cert: str | Path
    key: str | Path
    ca: str | Path


class ControlClient:
    """One connection to a bridge. A context manager; `close` ends it.

    :param address: `unix:/PATH` or `HOST:PORT`, as `trapline serve` prints it
    :param token: what TRAPLINE_TOKEN was for the bridge, where it has one
    :param tls: for a bridge that was started with `--tls-cert` and its kin
    :param timeout_s: how long the connection may take, seconds; calls wait as long as the simulation needs
    :raises ControlError: if no bridge answers at that address
    """

    def __init__(
        self, address: str, *, token: str | None = None, tls: Tls | None = None, timeout_s: float = 10.0
    ) -> None:
        self.address = address
        self._metadata = (('authorization', f'Bearer {token}'),) if token else ()
        grpc = _grpc()
        self._channel = _open(address, tls)
        try:
            grpc.channel_ready_future(self._channel).result(timeout=timeout_s)
        except grpc.FutureTimeoutError:
            self._channel.close()
            hint = '; its log says whether it refused our certificate' if tls else ''
            message = f'no bridge answers at {address} within {timeout_s:g} s; start one with `trapline serve`{hint}'
            raise ControlError(message, 'UNAVAILABLE') from None

    def list(self) -> Listing:
        """Devices and models of the configuration; starts nothing."""
        reply = self._call('List', messages.LIST_REQUEST, {}, messages.LIST_REPLY)
        devices = tuple(_to_device(one) for one in reply['devices'])
        return Listing(devices, tuple(_to_state(one) for one in reply['models']))

    def start(self, model: str = '') -> ModelState:
        """Starts a model that does not run; "" stands for the only one."""
        return self._state('Start', messages.START_REQUEST, {'model': model})

    def reset(self, model: str = '', cycles: int = 0) -> ModelState:
        """Asserts reset for that many clock cycles, at most 1000000; 0 stands for as many as at power-up."""
        return self._state('Reset', messages.RESET_REQUEST, {'model': model, 'cycles': _whole('cycles', cycles, 32)})

    def advance(self, cycles: int, model: str = '') -> ModelState:
        """Lets 1 to 4294967295 clock cycles pass."""
        return self._advance(model, cycles, '')

    def wait_for_interrupt(self, line: str, model: str = '', cycles: int = 1_000_000) -> ModelState:
        """Lets time pass until that interrupt output is high; at once if it is.

        :param cycles: clock cycles after which it is given up, 1 to 4294967295
        :raises ControlError: status DEADLINE_EXCEEDED if it stayed low, INVALID_ARGUMENT if there is no such output
        """
        state = self._advance(model, cycles, line)
        if line in state.interrupts:
            return state
        message = f'model {state.name}: {line} stayed low for {cycles} cycles'
        raise ControlError(message, 'DEADLINE_EXCEEDED')

    def read(self, device: str, offset: int, width_bytes: int = 4) -> int:
        """The value of a register; see `read_raw`.

        :raises BusError: if the answer is not OKAY
        """
        value, completion = self.read_raw(device, offset, width_bytes)
        _check(completion, f'read of {width_bytes} bytes at {device}+0x{offset:x}')
        return value

    def write(self, device: str, offset: int, value: int, width_bytes: int = 4) -> Completion:
        """Writes a register; see `write_raw`.

        :raises BusError: if the answer is not OKAY
        """
        completion = self.write_raw(device, offset, value, width_bytes)
        _check(completion, f'write of {width_bytes} bytes at {device}+0x{offset:x}')
        return completion

    def read_raw(self, device: str, offset: int, width_bytes: int = 4) -> tuple[int, Completion]:
        """One access, whatever the bus answers.

        :param device: name in the configuration; "" stands for the only one
        :param offset: bytes from the start of the device
        :param width_bytes: 1, 2, 4 or 8
        :returns: the value, 0 unless OKAY, and the answer
        """
        request = {'device': device, 'offset': _whole('offset', offset, 64), 'width_bytes': width_bytes}
        reply = self._call('Read', messages.READ_REQUEST, request, messages.READ_REPLY)
        return reply['value'], _to_completion(reply['completion'])

    def write_raw(self, device: str, offset: int, value: int, width_bytes: int = 4) -> Completion:
        """One access, whatever the bus answers; `value` must fit in `width_bytes`. Else as `read_raw`."""
        numbers = {'offset': _whole('offset', offset, 64), 'value': _whole('value', value, 64)}
        request = {'device': device, 'width_bytes': width_bytes, **numbers}
        reply = self._call('Write', messages.WRITE_REQUEST, request, messages.WRITE_REPLY)
        return _to_completion(reply['completion'])

    def trace(self, on: bool, model: str = '') -> ModelState:
        """Writes the waveform from now on, or no longer.

        :raises ControlError: if the model was built without tracing (`trapline serve --trace`)
        """
        return self._state('Trace', messages.TRACE_REQUEST, {'model': model, 'on': on})

    def statistics(self) -> Statistics:
        """Counters of all models that run."""
        reply = self._call('GetStatistics', messages.STATISTICS_REQUEST, {}, messages.STATISTICS_REPLY)
        return Statistics(tuple(ModelStatistics(**one) for one in reply['models']), reply['sessions'])

    def stop(self) -> None:
        """Ends the bridge in order, with all its models."""
        try:
            self._call('Stop', messages.STOP_REQUEST, {}, messages.STOP_REPLY)
        except ControlError as error:
            # Its end can be faster than its answer.
            if error.status != 'UNAVAILABLE':
                raise

    def close(self) -> None:
        """Ends the connection; the bridge goes on."""
        self._channel.close()

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _advance(self, model: str, cycles: int, line: str) -> ModelState:
        request = {'model': model, 'cycles': _whole('cycles', cycles, 64), 'until_interrupt': line}
        return self._state('Advance', messages.ADVANCE_REQUEST, request)

    def _state(self, method: str, kind: Message, request: dict[str, Any]) -> ModelState:
        return _to_state(self._call(method, kind, request, messages.MODEL_STATE))

    def _call(self, method: str, kind: Message, request: dict[str, Any], answer: Message) -> dict[str, Any]:
        grpc = _grpc()
        call = self._channel.unary_unary(_SERVICE + method, request_serializer=None, response_deserializer=None)
        try:
            reply: bytes = call(encode(kind, request), metadata=self._metadata)
        except grpc.RpcError as error:
            words = error.details() or str(error.code())
            is_gone = error.code() == grpc.StatusCode.UNAVAILABLE and not _listens(self.address)
            message = f'the bridge at {self.address} has ended ({words})' if is_gone else words
            raise ControlError(message, error.code().name) from None
        return decode(answer, reply)


def _grpc() -> Any:
    """Loaded by those who call: what this file is imported for may be its errors alone."""
    try:
        import grpc
    except ImportError as error:
        message = "trapline.control needs grpcio; run: pip install 'trapline[control]'"
        raise ControlError(message, 'CANCELLED') from error
    return grpc


def _open(address: str, tls: Tls | None) -> Any:
    grpc = _grpc()
    if not address.startswith('unix:/') and ':' not in address:
        raise ControlError(f'address {address}: write it as unix:/PATH or HOST:PORT', 'INVALID_ARGUMENT')
    if address.startswith('unix:') and len(os.fsencode(address)) - len('unix:') > MAX_SOCKET_PATH:
        raise ControlError(
            f'address {address}: a path of a socket has at most {MAX_SOCKET_PATH} bytes; choose a shorter one',
            'INVALID_ARGUMENT',
        )
    if tls is None:
        return grpc.insecure_channel(address, options=_OPTIONS)
    files = [_read('ca', tls.ca), _read('key', tls.key), _read('cert', tls.cert)]
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*files), options=_OPTIONS)


def _listens(address: str) -> bool:
    """Whether anybody takes a connection there."""
    try:
        if address.startswith('unix:'):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(address[len('unix:') :])
        else:
            host, _, port = address.rpartition(':')
            socket.create_connection((host.strip('[]'), int(port)), timeout=_LOOK_S).close()
    except OSError:
        return False
    return True


def _read(what: str, file: str | Path) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ControlError(f"tls {what} {file} can't be read ({error.strerror})", 'INVALID_ARGUMENT') from error


def _whole(what: str, number: int, bits: int) -> int:
    if 0 <= number < 1 << bits:
        return number
    raise ControlError(f'{what} is {number}; it must be a whole number from 0 to 2^{bits} - 1', 'INVALID_ARGUMENT')


def _check(completion: Completion, what: str) -> None:
    if completion.status == 'OKAY':
        return
    words = f'{what} was answered with {completion.status}'
    is_plain = completion.status in ('SLVERR', 'DECERR')
    raise BusError(words if is_plain else f'{words}: {completion.detail}', completion)


def _to_completion(message: dict[str, Any]) -> Completion:
    numbers = {name: message[name] for name in ('cycle_start', 'cycle_end', 'time_ps', 'beats')}
    return Completion(status=messages.STATUSES[message['status']], detail=message['detail'], **numbers)


def _to_state(message: dict[str, Any]) -> ModelState:
    numbers = {name: message[name] for name in ('name', 'running', 'cycle', 'time_ps', 'seed')}
    return ModelState(**numbers, interrupts=tuple(message['interrupts']))


def _to_device(message: dict[str, Any]) -> Device:
    return Device(**{name: message[name] for name in ('name', 'path', 'base', 'size', 'width_bytes')})
