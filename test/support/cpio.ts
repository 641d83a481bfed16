/**
 * Archives in the format in which Linux takes its first file system (cpio, "newc": the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst). Written as it goes, folders above a file by themselves.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const modes = { folder: 0o040755, file: 0o100644, program: 0o100755 }

export class CpioArchive {
  readonly #file: number
  readonly #names = new Set<string>()

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  addFolder(path: string): void {
    this.#add(path, 'folder', Buffer.alloc(0))
  }

  /** @param path absolute, in the archive */
  addText(path: string, text: string, kind: 'file' | 'program' = 'file'): void {
    this.#add(path, kind, Buffer.from(text))
  }

  /** A copy of a file of this machine; what is there already stays. */
  addCopy(path: string, from: string, kind: 'file' | 'program' = 'program'): void {
    if (!this.#names.has(path)) this.#add(path, kind, readFileSync(from))
  }

  close(): void {
    this.#write('TRAILER!!!', 0, Buffer.alloc(0))
    closeSync(this.#file)
  }

  #add(path: string, kind: keyof typeof modes, data: Buffer): void {
    if (path === '/' || this.#names.has(path)) return
    this.addFolder(dirname(path))
    this.#names.add(path)
    this.#write(path.slice(1), modes[kind], data)
  }

  #write(name: string, mode: number, data: Buffer): void {
    const [uid, gid, links, time, noDevice, check] = [0, 0, 1, 0, [0, 0, 0, 0], 0]
    const inode = this.#names.size
    const fields = [inode, mode, uid, gid, links, time, data.length, ...noDevice, name.length + 1, check]
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
    writeSync(this.#file, padded(Buffer.from(`${header}${name}\0`)))
    writeWhole(this.#file, padded(data))
  }
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
