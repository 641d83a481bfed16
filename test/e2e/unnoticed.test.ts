/** Programs that touch no device get the answers that they get without Trapline. */
import { execa } from 'execa'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

/** With a UIO device there is a tree in place of /sys, too. */
const regs = configOf('axil_regs')
const config: TraplineConfig = {
  models: regs.models,
  devices: { ...regs.devices, uio0: { kind: 'uio', model: 'dut', maps: [{ size: 0x1000 }] } },
}

const programs = [
  'nowhere null-page',
  'nowhere closed',
  'nowhere end',
  'nowhere beyond',
  'nowhere shut',
  'nowhere gone',
  'odd_arguments',
  'small_stacks',
]

it.each(programs)('%s', async (program) => {
  const [name = '', ...args] = program.split(' ')
  const scratch = makeScratch()
  const natively = await execa(host(name), args, { reject: false, cwd: scratch.path, stripFinalNewline: false })
  const { status, stdout, stderr } = await runHost(scratch, config, [host(name), ...args])
  expect(natively.stdout.split('\n').length).toBeGreaterThan(10)
  expect(stdout, stderr).toBe(natively.stdout)
  expect(status, stderr).toBe(natively.exitCode)
})

it.each(['no device', 'a device'])('signals, with %s mapped', async (device) => {
  const scratch = makeScratch()
  const natively = await execa(host('signal_ways'), { stripFinalNewline: false })
  const program = [host('signal_ways'), ...(device === 'a device' ? ['/dev/mem', `${base}`] : [])]
  const { status, stdout, stderr } = await runHost(scratch, config, program)
  expect(stdout, stderr).toBe(natively.stdout)
  expect(status, stderr).toBe(0)
})

it('while one thread waits, another finds the numbers of descriptors that it has closed free', async () => {
  const script = `
import os, threading, time
def state(thread): return open(f'/proc/self/task/{thread.native_id}/syscall').read().split()[0]
waiting = threading.Thread(target=time.sleep, args=(60,), daemon=True)
waiting.start()
# clock_nanosleep or ppoll: what it stands in now.
while state(waiting) not in ('230', '271'): pass
print([os.dup(0) for _ in range(3)])
`
  const program = ['python3', '-c', script]
  const natively = await execa('python3', program.slice(1))
  const { status, stdout, stderr } = await runHost(makeScratch(), config, program)
  expect(stdout.trimEnd(), stderr).toBe(natively.stdout)
  expect(status).toBe(0)
})

it('a program that comes to no device has no connection to the bridge, be it of a run that has several', async () => {
  const look = 'cat /proc/self/net/unix >seen; grep -c "$TRAPLINE_RUN_DIR/bridge.sock" seen'
  const { stdout, stderr } = await runHost(makeScratch(), config, ['sh', '-c', `${look}; ${look}`])
  // The bridge's own and the way of the shell, which came first.
  expect(stdout, stderr).toBe('2\n2\n')
})

it.each(['no device', 'a device'])('what goes on after a signal, with %s mapped', async (device) => {
  const scratch = makeScratch()
  const natively = await execa(host('restarts'), { cwd: scratch.folder(), stripFinalNewline: false })
  const program = [host('restarts'), ...(device === 'a device' ? ['/dev/mem', `${base}`] : [])]
  const { status, stdout, stderr } = await runHost(scratch, config, program, { cwd: scratch.folder() })
  expect(natively.stdout).toContain('read, SA_RESTART, again and again: 1')
  expect(stdout, stderr).toBe(natively.stdout)
  expect(status, stderr).toBe(0)
})

/** What a program has from whoever starts it: what is done before `"$@"`, and what the program then does. */
const inheritances = [
  ['descriptors', 'echo three > three; "$@" 3<three 9>nine 12<three', 'cat <&3; echo nine >&9; cat nine; cat <&12'],
  ['a pipe', '{ "$@"; echo more >&5; } 5>&1 | cat', 'echo by a pipe >&5'],
  [
    'the end of a pipe',
    '{ "$@" 4>&1 >/dev/null | { cat; touch ended; }; } 4>&-',
    'exec 4>&-; until [ -e ended ]; do sleep 0.1; done',
  ],
  ['a lock', 'exec 9>lock; flock 9; "$@"', 'flock -n 9 && echo mine; flock -n lock true || echo nobody else'],
  ['only what was there', 'exec 7</etc/hosts 9</etc/passwd; "$@"', 'ls /proc/self/fd | tr "\\n" " "; cat <&9 | wc -l'],
  ['ignored signals', 'trap "" HUP USR1; "$@"; true', 'kill -HUP $$; kill -USR1 $$; grep SigIgn /proc/self/status'],
  ['what nohup ignores', 'bash -c \'nohup "$@"; true\' bash "$@"', 'kill -HUP $$; echo alive'],
  ['no ignored signals', '"$@"; true', 'grep -E "SigIgn|SigBlk" /proc/self/status'],
  ['the limit of open files', 'ulimit -Sn 512; "$@"; true', 'ulimit -Sn'],
  [
    'jobs of make',
    `printf 'all:\\n\\t+@"$$@"\\n' >/dev/null; printf 'all: a b\\na b:\\n\\t@echo job\\n' > inner.mk
    printf 'all:\\n\\t+@%s\\n' "$(printf "'%s' " "$@" | sed 's/\\$/$$/g')" > outer.mk; make -s -j2 -f outer.mk 2>&1`,
    'make -s -f inner.mk',
  ],
]

it.each(inheritances)('a program inherits %s', async (_what, before = '', after = '') => {
  const scratch = makeScratch()
  const program = ['sh', '-c', after]
  const natively = await execa('sh', ['-c', before, 'sh', ...program], { reject: false, cwd: scratch.folder() })
  const cwd = scratch.folder()
  const { stdout, stderr } = await runHost(scratch, config, program, { wrapper: ['sh', '-c', before, 'sh'], cwd })
  const own = stdout.split('\n').filter((line) => !line.startsWith('trapline: '))
  expect(own.join('\n').trimEnd(), stderr).toBe(natively.stdout)
})
