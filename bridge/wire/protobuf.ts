/** The messages of `proto/`, for the files that encode and decode them. */
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { protoDirectory } from '../ground/paths.js'

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

/** Files by their path below `proto/`, with all that they import. */
export function loadMessages(...files: string[]): protobuf.Root {
  return new Messages().loadSync(files)
}

/** 64-bit fields as decimal strings, which BigInt takes and protobufjs gives back exactly. */
export const plainObjects = { longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true } as const
