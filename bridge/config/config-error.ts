/**
 * Turns what the schema has to say into one sentence that names the key and what to do about it.
 */
import { z } from 'zod'
import { editDistance } from '../ground/edit-distance.js'
import { TraplineError } from '../ground/errors.js'
import { configSchema } from './schema.js'

type Issue = z.core.$ZodIssue
type Path = PropertyKey[]

/** The first problem, and how many more there are. */
export function toConfigError(file: string, error: z.ZodError, input: unknown): TraplineError {
  const issues = error.issues.flatMap(flatten)
  const first = issues[0] as Issue
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return new TraplineError('config', `${file}: ${toSentence(first, input)}${more}`, { cause: error })
}

/** A union's problem is the one of the alternative that got furthest. */
function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const deepest = issue.errors.map((alternative) => alternative.flatMap(flatten)).sort(byDepth)[0] ?? []
  const nested = deepest.filter((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys')
  return nested.length ? nested.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue]
}

function byDepth(a: Issue[], b: Issue[]): number {
  const depth = (issues: Issue[]) => Math.max(0, ...issues.map((issue) => issue.path.length))
  return depth(b) - depth(a)
}

function toSentence(issue: Issue, input: unknown): string {
  const key = issue.path.map(String).join('.') || 'the configuration'
  const value = valueAt(input, issue.path)
  if (issue.code === 'unrecognized_keys') return unknownKey(issue.path, issue.keys[0] ?? '', input)
  if (value === undefined) return `${key} is missing; ${expectation(issue)}`
  return `${key} is ${describe(value)}; ${expectation(issue)}`
}

function unknownKey(path: Path, key: string, input: unknown): string {
  const every = objectsAt(configSchema, path)
  const fitting = every.filter((schema) => fits(schema, valueAt(input, path)))
  const other = every.find((schema) => !fitting.includes(schema) && key in schema.shape)
  if (other && fitting.length > 0) {
    const place = path.map(String).join('.')
    const [of, notOf] = [literalOf(other.shape.kind), literalOf(fitting[0]?.shape.kind)]
    return `${place} has the key ${key}, which is one of kind ${of} and not of kind ${notOf}`
  }
  const known = [...new Set(fitting.flatMap((schema) => Object.keys(schema.shape)))]
  const place = path.length ? `${path.map(String).join('.')} has` : 'there is'
  const near = nearest(key, known)
  const way = near ? `did you mean ${near}?` : `the keys it knows are ${known.join(', ')}`
  return `${place} the unknown key ${key}; ${way}`
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return `it must be ${article(issue.expected)}`
  if (issue.code === 'invalid_value') return `it must be ${issue.values.map(String).join(' or ')}`
  if (issue.code === 'too_small' && issue.origin === 'array') return 'it needs at least one entry'
  if (issue.code === 'too_small') return `it must be at least ${issue.minimum}`
  if (issue.code === 'too_big') return `it must be at most ${issue.maximum}`
  if (issue.code === 'invalid_format' && issue.format === 'starts_with') return 'it must be an absolute path'
  if (issue.code === 'custom') return `it ${issue.message}`
  if (issue.code === 'invalid_union' && issue.discriminator) return `it must be ${kinds(issue.path).join(' or ')}`
  return `it must be ${unionExpectation(issue.path)}`
}

function kinds(path: Path): string[] {
  return objectsAt(configSchema, path.slice(0, -1)).map((schema) => literalOf(schema.shape.kind))
}

function literalOf(schema: unknown): string {
  const [literal] = alternatives(schema)
  return literal instanceof z.ZodLiteral ? String(literal.value) : ''
}

/** Whether a value is of the kind that this alternative is for, where there are kinds. */
function fits({ shape }: z.ZodObject, value: unknown): boolean {
  return shape.kind === undefined || shape.kind.safeParse((value as { kind?: unknown } | undefined)?.kind).success
}

function unionExpectation(path: Path): string {
  const last = String(path.at(-1))
  if (last === 'registers') return 'the name of a file, or { file, block, offset }'
  if (last === 'width') return '1, 2, 4 or 8'
  if (last === 'clock') return 'the name of a port, a list of names, or { port, periodPs }'
  if (path.includes('parameters') || path.includes('defines')) return 'a number, a boolean or a string'
  return 'a non-negative integer, or a string such as "0x43c00000"'
}

function article(expected: string): string {
  const names: Record<string, string> = { record: 'an object', object: 'an object', array: 'a list' }
  return names[expected] ?? `a ${expected}`
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? typeof value)
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input)
}

function alternatives(schema: unknown): unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return alternatives(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return alternatives(schema.def.in)
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap(alternatives)
  return [schema]
}

function schemaAt(schema: unknown, path: Path): unknown[] {
  const [key, ...rest] = path
  if (key === undefined) return alternatives(schema)
  return alternatives(schema).flatMap((alternative) => {
    if (alternative instanceof z.ZodObject) return schemaAt(alternative.shape[String(key)], rest)
    if (alternative instanceof z.ZodRecord) return schemaAt(alternative.def.valueType, rest)
    return []
  })
}

function objectsAt(schema: unknown, path: Path): z.ZodObject[] {
  return schemaAt(schema, path).filter((found) => found instanceof z.ZodObject)
}

/** The known word that a typing error is likely to stand for. */
export function nearest(word: string, known: string[]): string | undefined {
  const closest = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return closest && closest.distance <= Math.max(2, word.length / 3) ? closest.candidate : undefined
}
