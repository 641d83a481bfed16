/** A child is followed whatever way it was started and whatever its parent did to the environment; else it is named. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

/** The register that tells what the device is: no memory has that word. */
const readIdentity = [host('poke'), '/dev/mem', `${base}`, '4', '4']

const ways = [
  ...[
    'system',
    'unsetenv',
    'popen',
    'wordexp',
    'posix_spawn',
    'posix_spawnp',
    'clone3',
    'execve',
    'vfork',
    'execle',
    'execvpe',
  ],
  ...['fexecve', 'execveat', 'syscall-execve', 'syscall-execveat', 'kernel'],
]

it.each(ways)('by %s from a process without environment', async (way) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const { status, stdout, sentences } = await trapline(scratch, [
    ...['run', '--config', config, '--', host('starter'), way],
    ...readIdentity,
  ])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0x54524150\n' })
  expect(sentences.filter((sentence) => sentence.includes('ran without'))).toEqual([])
  expect(sentences.at(-1)).toMatch(/^1 access \(1 read, 0 writes\)/)
})

it('by Python, and by a shell that unsets the variable', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const command = readIdentity.join(' ')
  const script =
    `unset LD_PRELOAD; ${command}; env -i ${command}; python3 -c 'import os; os.environ.clear(); ` +
    `os.system("${command}")'`
  const ended = await trapline(scratch, ['run', '--config', config, '--', 'sh', '-c', script])
  expect(ended).toMatchObject({ status: 0, stdout: '0x54524150\n'.repeat(3) })
})

/** These pass libc's names; the child goes on once it has been seen. */
it.each(['kernel', 'handle', 'handle-system'])('by %s, without the net: it is named', async (way) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const gate = join(scratch.path, 'gate')
  execFileSync('mkfifo', [gate])
  const report = join(scratch.path, 'report.json')
  const run = startTrapline(scratch, [
    ...['run', '--config', config, '--report', report, '--no-net', '--', host('starter'), way, '/bin/cat', gate],
  ])
  await run.untilStderr(/cat .*runs without Trapline\n/)
  writeFileSync(gate, 'gone on\n')
  expect(await run.ended).toMatchObject({ status: 0, stdout: 'gone on\n' })
  const { untrapped } = JSON.parse(readFileSync(report, 'utf8')) as { untrapped: string[] }
  expect(untrapped).toContainEqual(
    expect.stringMatching(
      /^\/bin\/cat \S+gate \(pid \d+\) was started without Trapline's environment, so it runs without Trapline$/,
    ),
  )
})
