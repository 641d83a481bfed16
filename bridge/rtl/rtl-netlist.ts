/**
 * What Verilator says about the RTL: the ports of the top module after parameters, and every file it read.
 * `netlist-xml.ts` and `netlist-json.ts` read the two formats of Verilator into these words.
 */

export type PortDirection = 'input' | 'output' | 'inout'

/** `vector` is a scalar, a packed vector or an enum; `other` is a real, a string or the like. */
export type PortShape = 'vector' | 'struct' | 'array' | 'other'

export interface RtlPort {
  name: string
  direction: PortDirection
  shape: PortShape
  /** Bits of a vector, or of one element of an array; 0 for the other shapes. */
  width: number
  /** Element counts of the unpacked dimensions, outermost first. */
  dimensions: number[]
}

export interface RtlNetlist {
  ports: RtlPort[]
  /** As Verilator was given or found them: relative ones are relative to its working directory. */
  files: string[]
}

/** A data type of either format, known by its id. */
export interface TypeNode {
  kind: string
  name: string
  range: [number, number] | undefined
  /** Id of the type that it refers to, or has as element. */
  sub: string | undefined
}

export type TypeTable = Map<string, TypeNode>

export type Shape = Pick<RtlPort, 'shape' | 'width' | 'dimensions'>

const unsizedTypes = new Set(['real', 'shortreal', 'string', 'chandle', 'event'])

/** What a type is as a port, references followed. */
export function shapeOf(types: TypeTable, id: string): Shape {
  const other: Shape = { shape: 'other', width: 0, dimensions: [] }
  const type = types.get(id)
  if (!type || unsizedTypes.has(type.name)) return other
  const count = type.range ? Math.abs(type.range[0] - type.range[1]) + 1 : 1
  const sub = type.sub === undefined ? other : shapeOf(types, type.sub)
  switch (type.kind) {
    case 'basic':
      return { shape: 'vector', width: count, dimensions: [] }
    case 'packarray':
      return { ...sub, width: sub.width * count }
    case 'unpackarray':
      return { ...sub, shape: sub.shape === 'other' ? 'other' : 'array', dimensions: [count, ...sub.dimensions] }
    case 'struct':
    case 'union':
      return { shape: 'struct', width: 0, dimensions: [] }
    default:
      return sub
  }
}

/** `32'sh1f` as Verilator prints constants. */
export function toNumber(text: string): number {
  const [, sign, digits = text] = /'s?h(-?)([0-9a-f]+)$/i.exec(text) ?? []
  return Number.parseInt(digits, 16) * (sign ? -1 : 1)
}
