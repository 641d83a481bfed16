/** trapline.h: a program that links against the agent says itself, byte by byte, what is a device. */
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { agent, root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

function compile(scratch: Scratch, compiler: string[], name = 'watcher'): string {
  const program = join(scratch.path, name)
  const source = join(root, `test/e2e/linked/${name}.c`)
  const libraries = ['-L', dirname(agent), '-ltrapline', `-Wl,-rpath,${dirname(agent)}`]
  const [command = '', ...flags] = compiler
  execFileSync(command, [...flags, '-Wall', '-Werror', '-I', join(root, 'trap'), '-o', program, source, ...libraries])
  return program
}

it.each([
  ['C', ['gcc', '-std=c17', '-D_GNU_SOURCE']],
  ['C++', ['g++', '-std=c++17', '-x', 'c++']],
])('%s: watched bytes are the device, the rest of their pages stays memory', async (_language, compiler) => {
  const scratch = makeScratch()
  const program = compile(scratch, compiler)
  const { status, stdout, log } = await runHost(scratch, configOf('axil_ram'), [program, 'dut'])
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'watcher: 12 watched bytes, memory around them whole\n' })
  const offsets = log.filter(({ op }) => op === 'write').map(({ offset }) => offset)
  expect(offsets).toEqual(Array.from({ length: 12 }, (_, i) => 0x100 + i))
})

it('what lies beside them is memory for system calls and for locks', async () => {
  const scratch = makeScratch()
  const program = compile(scratch, ['gcc', '-std=c17', '-D_GNU_SOURCE', '-pthread'], 'neighbours')
  const { status, stdout, stderr, log } = await runHost(scratch, configOf('axil_ram'), [program, 'dut'])
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: 'neighbours: memory for the kernel too\n' })
  expect(log.map(({ op, offset, widthBytes }) => ({ op, offset, widthBytes }))).toEqual([
    { op: 'write', offset: 0, widthBytes: 4 },
    { op: 'read', offset: 0, widthBytes: 4 },
  ])
})

it('without Trapline it is told that there is no device', () => {
  const scratch = makeScratch()
  const program = compile(scratch, ['gcc', '-std=c17', '-D_GNU_SOURCE'])
  const script = `"$0" dut; test $? = 1`
  const stdout = execFileSync('sh', ['-c', script, program], { encoding: 'utf8' })
  expect(stdout).toBe('watcher: watch: No such device\n')
})
