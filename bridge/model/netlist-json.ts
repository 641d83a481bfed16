/** Reads the JSON that Verilator since 5.022 writes with --json-only. Runs nothing. */
import { type PortDirection, type RtlNetlist, shapeOf, type TypeNode, type TypeTable } from './rtl-netlist.js'

/** A node of Verilator's JSON tree. Pointers to other nodes are their `addr`. */
interface JsonNode {
  type: string
  name?: string
  addr?: string
  [key: string]: unknown
}

export function fromJson(tree: string, meta: string, wrapper: string): RtlNetlist {
  const root = JSON.parse(tree) as JsonNode
  const { files } = JSON.parse(meta) as { files: Record<string, { filename: string }> }
  const modules = nodes(root, 'modulesp')
  const instance = nodes(
    modules.find(({ name }) => name === wrapper),
    'stmtsp',
  ).find(({ type }) => type === 'CELL')
  const top = modules.find(({ addr }) => addr === instance?.['modp'])
  const types = jsonTypes(
    nodes(root, 'miscsp')
      .filter(({ type }) => type === 'TYPETABLE')
      .flatMap((table) => nodes(table, 'typesp')),
  )
  return {
    ports: nodes(top, 'stmtsp')
      .filter(({ type, direction }) => type === 'VAR' && /^(INPUT|OUTPUT|INOUT)$/.test(String(direction)))
      .map((node) => ({
        name: decodeName(node.name ?? ''),
        direction: String(node['direction']).toLowerCase() as PortDirection,
        ...shapeOf(types, String(node['dtypep'])),
      })),
    files: Object.values(files).map(({ filename }) => filename),
  }
}

function nodes(node: JsonNode | undefined, key: string): JsonNode[] {
  return (node?.[key] as JsonNode[] | undefined) ?? []
}

/** Verilator writes a character that C++ names lack as `__0` and its code in hex. */
function decodeName(name: string): string {
  return name.replace(/__0([0-9A-F]{2})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function jsonTypes(table: JsonNode[]): TypeTable {
  const types: TypeTable = new Map()
  for (const node of table) types.set(String(node.addr), toType(node))
  return types
}

function toType(node: JsonNode): TypeNode {
  return {
    kind: node.type.replace(/DTYPE$/, '').toLowerCase(),
    name: node.name ?? '',
    range: undefined,
    sub: undefined,
    members: [],
  }
}
