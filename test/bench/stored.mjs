/** What runs of the benchmark leave in the checkout: JSON, laid out as its formatter has it. */
import { writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'

/**
 * @param {string} file
 * @param {unknown} content
 */
export async function store(file, content) {
  const options = { ...(await resolveConfig(file)), filepath: file }
  await writeFile(file, await format(JSON.stringify(content, undefined, 2), options))
}
