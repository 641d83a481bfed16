/** The registers of devices as types, for `bench.reg('uart0').LCR.read()`; they build on `vitest/register-types.ts`. */
import { isFor, valuesOf, type Register } from './register.js'
import type { RegisterMap } from './register-map.js'
import { toRegisterTree, type RegisterNode } from './register-tree.js'

export function toTypes(devices: [string, RegisterMap][], source: string): string {
  const members = devices.map(([name, map]) => `    ${quote(name)}: ${toType(toRegisterTree(map.registers), '    ')}\n`)
  return `// Made by \`trapline registers --types\` of ${source}: the registers of its devices, for bench.reg().
import type { FieldOf, ReadableRegister, RegisterArray, WritableRegister } from 'trapline/vitest'

declare module 'trapline/vitest' {
  interface DeviceRegisters {
${members.join('')}  }
}
`
}

function toType({ register, children, elements }: RegisterNode, indent: string): string {
  const inner = `${indent}  `
  const parts = [
    ...(register ? [toRegisterType(register, indent)] : []),
    ...(children.size > 0 ? [`{\n${[...children].map((child) => toMember(child, inner)).join('')}${indent}}`] : []),
    ...(elements[0] ? [`RegisterArray<${toType(elements[0], indent)}, ${elements.length}>`] : []),
  ]
  return parts.length > 0 ? parts.join(' & ') : '{}'
}

function toMember([name, node]: [string, RegisterNode], indent: string): string {
  const { description } = node.register ?? node.elements[0]?.register ?? {}
  const comment = description === undefined ? '' : `${indent}/** ${description.replaceAll('*/', '*\\/')} */\n`
  return `${comment}${indent}readonly ${quote(name)}: ${toType(node, indent)}\n`
}

/** What can be done with it. */
function toRegisterType(register: Register, indent: string): string {
  const parts = (['read', 'write'] as const)
    .filter((operation) => isFor(operation, register.access))
    .map((operation) => {
      const fields = register.fields.filter((field) => isFor(operation, field.access))
      const members = fields.map((field) => {
        const names = [...new Set(valuesOf(field, operation).values())]
        const type = names.length > 0 ? `FieldOf<${names.map(toLiteral).join(' | ')}>` : 'FieldOf'
        return `${indent}  ${quote(field.name)}: ${type}\n`
      })
      const type = operation === 'read' ? 'ReadableRegister' : 'WritableRegister'
      return fields.length > 0 ? `${type}<{\n${members.join('')}${indent}}>` : `${type}<Record<never, never>>`
    })
  return parts.length > 0 ? parts.join(' & ') : '{}'
}

function quote(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : toLiteral(name)
}

function toLiteral(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', ' ')}'`
}
