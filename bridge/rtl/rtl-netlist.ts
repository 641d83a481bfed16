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
  /** Of a vector with one dimension, as declared: `[11:2]` is 11 and 2. */
  bounds?: [number, number]
  /** Element counts of the unpacked dimensions, outermost first. */
  dimensions: number[]
  /** Of a struct, or of an array's elements: how they are made zero where `'0` is too little. */
  zero?: StructZero
}

/**
 * An unpacked struct is a variable of its type, whose members are assigned one by one: a pattern for it makes C++ that does
 * not compile with Verilators that write XML, and with newer ones where structs lie in it. Of a type that only the RTL can
 * name, newer Verilators take a pattern.
 */
export type StructZero = 'pattern' | { type: string; members: string[][] }

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
  /** Of a struct; undefined where it can't be told. */
  isPacked?: boolean | undefined
  /** Of a struct. */
  members?: { name: string; type: string }[]
  /** Whether an assignment pattern makes C++ that compiles: with Verilators that write JSON, unless structs lie in structs. */
  takesPattern?: boolean
}

export type TypeTable = Map<string, TypeNode>

export type Shape = Pick<RtlPort, 'shape' | 'width' | 'bounds' | 'dimensions' | 'zero'>

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
      return { shape: 'vector', width: count, dimensions: [], ...(type.range && { bounds: type.range }) }
    case 'packarray':
      return { ...sub, width: sub.width * count, bounds: undefined }
    case 'unpackarray':
      return {
        ...sub,
        shape: sub.shape === 'other' ? 'other' : 'array',
        dimensions: [count, ...sub.dimensions],
        bounds: undefined,
      }
    case 'struct':
    case 'union':
      return { shape: 'struct', width: 0, dimensions: [], ...zeroOf(types, id) }
    default:
      return sub
  }
}

function zeroOf(types: TypeTable, id: string): Pick<RtlPort, 'zero'> {
  const { name, isPacked, takesPattern } = types.get(id) as TypeNode
  if (isPacked !== false) return {}
  const paths = membersOf(types, id)
  // Only what a package has declared can be named elsewhere.
  if (paths?.length && /^\w+::\w+$/.test(name)) return { zero: { type: name, members: paths } }
  return takesPattern ? { zero: 'pattern' } : {}
}

/** The paths of all vectors in a struct; undefined if it has something else. */
function membersOf(types: TypeTable, id: string): string[][] | undefined {
  const type = types.get(id)
  if (!type || type.kind === 'unpackarray' || unsizedTypes.has(type.name)) return undefined
  if (type.kind === 'struct' && !type.isPacked) return membersOfStruct(types, type)
  const isVector = ['basic', 'packarray', 'struct', 'union'].includes(type.kind)
  return isVector || type.sub === undefined ? [[]] : membersOf(types, type.sub)
}

function membersOfStruct(types: TypeTable, { members = [] }: TypeNode): string[][] | undefined {
  const paths: string[][] = []
  for (const { name, type } of members) {
    const below = membersOf(types, type)
    if (!below) return undefined
    paths.push(...below.map((path) => [name, ...path]))
  }
  return paths
}

/** `32'sh1f` as Verilator prints constants. */
export function toNumber(text: string): number {
  const [, sign, digits = text] = /'s?h(-?)([0-9a-f]+)$/i.exec(text) ?? []
  return Number.parseInt(digits, 16) * (sign ? -1 : 1)
}
