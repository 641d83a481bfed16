/** The messages of `proto/`, for the files that encode and decode them. */
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { protoDirectory } from '../ground/paths.js'

/** Files by their path below `proto/`, with all that they import. */
export function loadMessages(...files: string[]): protobuf.Root {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => join(protoDirectory, target)
  return root.loadSync(files)
}

/** 64-bit fields as decimal strings, which BigInt takes and protobufjs gives back exactly. */
export const plainObjects = { longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true } as const
