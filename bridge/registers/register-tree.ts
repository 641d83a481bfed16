/** Registers as programs of TypeScript name them: `CH[1].LIMIT` is `LIMIT` of the second of `CH`. */
import type { Register } from './register.js'

export interface RegisterNode {
  /** Present where it is a register itself. */
  register: Register | undefined
  /** What stands in it, by name. */
  children: Map<string, RegisterNode>
  /** Of an array. */
  elements: RegisterNode[]
}

export function toRegisterTree(registers: readonly Register[]): RegisterNode {
  const root = emptyNode()
  for (const register of registers) {
    const steps = register.path.match(/[^.[\]]+|\[\d+\]/g) ?? []
    const node = steps.reduce((outer, step) => inner(outer, step), root)
    node.register = register
  }
  return root
}

function inner(outer: RegisterNode, step: string): RegisterNode {
  const index = step.startsWith('[') ? Number(step.slice(1, -1)) : undefined
  const known = index === undefined ? outer.children.get(step) : outer.elements[index]
  const node = known ?? emptyNode()
  if (index === undefined) outer.children.set(step, node)
  else outer.elements[index] = node
  return node
}

function emptyNode(): RegisterNode {
  return { register: undefined, children: new Map(), elements: [] }
}
