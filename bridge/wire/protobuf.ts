/** The messages of `proto/`, for the files that encode and decode them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { placeOfKept, readKept, writeKept } from '../ground/kept-files.js'
import { protoDirectory } from '../ground/paths.js'
import { version } from '../ground/version.js'

/**
 * Bytes that are no UTF-8 become U+FFFD. The C of agents and models doesn't look at what it sends, and names of files,
 * which are bytes to the kernel, are part of it: a message that holds such a name is not to be refused.
 */
class Messages extends protobuf.Root {
  override resolvePath = (_origin: string, target: string) => join(protoDirectory, target)

  override resolveAll(): this {
    for (const type of typesBelow(this))
      for (const field of type.fieldsArray) field.setOption('features.utf8_validation', 'NONE')
    super.resolveAll()
    return this
  }
}

function typesBelow(space: protobuf.NamespaceBase): protobuf.Type[] {
  return space.nestedArray.flatMap((part) => [
    ...(part instanceof protobuf.Type ? [part] : []),
    ...(part instanceof protobuf.Namespace ? typesBelow(part) : []),
  ])
}

/** Files by their path below `proto/`, with all that they import. What they say is read once, and kept as JSON. */
export function loadMessages(...files: string[]): protobuf.Root {
  const place = placeOfKept('messages', protoDirectory, ...files)
  const origin = Buffer.from(JSON.stringify([version, contractFiles()]))
  const kept = readKept(place, origin)
  if (kept) return protobuf.Root.fromJSON(JSON.parse(kept.toString('utf8')) as protobuf.INamespace, new Messages())
  const messages = new Messages().loadSync(files)
  writeKept(place, origin, Buffer.from(JSON.stringify(messages)))
  return messages
}

/** What all of them say: any may import any. */
function contractFiles(): string[] {
  const folder = join(protoDirectory, 'trapline/v1')
  const names = readdirSync(folder).filter((name) => name.endsWith('.proto'))
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8'))
}

/** 64-bit fields as decimal strings, which BigInt takes and protobufjs gives back exactly. */
export const plainObjects = { longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true } as const
