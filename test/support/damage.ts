/** What power cuts, full disks and bad blocks make of files. */
import {
  closeSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** Each leaves name, and where it can size and times, as they were. */
export const damages: Record<string, (file: string) => void> = {
  truncated: (file) => truncateSync(file, statSync(file).size >> 1),
  emptied: (file) => truncateSync(file, 0),
  flipped: (file) => {
    const { size, atime, mtime } = statSync(file)
    const opened = openSync(file, 'r+')
    const byte = Buffer.alloc(1)
    readSync(opened, byte, 0, 1, size >> 1)
    writeSync(opened, Buffer.from([byte.readUInt8(0) ^ 1]), 0, 1, size >> 1)
    closeSync(opened)
    utimesSync(file, atime, mtime)
  },
  removed: (file) => rmSync(file),
}

/** Paths of all files below it. */
export function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}
