/**
 * A program that the host starts, and that no agent can be in, starts as ever; the run says so at its end. Without the
 * net those are static ones, which it can't be brought into then (entered.test.ts).
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

function compileStatic(scratch: Scratch): string {
  const source = scratch.write('still.c', '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
  const program = join(scratch.path, 'still')
  execFileSync('gcc', ['-static', '-o', program, source])
  return program
}

async function run(scratch: Scratch, command: string[]) {
  const config = scratch.write('c.json', configOf('axil_regs'))
  const ended = await trapline(scratch, ['run', '--config', config, '--no-net', '--', ...command])
  return { ...ended, said: ended.sentences.filter((sentence) => sentence.includes('ran without')) }
}

const python = (...statements: string[]) => ['python3', '-c', ['import os, subprocess', ...statements].join('\n')]

/** Every way to start a program; each starts `still` from the folder of the test. */
const ways: [string, string[]][] = [
  ['vfork and execve', ['sh', '-c', './still; true']],
  ['posix_spawn', python('os.waitpid(os.posix_spawn("./still", ["still"], {}), 0)')],
  ['posix_spawnp', python('os.waitpid(os.posix_spawnp("./still", ["still"], os.environ), 0)')],
  ['execv', python('os.execv("./still", ["still"])')],
  ['execvp and PATH', ['env', 'PATH=/nowhere:.', 'still']],
  ['fork and exec of Python', python('subprocess.run(["./still"])')],
]

it.each(ways)('by %s', async (_way, command) => {
  const scratch = makeScratch()
  compileStatic(scratch)
  const { status, stdout, said } = await run(scratch, command)
  expect(said).toEqual(['./still is statically linked, so it ran without Trapline'])
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello\n' })
})

it('as an open file', async () => {
  const scratch = makeScratch()
  compileStatic(scratch)
  const { stdout, said } = await run(
    scratch,
    python('os.execve(os.open("./still", os.O_RDONLY), ["still"], os.environ)'),
  )
  expect({ stdout, said }).toEqual({
    stdout: 'hello\n',
    said: ['the program of a descriptor is statically linked, so it ran without Trapline'],
  })
})

it('is counted, also as the interpreter of a script', async () => {
  const scratch = makeScratch()
  const still = compileStatic(scratch)
  chmodSync(scratch.write('script', `#! ${still} -x\n`), 0o755)
  const { stdout, said } = await run(scratch, ['sh', '-c', './still; ./still; ./script'])
  expect(stdout).toBe('hello\n'.repeat(3))
  expect(said).toEqual([
    './still is statically linked, so it ran without Trapline (2 times)',
    './script is statically linked, so it ran without Trapline',
  ])
})

it('that is setuid', async () => {
  const scratch = makeScratch()
  const other = process.getuid?.() === 0 ? 65534 : undefined
  const copy = join(scratch.path, 'true')
  copyFileSync('/bin/true', copy)
  if (other !== undefined) execFileSync('chown', [`${other}`, copy])
  chmodSync(copy, 0o4755)
  const { said } = await run(scratch, ['sh', '-c', './true; true'])
  // Without root the copy is our own, and gives nobody a privilege.
  expect(said).toEqual(other === undefined ? [] : ['./true is setuid, so it ran without Trapline'])
})

it('nothing is said of programs that are trapped, or not there', async () => {
  const scratch = makeScratch()
  const { said } = await run(scratch, ['sh', '-c', 'busybox true; ls >/dev/null; ./nothing; no-such-program; true'])
  expect(said).toEqual([])
})

it('the loader, called by its name, loads the agent as ever', async () => {
  const scratch = makeScratch()
  const loader = '/lib64/ld-linux-x86-64.so.2'
  const poke = [host('poke'), '/dev/mem', `${base}`, '4', '4']
  const child = await run(scratch, ['sh', '-c', `${loader} ${poke.join(' ')}; true`])
  expect(child).toMatchObject({ status: 0, stdout: '0x54524150\n', said: [] })
  expect(await run(scratch, [loader, ...poke])).toMatchObject({ status: 0, stdout: '0x54524150\n', said: [] })
  // A static program that can be loaded anywhere is none.
  const source = scratch.write('still.c', '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
  execFileSync('gcc', ['-static-pie', '-o', join(scratch.path, 'still'), source])
  expect((await run(scratch, ['sh', '-c', './still; true'])).said).toEqual([
    './still is statically linked, so it ran without Trapline',
  ])
})
