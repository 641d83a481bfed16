/** How the fields of messages that models speak lead on the wire. */
import protobuf from 'protobufjs'
import { messages } from './protobuf.js'

/** Bytes behind their length: texts, bytes and messages (protobuf.dev/programming-guides/encoding). */
export const lengthDelimited = 2
const varint = 0
/** The wire type by the name of a type; enums have none of their own. */
const wireTypes: Record<string, number> = protobuf.types.basic

/**
 * What each of these fields leads with: its number times eight and its wire type. Read from the contract once, for
 * those who look at bytes without decoding them. Throws where the message has no such field.
 */
export function tagsOf<Name extends string>(message: string, ...names: Name[]): Record<Name, number> {
  const { fields } = messages.lookupType(`trapline.v1.${message}`)
  const tags = names.map((name) => [name, tagOf(message, name, fields[name])])
  return Object.fromEntries(tags) as Record<Name, number>
}

function tagOf(message: string, name: string, field: protobuf.Field | undefined): number {
  if (!field) throw new Error(`${message} has no field ${name}`)
  const { resolvedType } = field.resolve()
  const isMessage = resolvedType instanceof protobuf.Type
  const wireType = isMessage ? lengthDelimited : (wireTypes[field.type] ?? varint)
  return field.id * 8 + wireType
}
