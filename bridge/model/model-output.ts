/** The RTL's own words: on to whoever listens, and into a file of the run directory. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { ModelSettings } from './running-model.js'

export function keepOutput(streams: Readable[], { name, runDirectory, onOutput }: ModelSettings): void {
  const file = createWriteStream(join(runDirectory, `${name}.output.log`))
  file.on('error', () => undefined)
  for (const stream of streams) {
    createInterface({ input: stream }).on('line', (line) => {
      file.write(line + '\n')
      onOutput(line)
    })
  }
}
