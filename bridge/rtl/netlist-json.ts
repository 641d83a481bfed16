/** Reads the JSON that Verilator since 5.022 writes with --json-only. Runs nothing. */
import {
  type PortDirection,
  type RtlNetlist,
  type RtlPort,
  shapeOf,
  toInterfaceMembers,
  toNumber,
  type TypeNode,
  type TypeTable,
} from './rtl-netlist.js'

/** A node of Verilator's JSON tree. Pointers to other nodes are their `addr`. */
interface JsonNode {
  type: string
  name?: string
  addr?: string
  [key: string]: unknown
}

export function fromJson(tree: string, meta: string, wrapper: string): RtlNetlist {
  const root = parse(tree) as JsonNode
  const { files } = parse(meta) as { files: Record<string, { filename: string }> }
  const modules = nodes(root, 'modulesp')
  const cells = nodes(
    modules.find(({ name }) => name === wrapper),
    'stmtsp',
  ).filter(({ type }) => type === 'CELL')
  const moduleOf = (cell: string) => {
    const found = cells.find(({ name }) => name === cell)
    return modules.find(({ addr }) => addr === found?.['modp'])
  }
  const types = jsonTypes(
    nodes(root, 'miscsp')
      .filter(({ type }) => type === 'TYPETABLE')
      .flatMap((table) => nodes(table, 'typesp')),
  )
  return {
    ports: nodes(moduleOf('dut'), 'stmtsp').flatMap((node): RtlPort[] => {
      if (node.type !== 'VAR') return []
      const { name = '' } = node
      if (node['varType'] === 'IFACEREF') return membersOf(types, node, moduleOf(`member__${name}`))
      const direction = toDirection(node)
      return direction ? [{ name, direction, ...shapeOf(types, String(node['dtypep'])) }] : []
    }),
    files: Object.values(files).map(({ filename }) => filename),
  }
}

function toDirection(node: JsonNode): PortDirection | undefined {
  const direction = String(node['direction']).toLowerCase()
  return /^(input|output|inout)$/.test(direction) ? (direction as PortDirection) : undefined
}

/** The members of an interface port, as far as its modport has them. */
function membersOf(types: TypeTable, port: JsonNode, definition: JsonNode | undefined): RtlPort[] {
  const chosen = types.get(String(port['dtypep']))?.modport
  const statements = nodes(definition, 'stmtsp')
  const modport = statements.find(({ type, name }) => type === 'MODPORT' && name === chosen)
  const variables = new Map(
    statements.filter(({ type }) => type === 'VAR').map((node) => [node.name, String(node['dtypep'])]),
  )
  const members = nodes(modport, 'varsp').map((node) => ({
    name: node.name ?? '',
    direction: toDirection(node) ?? 'inout',
    type: variables.get(node.name) ?? '',
  }))
  return toInterfaceMembers(types, {
    of: port.name ?? '',
    interface: String(definition?.['origName'] ?? ''),
    members,
    pins: statements.filter(toDirection).map(({ name }) => name ?? ''),
  })
}

/** Verilator escapes bytes beyond ASCII as C does, which JSON has no word for: `gr\303\266\303\237e`. */
function parse(text: string): unknown {
  const backslashOrOctal = /\\\\|(?:\\[0-3][0-7]{2})+/g
  return JSON.parse(text.replace(backslashOrOctal, (escape) => (escape === '\\\\' ? escape : fromOctal(escape))))
}

function fromOctal(escape: string): string {
  const octets = escape.match(/[0-7]{3}/g) ?? []
  return Buffer.from(octets.map((octet) => parseInt(octet, 8))).toString()
}

function nodes(node: JsonNode | undefined, key: string): JsonNode[] {
  return (node?.[key] as JsonNode[] | undefined) ?? []
}

function jsonTypes(table: JsonNode[]): TypeTable {
  return new Map(table.map((node) => [String(node.addr), toType(node)]))
}

function toType(node: JsonNode): TypeNode {
  return {
    kind: node.type.replace(/DTYPE$/, '').toLowerCase(),
    name: node.name ?? '',
    range: jsonRange(node),
    // A type that needs no other names itself.
    sub: String(node['dtypep'] === node.addr ? node['refDTypep'] : node['dtypep']),
    // Since 5.04x an attribute that is false is left out.
    isPacked: node['packed'] === true,
    takesPattern: true,
    ...(node['membersp'] !== undefined && { members: nodes(node, 'membersp').map(toMember) }),
    ...(typeof node['modportName'] === 'string' && { modport: node['modportName'] }),
  }
}

function toMember(node: JsonNode): { name: string; type: string } {
  return { name: node.name ?? '', type: String(node['dtypep']) }
}

function jsonRange(node: JsonNode): [number, number] | undefined {
  if (typeof node['range'] === 'string') return node['range'].split(':').map(Number) as [number, number]
  const [range] = nodes(node, 'rangep')
  const [left, right] = ['leftp', 'rightp'].map((side) => nodes(range, side)[0]?.name)
  return left !== undefined && right !== undefined ? [toNumber(left), toNumber(right)] : undefined
}
