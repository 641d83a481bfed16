/** Reads the XML that Verilator before 5.022 writes with --xml-only. Runs nothing. */
import { XMLParser } from 'fast-xml-parser'
import { type PortDirection, type RtlNetlist, shapeOf, toNumber, type TypeTable } from './rtl-netlist.js'

/** An element of Verilator's XML: attributes as strings, children as lists. */
type XmlNode = { [child: string]: XmlNode[] } & { [attribute: string]: string }

function children(node: XmlNode | undefined, name: string): XmlNode[] {
  return ((node as Record<string, unknown> | undefined)?.[name] as XmlNode[] | undefined) ?? []
}

/** @param wrapper name of the module whose only instance is asked about */
export function fromXml(text: string, wrapper: string): RtlNetlist {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
  })
  const root = children(parser.parse(text) as XmlNode, 'verilator_xml')[0]
  const netlist = children(root, 'netlist')[0]
  const modules = children(netlist, 'module')
  const instance = children(
    modules.find((module) => module['name'] === wrapper),
    'instance',
  )[0]
  const top = modules.find((module) => module['name'] === instance?.['defName'])
  const types = xmlTypes(children(netlist, 'typetable')[0])
  return {
    ports: children(top, 'var')
      .filter((node) => node['dir'] !== undefined)
      .map((node) => ({
        name: node['name'] as string,
        direction: node['dir'] as string as PortDirection,
        ...shapeOf(types, node['dtype_id'] as string),
      })),
    files: children(children(root, 'files')[0], 'file').map((file) => file['filename'] as string),
  }
}

function xmlTypes(table: XmlNode | undefined): TypeTable {
  const types: TypeTable = new Map()
  for (const [kind, nodes] of Object.entries(table ?? {})) {
    if (!Array.isArray(nodes)) continue
    for (const node of nodes as XmlNode[]) {
      types.set(node['id'] as string, {
        kind: kind.replace(/dtype$/, ''),
        name: node['name'] ?? '',
        range: xmlRange(node),
        sub: node['sub_dtype_id'],
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
