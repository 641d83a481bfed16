/** A program that can't be trapped is refused before it starts, in one sentence that says why and what to do. */
import { chmodSync, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

/** Offset of `e_machine` in an ELF header (elf(5)), and a machine that this one is not. */
const [machineOffset, machineS390] = [18, 22]

const programs: { name: string; make(scratch: Scratch): string; status: number; words: RegExp }[] = [
  {
    name: 'not there',
    make: () => './no-such-program',
    status: 127,
    words: /no-such-program was not found: there is no such file; check its spelling/,
  },
  {
    name: 'not in PATH',
    make: () => 'no-such-program',
    status: 127,
    words: /no-such-program was not found: no directory of PATH has it; check its spelling or install it/,
  },
  {
    name: 'not executable',
    make: (scratch) => scratch.write('data', 'hello'),
    status: 126,
    words: /data is not executable; `chmod \+x .*data` lets it run/,
  },
  { name: 'a folder', make: (scratch) => scratch.folder(), status: 126, words: /t1 is a directory; name the program/ },
  {
    name: 'no program at all',
    make: (scratch) => executable(scratch.write('text', 'hello')),
    status: 126,
    words: /text is neither an ELF program nor a script with #!; start it through its interpreter/,
  },
  {
    name: 'setuid',
    make: (scratch) => copyOfTrue(scratch, 0o4755),
    status: 126,
    words: /true is setuid, so the kernel ignores the preloaded agent; run a copy of it without the privilege/,
  },
  {
    name: 'for another architecture',
    make: (scratch) => {
      const bytes = readFileSync('/bin/true')
      bytes.writeUInt16LE(machineS390, machineOffset)
      return executable(scratch.write('foreign', bytes))
    },
    status: 126,
    words: /foreign is a S\/390 program, and the agent traps x86-64 only; build it for x86-64/,
  },
  {
    name: 'a script without interpreter',
    make: (scratch) => executable(scratch.write('script', '#!/no/such/shell\n')),
    status: 127,
    words: /script: its interpreter \/no\/such\/shell was not found/,
  },
]

function executable(file: string): string {
  chmodSync(file, 0o755)
  return file
}

function copyOfTrue(scratch: Scratch, mode: number): string {
  const file = join(scratch.path, 'true')
  copyFileSync('/bin/true', file)
  chmodSync(file, mode)
  return file
}

it.each(programs)('a program that is $name: exit status $status', async ({ make, status, words }) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  // Without an emulator, which may be on this machine.
  const options = { env: { PATH: scratch.path } }
  const ended = await trapline(scratch, ['run', '--config', config, '--', make(scratch)], options)
  expect(ended.sentences).toEqual([expect.stringMatching(words)])
  expect(ended).toMatchObject({ status, stdout: '' })
})
