# SPDX-License-Identifier: Apache-2.0
"""What a SystemRDL file says of registers, in Trapline's own format (bridge/registers/description.ts), on stdout.

`python -m trapline._registers FILE`: needs the systemrdl-compiler, and no cocotb. What is wrong with the file is
printed as `{"error": …, "at": "file:line"}`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from systemrdl import RDLCompileError, RDLCompiler, component, node
from systemrdl.messages import MessagePrinter, Severity

Json = dict[str, Any]

ACCESS = {'rw': 'rw', 'rw1': 'rw', 'r': 'r', 'w': 'w', 'w1': 'w', 'na': 'none'}
ON_READ = {'rclr': 'clear', 'rset': 'set', 'ruser': 'other'}
ON_WRITE = {
    'woset': 'oneToSet',
    'woclr': 'oneToClear',
    'wot': 'oneToToggle',
    'wzs': 'zeroToSet',
    'wzc': 'zeroToClear',
    'wzt': 'zeroToToggle',
    'wclr': 'clear',
    'wset': 'set',
    'wuser': 'other',
}


class Unreadable(Exception):
    """A sentence about what Trapline can't make of a description, and where it stands."""

    def __init__(self, words: str, at: Any) -> None:
        super().__init__(words)
        self.at = place_of(at)


class Complaints(MessagePrinter):
    """Keeps what the compiler says of errors instead of printing it."""

    def __init__(self) -> None:
        self.first: Json | None = None

    def print_message(self, severity: Severity, text: str, src_ref: Any) -> None:
        if severity >= Severity.ERROR and (self.first is None or 'at' not in self.first):
            at = place_of(src_ref)
            self.first = {'error': text, **({'at': at} if at else {})}


def place_of(source: Any) -> str | None:
    """`file:line`, or the file alone where the compiler knows no line."""
    path, line = getattr(source, 'path', None), getattr(source, 'line', None)
    if path is None:
        return None
    near = os.path.relpath(path)
    shown = path if near.startswith('..') else near
    return shown if line is None else f'{shown}:{line}'


def describe(file: str, complaints: Complaints) -> Json:
    compiler = RDLCompiler(message_printer=complaints)
    info = compiler.compile_file(file)
    tops = top_names(compiler.root)
    if not tops:
        raise Unreadable('it has no addrmap, and registers are those of one', None)
    blocks = [block_of(compiler.elaborate(top).top) for top in tops]
    return {'format': 'trapline-registers-1', 'blocks': blocks, 'files': [file, *info.included_files]}


def top_names(root: Any) -> list[str]:
    """The address maps that are a part of no other."""
    maps = {name: one for name, one in root.comp_defs.items() if isinstance(one, component.Addrmap)}
    used = {child.type_name for one in root.comp_defs.values() for child in descendants(one)}
    return [name for name in maps if name not in used]


def descendants(one: Any) -> Iterator[Any]:
    for child in one.children:
        yield child
        yield from descendants(child)


def block_of(top: node.AddrmapNode) -> Json:
    return {**about(top), 'name': top.inst_name, **content_of(top)}


def content_of(parent: Any) -> Json:
    registers: list[Json] = []
    groups: list[Json] = []
    memories: list[Json] = []
    for child in parent.children(unroll=False):
        if isinstance(child, node.RegNode):
            registers.append(register_of(child))
        elif isinstance(child, (node.RegfileNode, node.AddrmapNode)):
            groups.append({**addressed(child), **content_of(child)})
        elif isinstance(child, node.MemNode):
            memories.extend(memories_of(child))
    return {'registers': registers, 'groups': groups, 'memories': memories}


def memories_of(memory: node.MemNode) -> Iterator[Json]:
    """An array of them is one after the other, of which each has a name."""
    count = memory.n_elements if memory.is_array else 1
    for index in range(count):
        name = f'{memory.inst_name}_{index}' if memory.is_array else memory.inst_name
        offset = memory.raw_address_offset + index * (memory.array_stride or 0)
        yield {**about(memory), 'name': name, 'offset': offset, 'size': memory.size}


def register_of(register: node.RegNode) -> Json:
    return {
        **addressed(register),
        'width': register.get_property('regwidth'),
        'accessWidth': register.get_property('accesswidth'),
        'fields': [field_of(one) for one in register.fields()],
    }


def field_of(field: node.FieldNode) -> Json:
    if field.msb < field.lsb:
        raise Unreadable(f'{field.inst_name} counts bits from the most significant one (msb0)', field.inst.inst_src_ref)
    on_read, on_write = field.get_property('onread'), field.get_property('onwrite')
    reset, encode = field.get_property('reset'), field.get_property('encode')
    return {
        **about(field),
        'bits': f'{field.high}:{field.low}',
        'access': ACCESS[field.get_property('sw').name],
        **({'onRead': ON_READ[on_read.name]} if on_read else {}),
        **({'onWrite': ON_WRITE[on_write.name]} if on_write else {}),
        **({'volatile': True} if is_volatile(field) else {}),
        # It may follow from a signal.
        **({'reset': hex(reset)} if isinstance(reset, int) else {}),
        **({'values': {name: hex(one.value) for name, one in encode.members.items()}} if encode else {}),
    }


def is_volatile(field: node.FieldNode) -> bool:
    """Whether the device itself writes it. `hw` is `rw` where nobody says it, which tells nothing of what software
    may write."""
    is_said = 'hw' in field.inst.properties or not field.is_sw_writable
    effects = ('counter', 'hwset', 'hwclr', 'singlepulse', 'intr')
    return (field.is_hw_writable and is_said) or any(bool(field.get_property(one)) for one in effects)


def addressed(part: node.RegNode | node.RegfileNode | node.AddrmapNode) -> Json:
    array = {'count': part.array_dimensions, 'stride': hex(part.array_stride or 0)} if part.is_array else {}
    return {**about(part), 'offset': hex(part.raw_address_offset), **array}


def about(part: Any) -> Json:
    description = part.get_property('desc')
    at = place_of(part.inst.inst_src_ref or part.inst.def_src_ref)
    return {
        'name': part.inst_name,
        **({'description': ' '.join(description.split())} if description else {}),
        **({'at': at} if at else {}),
    }


def main(file: str) -> int:
    complaints = Complaints()
    try:
        found = describe(file, complaints)
    except RDLCompileError:
        found = complaints.first or {'error': 'the compiler does not say what is wrong'}
    except Unreadable as problem:
        found = {'error': str(problem), **({'at': problem.at} if problem.at else {})}
    json.dump(found, sys.stdout)
    return 1 if 'error' in found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
