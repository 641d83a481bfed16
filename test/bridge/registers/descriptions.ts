/** Descriptions of registers in a few lines, for tests of what is made of them. */
import type { BlockInput } from '../../../bridge/registers/description.js'
import { descriptionSchema, formatName } from '../../../bridge/registers/description.js'
import { expand } from '../../../bridge/registers/expand.js'
import { RegisterMap } from '../../../bridge/registers/register-map.js'

export function describedAs(block: Omit<BlockInput, 'name'>): object {
  return { format: formatName, blocks: [{ name: 'block', ...block }] }
}

export function mapOf(block: Omit<BlockInput, 'name'>): RegisterMap {
  const [described] = descriptionSchema.parse(describedAs(block)).blocks
  return new RegisterMap(expand(described as NonNullable<typeof described>))
}
