/**
 * What Verilator says about the RTL: the ports of the top module after parameters, and every file it read.
 * `netlist-xml.ts` and `netlist-json.ts` read the two formats of Verilator into these words.
 */
import { TraplineError } from '../ground/errors.js'

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
  bounds?: [number, number] | undefined
  /** The bounds of an array's outermost dimension, packed or not, and those of its elements if they are vectors. */
  outer?: [number, number] | undefined
  elementBounds?: [number, number] | undefined
  /** Element counts of the unpacked dimensions, outermost first. */
  dimensions: number[]
  /** Of bits or an element of a port, which have the name and shape of a port themselves. */
  part?: PortPart
  /** How a struct, or an array's elements, are made zero where `'0` is too little. */
  zero?: StructZero
  /** The bits of a packed struct, and where the lowest bit of each vector in it is. */
  packed?: PackedStruct
  /** The bits of an unpacked struct, as if it were packed. */
  unpacked?: UnpackedStruct
  /** Where it lies in a port, if it is no port of its own but a member of one. */
  member?: MemberPlace
}

/** Where a member lies: in an interface, or at bits of a packed struct of so many. */
export type MemberPlace = InterfaceMember | StructMember

export interface InterfaceMember {
  /** The port that has it. */
  of: string
  /** The interface that it belongs to, and what the member is called there. */
  interface: string
  name: string
  /** Where its lowest bit is, if the member is a struct of which this is a field. */
  low?: number
  unpacked?: NamedStruct
}

export interface StructMember {
  of: string
  /** Bits of the struct, and where among them the member's lowest one is. */
  structWidth: number
  low: number
  unpacked?: NamedStruct
}

export function isOfInterface(place: MemberPlace): place is InterfaceMember {
  return 'interface' in place
}

export interface PackedStruct {
  width: number
  fields: StructField[]
}

export interface StructField {
  path: string[]
  width: number
  low: number
}

export interface UnpackedStruct extends PackedStruct {
  /** Undefined if only the RTL can name it. */
  type?: string
  /** What must be assigned as a whole: its vectors and packed structs. */
  leaves: StructField[]
}

export type NamedStruct = UnpackedStruct & { type: string }

export function hasName(struct: UnpackedStruct): struct is NamedStruct {
  return struct.type !== undefined
}

/**
 * An unpacked struct is a variable of its type, whose members are assigned one by one: a pattern for it makes C++ that
 * does not compile with Verilators that write XML, and with newer ones where structs lie in it. Of a type that only the
 * RTL can name, newer Verilators take a pattern.
 */
export type StructZero = 'pattern' | { type: string; members: string[][] }

export interface PortPart {
  of: RtlPort
  /**
   * Where in a variable of the port's own width: `[7:4]` of a vector that counts from 0, `[2]` of an unpacked array.
   */
  select: string
}

export interface RtlNetlist {
  ports: RtlPort[]
  /** Paths as Verilator was given or found them: relative ones are relative to its working directory. */
  files: string[]
}

/** A data type of either format, known by its id. */
export interface TypeNode {
  kind: string
  name: string
  range: [number, number] | undefined
  /** Id of the type that it refers to, or has as element. */
  sub: string | undefined
  /** Whether a struct is packed; undefined where it can't be told. */
  isPacked?: boolean | undefined
  /** The members of a struct, the highest bits first. */
  members?: { name: string; type: string }[]
  /**
   * Whether an assignment pattern makes C++ that compiles: with Verilators that write JSON, unless structs lie in
   * structs.
   */
  takesPattern?: boolean
  /** The modport of a port that is an interface. */
  modport?: string
}

export type TypeTable = Map<string, TypeNode>

export type Shape = Pick<
  RtlPort,
  'shape' | 'width' | 'bounds' | 'outer' | 'elementBounds' | 'dimensions' | 'zero' | 'packed' | 'unpacked'
>

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
      return { ...sub, width: sub.width * count, ...elementsOf(type, sub), packed: undefined }
    case 'unpackarray':
      return {
        ...sub,
        shape: sub.shape === 'other' ? 'other' : 'array',
        dimensions: [count, ...sub.dimensions],
        ...elementsOf(type, sub),
        packed: undefined,
        unpacked: undefined,
      }
    case 'struct':
    case 'union':
      return { shape: 'struct', width: 0, dimensions: [], ...zeroOf(types, id), ...bitsOf(types, type) }
    default:
      return sub
  }
}

function bitsOf(types: TypeTable, type: TypeNode): Pick<RtlPort, 'packed' | 'unpacked'> {
  if (type.kind !== 'struct' || type.isPacked === undefined || !type.members) return {}
  const bits = layOut(types, type.members)
  if (!bits) return {}
  const { width, fields, leaves } = bits
  if (type.isPacked) return { packed: { width, fields } }
  // Verilators that can't take a pattern write C++ that does not compile for wider members, too.
  if (!type.takesPattern && leaves.some((leaf) => leaf.width > 64)) return {}
  return { unpacked: { width, fields, leaves, ...(isNameable(type.name) && { type: type.name }) } }
}

/** From the last field, which begins at bit 0, to the first. */
function layOut(types: TypeTable, members: { name: string; type: string }[]): UnpackedStruct | undefined {
  const fields: StructField[] = []
  const leaves: StructField[] = []
  let low = 0
  for (const { name, type } of [...members].reverse()) {
    const { packed, unpacked, ...inner } = shapeOf(types, type)
    const { width } = packed ?? unpacked ?? inner
    // An array of structs, or a union.
    if (width === 0 || inner.dimensions.length > 0) return undefined
    const whole = [{ path: [], width, low: 0 }]
    const within = (field: StructField) => ({ ...field, path: [name, ...field.path], low: low + field.low })
    fields.unshift(...(packed ?? unpacked ?? { fields: whole }).fields.map(within))
    leaves.unshift(...(unpacked?.leaves ?? whole).map(within))
    low += width
  }
  return { width: low, fields, leaves }
}

/** What is known of an interface port: its members as its modport has them, and ports that the interface has itself. */
export interface InterfaceShape {
  of: string
  interface: string
  members: { name: string; direction: PortDirection; type: string }[]
  pins: string[]
}

/** The ports that the members of an interface are. */
export function toInterfaceMembers(types: TypeTable, { members, pins, ...port }: InterfaceShape): RtlPort[] {
  if (pins.length > 0)
    throw new TraplineError(
      'config',
      `interface port ${port.of} is ${port.interface}, which has ports of its own (${pins.join(', ')}) that ` +
        `nothing would connect; ` +
        'wrap the top in a module that has plain vectors',
    )
  return members.map(({ name, direction, type }) => ({
    name: `${port.of}_${name}`,
    direction,
    ...shapeOf(types, type),
    member: { ...port, name },
  }))
}

function elementsOf({ range }: TypeNode, { bounds }: Shape): Pick<Shape, 'bounds' | 'outer' | 'elementBounds'> {
  return { bounds: undefined, outer: range, elementBounds: bounds }
}

function zeroOf(types: TypeTable, id: string): Pick<RtlPort, 'zero'> {
  const { name, isPacked, takesPattern } = types.get(id) as TypeNode
  if (isPacked !== false) return {}
  const paths = membersOf(types, id)
  if (paths?.length && isNameable(name)) return { zero: { type: name, members: paths } }
  return takesPattern ? { zero: 'pattern' } : {}
}

/** Only what a package or a file has declared can be named elsewhere. */
function isNameable(type: string): boolean {
  return /^(?:\w+|\$unit)::\w+$/.test(type)
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
