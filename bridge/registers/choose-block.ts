/** Which block of a file a device is: the only one, or the one that its configuration names. */
import { TraplineError } from '../ground/errors.js'
import type { DescribedBlock } from './description.js'

type BlockPart = Pick<DescribedBlock, 'name' | 'registers' | 'memories' | 'groups'>

/**
 * @param wish the name of a block, or of what is in one: `soc.uart[1]`
 * @param device for sentences
 */
export function chooseBlock(
  blocks: DescribedBlock[],
  file: string,
  wish: string | undefined,
  device: string,
): DescribedBlock {
  const refuse = (problem: string): never => {
    throw new TraplineError('config', `device ${device}: ${problem}; ${toList('its blocks are', blocks)}`)
  }
  const [only, second] = blocks
  if (wish === undefined)
    return only && !second ? only : refuse(`${file} describes ${blocks.length} blocks, so say which by "block"`)
  const [first = '', ...steps] = wish.split('.')
  const block = blocks.find(({ name }) => name === first) ?? refuse(`${file} has no block ${first}`)
  const part = steps.reduce<BlockPart>((outer, step) => {
    const [, name, index] = /^([^[]*)((?:\[\d+\])*)$/.exec(step) ?? []
    const inner = outer.groups?.find((group) => group.name === name)
    if (!inner) return refuse(`${file} has no ${step} in ${outer.name} for its block ${wish}`)
    if ((inner.count === undefined) !== (index === ''))
      return refuse(`${wish} of ${file}: ${step} is ${inner.count ? 'an array, so name one of it' : 'no array'}`)
    return inner
  }, block)
  const { width, access } = block
  const { name, registers, memories, groups } = part
  return { width, access, name, registers, memories, groups }
}

function toList(words: string, parts: { name: string }[]): string {
  const names = parts.map(({ name }) => name)
  const most = 20
  return `${words} ${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`
}
