/** The RTL's own words: on to whoever listens, and into a file of the run directory. */
import { createWriteStream, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { ModelSettings } from './running-model.js'

export function keepOutput(streams: Readable[], { name, runDirectory, onOutput }: ModelSettings): void {
  // Opened at once: a stream that opens when the folder is on its way out would make a file in it.
  const path = join(runDirectory, `${name}.output.log`)
  const file = createWriteStream(path, { fd: openSync(path, 'w') })
  file.on('error', () => undefined)
  for (const stream of streams) {
    createInterface({ input: stream }).on('line', (line) => {
      file.write(line + '\n')
      onOutput(line)
    })
  }
}
