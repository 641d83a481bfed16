/**
 * Programs of other languages, with runtimes that use signals and memory in their own ways. What the machine lacks is
 * skipped.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, toWords, trapline, type Ended } from '../support/trapline.js'

const ram = configOf('axil_ram')
const source = (name: string) => join(root, 'test/e2e/tools', name)
const device = ['/dev/mem', `${base}`]

const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0

/** Runs a compiler in the test's own folder; its caches lie there too. */
function build(scratch: Scratch, program: string, args: string[], env: Record<string, string> = {}): void {
  execFileSync(program, args, { cwd: scratch.path, env: { ...process.env, ...env }, stdio: 'pipe' })
}

/** Without an access log, which a run that does not begin does not write. */
function refused(scratch: Scratch, program: string[]): Promise<Ended> {
  return trapline(scratch, ['run', '--config', scratch.write('trapline.config.json', ram), '--', ...program])
}

it.skipIf(!has('rustc', '--version'))('Rust, with two threads', async () => {
  const scratch = makeScratch()
  build(scratch, 'rustc', ['-O', '-o', 'registers', source('registers.rs')])
  const { status, stdout, log } = await runHost(scratch, ram, [join(scratch.path, 'registers'), ...device])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '9\n' })
  expect(log).toHaveLength(41)
})

const goOwn = { GOCACHE: join(root, 'build/test/go'), GO111MODULE: 'off', GOFLAGS: '' }
const goSettings = { ...goOwn, CGO_ENABLED: '1' }

describe.skipIf(!has('go', 'version'))('Go', () => {
  it('with cgo: accesses, garbage collection, nil pointers', async () => {
    const scratch = makeScratch()
    build(scratch, 'go', ['build', '-o', 'registers', source('registers.go')], goSettings)
    const { status, stdout, log } = await runHost(scratch, ram, [join(scratch.path, 'registers'), ...device])
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'true true\n'.repeat(10) })
    // An atomic store of Go is an exchange, which reads too.
    expect(log).toHaveLength(30)
  })

  it('as a library that comes with a program of C, from its start on', async () => {
    const scratch = makeScratch()
    build(scratch, 'go', ['build', '-buildmode=c-shared', '-o', 'libpart.so', source('part.go')], goSettings)
    scratch.write('main.c', 'void Recover(void); int main(void) { Recover(); }')
    build(scratch, 'gcc', ['-o', 'main', 'main.c', '-L.', '-lpart', '-Wl,-rpath,$ORIGIN'])
    const env = { DEVICE: '/dev/mem', BASE: `${base}` }
    const { stdout, stderr, log } = await runHost(scratch, ram, [join(scratch.path, 'main')], { env })
    const recovered = 'runtime error: invalid memory address or nil pointer dereference'
    expect(stdout, stderr).toBe(`4 4 [1 2 3 4]\n${recovered}\n`)
    expect(log.map(toWords)).toEqual(['write dut+0x8 4 B = 0x04030201', 'read dut+0x8 4 B = 0x04030201'])
  })
})

it.skipIf(!has('javac', '-version'))('Java: null checks, safepoints and stack overflow by SIGSEGV', async () => {
  const scratch = makeScratch()
  build(scratch, 'javac', ['-d', '.', source('Registers.java')])
  const program = ['java', '-cp', scratch.path, '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED', 'Registers', ...device]
  const { status, stdout, log } = await runHost(scratch, ram, program)
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'Invalid argument\n20 nulls, 0 wrong, last 19900\n' })
  expect(log).toHaveLength(401)
})

describe.each([
  ['trapped', [], {}],
  ['patched', ['--patch'], { TRAPLINE_PATCH_AFTER: '1' }],
])('exceptions out of bus errors, %s', (way, flags: string[], env) => {
  const small = configOf(sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }), { size: 0x2000 })
  const words = (count: string) => (way === 'patched' ? [`--patch: ${count} patched`] : [])
  const patchWords = ({ sentences }: Ended) => sentences.filter((sentence) => sentence.startsWith('--patch'))

  it('C++: thrown by a SIGBUS handler', async () => {
    const scratch = makeScratch()
    const options = ['-std=c++17', '-O2', '-Wall', '-Werror', '-fnon-call-exceptions', '-pthread']
    build(scratch, 'g++', [...options, '-o', 'throws', source('throws.cpp')])
    const program = [join(scratch.path, 'throws'), ...device, '0x1000']
    const ended = await runHost(scratch, small, program, { flags, env })
    expect(ended).toMatchObject({ status: 0, stdout: 'answered 4, caught 4, cleaned 12\n'.repeat(2) })
    expect(patchWords(ended)).toEqual(words('2 instructions were'))
  })

  it.skipIf(!has('go', 'version'))('Go: a panic, beside a garbage collector and a profiler', async () => {
    const scratch = makeScratch()
    build(scratch, 'go', ['build', '-o', 'preempted', source('preempted.go')], goSettings)
    const ended = await runHost(scratch, small, [join(scratch.path, 'preempted'), ...device], { flags, env })
    expect(ended).toMatchObject({ status: 0, stdout: '0 wrong, refused at 0x1400 and 0x1400, then 0x1020304\n' })
    expect(patchWords(ended).map((sentence) => sentence.replace(/; .*/, ''))).toEqual(words('1 instruction was'))
  })
})

it.skipIf(!has('perl', '-v'))('Perl, by read and write', async () => {
  const { status, stdout, log } = await runHost(makeScratch(), ram, ['perl', source('registers.pl'), ...device])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '11223344\n' })
  expect(log.map(toWords)).toEqual(['write dut+0x8 4 B = 0x11223344', 'read dut+0x8 4 B = 0x11223344'])
})

it.skipIf(!has('python3', '--version'))('Python: faulthandler reports crashes, not accesses', async () => {
  const { status, stdout, stderr, log } = await runHost(makeScratch(), ram, ['python3', source('crash.py'), ...device])
  expect({ status, stdout }).toEqual({ status: 139, stdout: '7\n' })
  expect(stderr).toMatch(/^Fatal Python error: Segmentation fault$/m)
  expect(log.map(toWords)).toEqual(['write dut+0x4 1 B = 0x07', 'read dut+0x4 1 B = 0x07'])
})

it.skipIf(!has('valgrind', '--version'))('valgrind: refused, also behind a shell', async () => {
  for (const [program, expected] of [
    [['valgrind', 'true'], 126],
    [['sh', '-c', 'valgrind -q true'], 125],
  ] as const) {
    const { status, stderr } = await refused(makeScratch(), [...program])
    expect(status).toBe(expected)
    expect(stderr).toMatch(/valgrind hides the vector registers from signal handlers/)
  }
})
