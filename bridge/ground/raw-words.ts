/**
 * Arguments, variables and names of files are bytes to the kernel, and text to Node, in which each byte that is no
 * UTF-8 has become U+FFFD. Here they are found again as this process was given them; `trap/keeper/raw_words.c` does it
 * for hosts.
 */
import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'

/** Whether bytes may have been lost in it. */
export function isLossy(text: string): boolean {
  return text.includes('\uFFFD')
}

/** The bytes of an argument of this process. */
export function toRawArgument(text: string): Buffer {
  return (isLossy(text) ? find('/proc/self/cmdline', text) : undefined) ?? Buffer.from(text)
}

/** The bytes of a variable's value. */
export function toRawVariable(name: string, value: string): Buffer {
  const entry = isLossy(value) ? find('/proc/self/environ', `${name}=${value}`) : undefined
  return entry?.subarray(Buffer.byteLength(name) + 1) ?? Buffer.from(value)
}

/** The places of a PATH; an empty one is the working directory. */
export function splitPath(places: Buffer): Buffer[] {
  return places
    .toString('latin1')
    .split(':')
    .map((place) => Buffer.from(place || '.', 'latin1'))
}

export function joinRaw(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name])
}

const workingDirectory = `/proc/${process.pid}/cwd`

/** A working directory whose name is no text can't be named but by the kernel's link to it. */
export function nameWorkingDirectory(): void {
  if (isLossy(process.cwd())) process.cwd = () => workingDirectory
}

/** Does what `resolve` does, but leaves what stands above that link to the kernel. */
export function toAbsolutePath(path: string): string {
  return process.cwd() === workingDirectory && !isAbsolute(path) ? `${workingDirectory}/${path}` : resolve(path)
}

function find(file: string, text: string): Buffer | undefined {
  const words = readFileSync(file).toString('latin1').split('\0')
  return words.map((word) => Buffer.from(word, 'latin1')).find((word) => word.toString('utf8') === text)
}
