/**
 * The registers of devices as types of Python, for `bench.reg('uart0').LCR.read()` under mypy or pyright. One text is a
 * module (`.py`) and a stub (`.pyi`): it has protocols alone, and a `Bench` whose `reg` knows its devices.
 */
import { isFor, valuesOf, type Register, type RegisterField } from './register.js'
import type { RegisterMap } from './register-map.js'
import { toRegisterTree, type RegisterNode } from './register-tree.js'

export function toPythonTypes(devices: [string, RegisterMap][], source: string): string {
  const writer = new ClassWriter()
  const roots = devices.map(
    ([name, { registers }]) => [name, writer.writeNode(toRegisterTree(registers), name)] as const,
  )
  return `"""Made by \`trapline registers --types\` of ${source}: the registers of its devices.

A test knows them where its fixture has this type: \`def test_it(trapline_bench: Bench)\`.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, Sequence, Tuple, TypedDict, Union, overload

import trapline.pytest_plugin

${writer.text}
class _Reg(Protocol):
${roots.map(([name, type]) => toCall(name, type, roots.length > 1)).join('\n')}

${benchType}`
}

const benchType =
  'class Bench(trapline.pytest_plugin.Bench):\n' +
  '    @property\n    def reg(self) -> _Reg:\n        raise NotImplementedError\n'

function toCall(device: string, type: string, isOverloaded: boolean): string {
  const decorator = isOverloaded ? '    @overload\n' : ''
  return `${decorator}    def __call__(self, device: Literal[${toLiteral(device)}], /) -> ${type}: ...\n`
}

/** Longer arrays are sequences: so many types in a line help nobody. */
const longestTuple = 16

/** Names of types are those of registers; where these are alike after all, with a number. */
class ClassWriter {
  readonly #taken = new Set(['_Reg'])
  text = ''

  /** Writes what the node needs, and returns its type. */
  writeNode({ register, children, elements }: RegisterNode, path: string): string {
    const [first] = elements
    if (first) {
      const type = this.writeNode(first, path)
      return elements.length > longestTuple ? `Sequence[${type}]` : `Tuple[${elements.map(() => type).join(', ')}]`
    }
    const members = [...children].map(([name, child]) => [name, this.writeNode(child, `${path}.${name}`)] as const)
    const body = [
      ...(register ? this.#toMethods(register, path) : []),
      ...members.filter(([name]) => isAttribute(name)).map(([name, type]) => toProperty(name, type)),
      ...(members.length > 0 ? ['    def __getitem__(self, path: str, /) -> Any: ...\n'] : []),
    ]
    return this.#writeClass(path, register?.description, body)
  }

  #toMethods(register: Register, path: string): string[] {
    return [
      ...(isFor('read', register.access) ? this.#toReads(register, path) : []),
      ...(isFor('write', register.access) ? toWrites(register) : []),
      ...(register.access === 'none' ? ['    pass\n'] : []),
    ]
  }

  #toReads(register: Register, path: string): string[] {
    const name = this.#claim(`${path}_fields`)
    const fields = register.fields.filter((field) => isFor('read', field.access))
    const members = fields.map((field) => `    ${toLiteral(field.name)}: ${toFieldType(field, 'read')},\n`)
    const inner = members.length > 0 ? `{\n${members.join('')}}` : '{}'
    this.text += `${name} = TypedDict(${toLiteral(name)}, ${inner})\n\n`
    return ['    def read(self) -> int: ...\n', `    def read_fields(self) -> ${name}: ...\n`]
  }

  #writeClass(path: string, description: string | undefined, body: string[]): string {
    const name = this.#claim(path)
    const words = description === undefined ? '' : `    """${toDocumentation(description)}"""\n\n`
    this.text += `class ${name}(Protocol):\n${words}${body.join('\n')}\n\n`
    return name
  }

  #claim(path: string): string {
    const plain = `_${path.replace(/\W+/g, '_')}`
    let name = plain
    for (let i = 2; this.#taken.has(name); i++) name = `${plain}_${i}`
    this.#taken.add(name)
    return name
  }
}

function toProperty(name: string, type: string): string {
  return `    @property\n    def ${name}(self) -> ${type}: ...\n`
}

function toWrites({ access, fields }: Register): string[] {
  const written = fields.filter((field) => isFor('write', field.access))
  const named = written.filter(({ name }) => isAttribute(name))
  const words = named.map((field) => `${field.name}: ${toFieldType(field, 'write')} = ...`)
  // A name that Python can't spell comes as **{'in': 1}.
  const others = named.length < written.length ? ['**others: Union[int, str]'] : []
  const all = [...(words.length > 0 ? ['*', ...words] : []), ...others]
  const parameters = all.length > 0 ? `, ${all.join(', ')}` : ''
  const byNumber = '    def write(self, value: int, /) -> None: ...\n'
  if (all.length === 0) return [byNumber]
  const overload = '    @overload\n'
  const ways = [overload + byNumber, `${overload}    def write(self${parameters}) -> None: ...\n`]
  return access === 'rw' ? [...ways, `    def modify(self${parameters}) -> None: ...\n`] : ways
}

function toFieldType(field: RegisterField, operation: 'read' | 'write'): string {
  const names = [...new Set(valuesOf(field, operation).values())]
  return names.length > 0 ? `Union[int, Literal[${names.map(toLiteral).join(', ')}]]` : 'int'
}

const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield self'
  ).split(' '),
)

/** Whether Python can say it behind a dot, and as the name of an argument. */
function isAttribute(name: string): boolean {
  return /^(?!__)[A-Za-z_]\w*$/.test(name) && !keywords.has(name)
}

function toLiteral(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', ' ')}'`
}

function toDocumentation(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', "'").replaceAll('\n', ' ')
}
