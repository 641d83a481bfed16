/** Blocks of registers from a file of any format, by its ending; what is read is looked over here, whatever it was. */
import { readFile } from 'node:fs/promises'
import { extname, relative } from 'node:path'
import type { z } from 'zod'
import { toMessage, TraplineError } from '../ground/errors.js'
import { descriptionSchema, type DescribedBlock } from './description.js'

/** How each format is read: not before there is a file of it. */
const readers: Record<string, (path: string, file: string, text: string) => Promise<unknown>> = {
  '.rdl': async (path, file) => (await import('./read-systemrdl.js')).readSystemRdl(path, file),
  '.svd': async (_path, file, text) => readXmlBlocks(file, text),
  '.xml': async (_path, file, text) => readXmlBlocks(file, text),
  '.json': async (_path, file, text) => (await import('./read-json.js')).readJson(file, text),
}

/** What this process has read: benches of many tests have one description. */
const known = new Map<string, { text: string; blocks: DescribedBlock[] }>()

/** @param path absolute */
export async function readBlocks(path: string): Promise<DescribedBlock[]> {
  const near = relative(process.cwd(), path)
  const file = near.startsWith('..') ? path : near
  const read = readers[extname(path).toLowerCase()]
  if (!read)
    throw new TraplineError(
      'config',
      `${file} is no description of registers that is known; it must be SystemRDL (.rdl), SVD (.svd), IP-XACT (.xml) ` +
        `or JSON (.json)`,
    )
  const text = await readText(path, file)
  const before = known.get(path)
  // What SystemRDL includes may have changed though the file has not; its reader looks after that.
  if (before?.text === text && read !== readers['.rdl']) return before.blocks
  const blocks = validate(file, await read(path, file, text))
  known.set(path, { text, blocks })
  return blocks
}

function validate(file: string, input: unknown): DescribedBlock[] {
  const { data, error } = descriptionSchema.safeParse(input, { jitless: true })
  if (data) return data.blocks
  throw new TraplineError('config', toSentence(file, input, error), { cause: error })
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const problem =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `can't be read (${toMessage(error)})`
    throw new TraplineError('config', `the description of registers ${file} ${problem}`, { cause: error })
  }
}

/** SVD and IP-XACT are both told by the root, for SVD has been seen under either ending. */
async function readXmlBlocks(file: string, text: string): Promise<unknown> {
  const { readXml } = await import('./xml-tree.js')
  const root = readXml(file, text)
  if (root.tag === 'device') return (await import('./read-svd.js')).toSvdDescription(root)
  return (await import('./read-ipxact.js')).toIpxactDescription(root)
}

/** The first problem, at the place of the smallest thing around it that has one. */
function toSentence(file: string, input: unknown, { issues }: z.ZodError): string {
  const [first] = issues
  const path = first?.path ?? []
  const around = path.reduce<unknown[]>(
    (found, key) => [...found, (found.at(-1) as Record<PropertyKey, unknown> | undefined)?.[key]],
    [input],
  )
  const places = around.map((one) => (one as { at?: unknown } | null | undefined)?.at)
  const at = places.findLast((place) => typeof place === 'string') ?? `${file}:1`
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const key = path.map(String).join('.') || 'the description'
  return `${String(at)}: ${key}: ${first?.message}${more}`
}
