/** Reads the XML that Verilator before 5.022 writes with --xml-only. Runs nothing. */
import { XMLParser } from 'fast-xml-parser'
import {
  type PortDirection,
  type RtlNetlist,
  type RtlPort,
  shapeOf,
  toInterfaceMembers,
  toNumber,
  type TypeTable,
} from './rtl-netlist.js'

/** An element of Verilator's XML: attributes as strings, children as lists. */
type XmlNode = { [child: string]: XmlNode[] } & { [attribute: string]: string }

function children(node: XmlNode | undefined, name: string): XmlNode[] {
  return ((node as Record<string, unknown> | undefined)?.[name] as XmlNode[] | undefined) ?? []
}

/** The lines of a source file that Verilator has read; none if it can't be read any more. */
export type ReadLines = (file: string) => string[]

/** @param wrapper name of the module whose instance `dut` is asked about; others in it are its interfaces */
export function fromXml(text: string, wrapper: string, readLines: ReadLines): RtlNetlist {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
  })
  const root = children(parser.parse(text) as XmlNode, 'verilator_xml')[0]
  const netlist = children(root, 'netlist')[0]
  const modules = children(netlist, 'module')
  const instances = children(
    modules.find((module) => module['name'] === wrapper),
    'instance',
  )
  const definitionOf = (name: string) => instances.find((instance) => instance['name'] === name)?.['defName']
  const top = modules.find((module) => module['name'] === definitionOf('dut'))
  const interfaceOf = (port: string) =>
    children(netlist, 'iface').find((each) => each['name'] === definitionOf(`member__${port}`))
  const files = children(children(root, 'files')[0], 'file')
  const types = xmlTypes(children(netlist, 'typetable')[0], (node) => isPacked(node, files, readLines))
  return {
    ports: children(top, 'var').flatMap((node): RtlPort[] => {
      const [name, type] = [node['name'] as string, node['dtype_id'] as string]
      if (node['vartype'] === 'ifaceref') return membersOf(types, node, interfaceOf(name))
      if (node['dir'] === undefined) return []
      return [{ name, direction: node['dir'] as string as PortDirection, ...shapeOf(types, type) }]
    }),
    files: files.map(fileName),
  }
}

/** The members of an interface port, as far as its modport has them. */
function membersOf(types: TypeTable, port: XmlNode, definition: XmlNode | undefined): RtlPort[] {
  const chosen = types.get(port['dtype_id'] as string)?.modport
  const modport = children(definition, 'modport').find((each) => each['name'] === chosen)
  const variables = new Map(children(definition, 'var').map((node) => [node['name'], node['dtype_id'] as string]))
  const members = children(modport, 'modportvarref').map((node) => ({
    name: node['name'] as string,
    direction: directions[node['direction'] as string] ?? 'inout',
    type: variables.get(node['name']) ?? '',
  }))
  const pins = children(definition, 'var').filter((node) => node['dir'] !== undefined)
  return toInterfaceMembers(types, {
    of: port['name'] as string,
    interface: definition?.['origName'] ?? '',
    members,
    pins: pins.map((node) => node['name'] as string),
  })
}

const directions: Partial<Record<string, PortDirection>> = { in: 'input', out: 'output' }

/** Verilator writes each byte of it that is not ASCII as a character reference of its own: `&#208;&#186;` is `к`. */
function fileName(file: XmlNode): string {
  const bytes = (file['filename'] as string).replaceAll(/&#(\d+);/g, (_reference, byte) =>
    String.fromCharCode(Number(byte)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/**
 * XML does not say so; the source does, at the place that XML names: `c,10,13,10,19` is file, line and column of
 * `struct`.
 */
function isPacked(node: XmlNode, files: XmlNode[], readLines: ReadLines): boolean | undefined {
  const [id, line, column] = (node['loc'] ?? '').split(',')
  const file = files.find((candidate) => candidate['id'] === id)
  if (!file) return undefined
  const text = readLines(fileName(file))
    .slice(Number(line) - 1, Number(line) + 1)
    .join('\n')
  const words = /^(?:struct|union)\s*(packed\b)?/.exec(text.slice(Number(column) - 1))
  return words ? words[1] !== undefined : undefined
}

function xmlTypes(table: XmlNode | undefined, isPacked: (node: XmlNode) => boolean | undefined): TypeTable {
  const types: TypeTable = new Map()
  for (const [kind, nodes] of Object.entries(table ?? {})) {
    if (!Array.isArray(nodes)) continue
    for (const node of nodes as XmlNode[]) {
      const members = children(node, 'memberdtype').map((member) => ({
        name: member['name'] as string,
        type: member['sub_dtype_id'] as string,
      }))
      types.set(node['id'] as string, {
        kind: kind.replace(/dtype$/, ''),
        name: node['name'] ?? '',
        range: xmlRange(node),
        sub: node['sub_dtype_id'],
        isPacked: kind === 'structdtype' ? isPacked(node) : undefined,
        members,
        ...(node['modportname'] && { modport: node['modportname'] }),
      })
    }
  }
  return types
}

function xmlRange(node: XmlNode): [number, number] | undefined {
  if (node['left'] !== undefined) return [Number(node['left']), Number(node['right'])]
  const [left, right] = children(children(node, 'range')[0], 'const')
  return left && right ? [toNumber(left['name'] as string), toNumber(right['name'] as string)] : undefined
}
