/**
 * The RTL's own words: on to whoever listens, and into a file of the run directory. A model that prints without end
 * waits in its pipe for who takes it; neither memory nor disk are filled by it.
 */
import { createWriteStream, type WriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { makeForeign } from '../ground/foreign-files.js'
import { BoundedLines } from '../ground/bounded-lines.js'
import { modelFiles } from '../run/layout.js'
import type { ModelSettings } from './running-model.js'

/** The most bytes that the file takes; what listeners get has no such limit. */
const mostOutput = 64 * 2 ** 20

export function keepOutput(streams: Readable[], { name, runDirectory, onOutput }: ModelSettings): void {
  // Opened at once: a stream that opens when the folder is on its way out would make a file in it.
  const path = modelFiles(runDirectory, name).output
  const file = createWriteStream(path, { fd: makeForeign(path) })
  // A disk that takes no more must not hold up who listens.
  file.on('error', () => streams.forEach((stream) => stream.resume()))
  let open = streams.length
  for (const stream of streams) {
    const lines = new BoundedLines((line) => {
      keepLine(file, line)
      onOutput(line)
    })
    stream.on('data', (chunk: Buffer) => {
      lines.take(chunk)
      if (!file.writableNeedDrain) return
      stream.pause()
      file.once('drain', () => stream.resume())
    })
    stream.on('error', () => undefined)
    stream.on('end', () => lines.end())
    stream.on('close', () => --open === 0 && file.end())
  }
}

function keepLine(file: WriteStream, line: string): void {
  const before = file.bytesWritten + file.writableLength
  if (!file.writable || before > mostOutput) return
  file.write(`${line}\n`)
  if (before + line.length >= mostOutput) file.write(`(cut here: this file holds ${mostOutput} bytes)\n`)
}
