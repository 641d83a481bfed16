/** The messages of `proto/`, for the files that encode and decode them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { placeOfKept, readKept, writeKept } from '../ground/kept-files.js'
import { protoDirectory } from '../ground/paths.js'
import { version } from '../ground/version.js'

const folder = 'trapline/v1'

/**
 * Bytes that are no UTF-8 become U+FFFD. The C of agents and models doesn't look at what it sends, and names of files,
 * which are bytes to the kernel, are part of it: a message that holds such a name is not to be refused.
 */
class Messages extends protobuf.Root {
  override resolvePath = (_origin: string, target: string) => join(protoDirectory, target)

  override resolveAll(): this {
    for (const type of typesBelow(this)) {
      for (const field of type.fieldsArray) field.setOption('features.utf8_validation', 'NONE')
      makeWhenNeeded(type)
    }
    super.resolveAll()
    return this
  }
}

/**
 * protobufjs makes all five functions of a type when one is wanted, by its `setup`; who only encodes a message, say,
 * does without the others. At the start of a run that is most of them.
 */
function makeWhenNeeded(type: protobuf.Type): void {
  const { encoder, decoder, converter, Writer, Reader, util } = protobuf
  const typesOf = () => type.fieldsArray.map((field) => field.resolve().resolvedType)
  const make = {
    encode: () => encoder(type)({ Writer, types: typesOf(), util }),
    decode: () => decoder(type)({ Reader, types: typesOf(), util, C: type.ctor }),
    fromObject: () => converter.fromObject(type)({ types: typesOf(), util, C: type.ctor }),
    toObject: () => converter.toObject(type)({ types: typesOf(), util }),
  }
  for (const [name, makeOne] of Object.entries(make)) {
    const first = (...args: unknown[]): unknown => {
      const made = makeOne()
      Object.assign(type, { [name]: made })
      return made.apply(type, args) as unknown
    }
    Object.assign(type, { [name]: first })
  }
}

function typesBelow(space: protobuf.NamespaceBase): protobuf.Type[] {
  return space.nestedArray.flatMap((part) => [
    ...(part instanceof protobuf.Type ? [part] : []),
    ...(part instanceof protobuf.Namespace ? typesBelow(part) : []),
  ])
}

/** All of `proto/`. What it says is read once, and kept as JSON. */
export const messages = loadMessages()

function loadMessages(): protobuf.Root {
  const files = readdirSync(join(protoDirectory, folder)).filter((name) => name.endsWith('.proto'))
  const contents = files.sort().map((name) => readFileSync(join(protoDirectory, folder, name), 'utf8'))
  const place = placeOfKept('messages', protoDirectory)
  const origin = Buffer.from(JSON.stringify([version, files, contents]))
  const kept = readKept(place, origin)
  if (kept) return protobuf.Root.fromJSON(JSON.parse(kept.toString('utf8')) as protobuf.INamespace, new Messages())
  const loaded = new Messages().loadSync(files.map((name) => join(folder, name)))
  writeKept(place, origin, Buffer.from(JSON.stringify(loaded)))
  loaded.resolveAll()
  return loaded
}

/** 64-bit fields as decimal strings, which BigInt takes and protobufjs gives back exactly. */
export const plainObjects = { longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true } as const
