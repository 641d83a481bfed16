/**
 * What is written of registers: blocks of registers in groups, arrays of both, fields, as a file of our own format says
 * it. Readers of other formats translate into this one; `register-map.ts` makes of it what accesses are looked up in.
 */
import { z } from 'zod'
import { count, integer } from '../config/model-schema.js'

const name = z.string().regex(/^[\w$]+$/, 'must be a name of letters, digits and _')

/** Whether software may read and write. */
const access = z.enum(['rw', 'r', 'w', 'none'])

/** What a read does beside giving the value; `other` is known to do something. */
const onRead = z.enum(['clear', 'set', 'other'])

/** What a write does instead of storing the value: to bits that are written as 1 or 0, or to all of them. */
const onWrite = z.enum([
  'oneToClear',
  'oneToSet',
  'oneToToggle',
  'zeroToClear',
  'zeroToSet',
  'zeroToToggle',
  'clear',
  'set',
  'other',
])

/** Numbers by their names: one, or all that are called so. */
const values = z.record(z.string(), z.union([integer.transform((one) => [one]), z.array(integer).min(1)]))

const common = {
  name,
  description: z.string().optional(),
  /** `file:line` where another file, of which this one was made, says it; for sentences. */
  at: z.string().optional(),
}

const behaviour = {
  access: access.optional(),
  onRead: onRead.optional(),
  onWrite: onWrite.optional(),
  /** Whether reads may differ though software has done the same: the device itself writes it. */
  volatile: z.boolean().optional(),
}

const field = z.strictObject({
  ...common,
  ...behaviour,
  /** `7:4`, or `3` for one bit; bit 0 is the least significant. */
  bits: z.union([
    z
      .string()
      .regex(/^\d+(:\d+)?$/, 'must be a bit, or two as "7:4"')
      .transform((text) => {
        const [high = 0, low = high] = text.split(':').map(Number)
        return { high: Math.max(high, low), low: Math.min(high, low) }
      }),
    count.transform((bit) => ({ high: bit, low: bit })),
  ]),
  reset: integer.optional(),
  values: values.optional(),
  /** Names of what is written, where reads have others. */
  writtenValues: values.optional(),
})

/** Of an array; the last number counts what lies side by side. */
const arrayed = {
  count: z.union([count.transform((one) => [one]), z.array(count).min(1)]).optional(),
  /** Bytes from one to the next; its own size when absent. */
  stride: integer.optional(),
}

/** Bits of a register. */
const bits = count.refine((value) => value >= 1 && value <= 4096, 'must be 1 to 4096')

const register = z.strictObject({
  ...common,
  ...behaviour,
  ...arrayed,
  /** Bytes from the start of what it stands in. */
  offset: integer,
  width: bits.optional(),
  /** Bits that software moves at once, where those are not all of it. */
  accessWidth: bits.optional(),
  reset: integer.optional(),
  fields: z.array(field).default([]),
})

const memory = z.strictObject({ ...common, offset: integer, size: integer })

const content = {
  registers: z.array(register).default([]),
  /** Ranges without registers that software may use as well. */
  memories: z.array(memory).default([]),
}

const plainGroup = z.strictObject({ ...common, ...arrayed, offset: integer, ...content })
export type DescribedGroup = z.output<typeof plainGroup> & { groups?: DescribedGroup[] | undefined }
export type GroupInput = z.input<typeof plainGroup> & { groups?: GroupInput[] | undefined }
const group: z.ZodType<DescribedGroup, GroupInput> = plainGroup.extend({
  groups: z.lazy(() => z.array(group).optional()),
})

const block = z.strictObject({
  ...common,
  ...content,
  groups: z.array(group).optional(),
  /** Of registers that say no other. */
  width: bits.default(32),
  access: access.default('rw'),
})

export const formatName = 'trapline-registers-1'

export const descriptionSchema = z.strictObject({ format: z.literal(formatName), blocks: z.array(block).min(1) })

export type RegisterAccess = z.output<typeof access>
export type DescribedField = z.output<typeof field>
export type DescribedRegister = z.output<typeof register>
export type DescribedBlock = z.output<typeof block>
/** A description as it is written. */
export type DescriptionInput = z.input<typeof descriptionSchema>
export type BlockInput = z.input<typeof block>
export type RegisterInput = z.input<typeof register>
export type FieldInput = z.input<typeof field>
