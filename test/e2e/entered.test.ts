/** Programs that no agent can be preloaded into: it is brought into them where they begin, and they run as ever. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf } from '../support/configs.js'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const ram = configOf('axil_ram')
const registers = configOf('axil_regs')
const device = ['/dev/mem', `${base}`]
const timer: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [join(root, 'hdl/models/axil_timer.sv')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}
const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0

function compile(scratch: Scratch, [compiler = '', ...flags]: string[], name: string): string {
  const program = join(scratch.path, name)
  const all = ['-std=c17', '-O2', '-D_GNU_SOURCE', '-pthread', ...flags]
  execFileSync(compiler, [...all, '-o', program, join(root, `test/e2e/hosts/${name}.c`)])
  return program
}

/** As Debian has them beside the compiler, so that nothing is needed in /lib. */
const i686 = 'i686-linux-gnu-gcc'
const libraries32 = '/usr/i686-linux-gnu/lib'
const kinds: [string, string[]][] = [
  ['static', ['gcc', '-static']],
  ['static, anywhere', ['gcc', '-static-pie']],
  ['static, of musl', ['musl-gcc', '-static']],
  ['with musl', ['musl-gcc']],
  ['static, of 32 bits', [i686, '-static']],
  [
    'of 32 bits',
    [i686, `-Wl,-dynamic-linker=${libraries32}/ld-linux.so.2`, `-Wl,--disable-new-dtags,-rpath=${libraries32}`],
  ],
]

/** What each prints. */
const hosts: [string, string[], TraplineConfig, string | RegExp][] = [
  ['poke', [...device, '4', '4', '0x1234'], ram, '0x00001234\n'],
  ['threads', [...device, '4', '20'], ram, 'threads: 4 threads, 20 rounds, 0 errors, counter 80\n'],
  ['forker', device, ram, /^forker: child well, /],
  ['first_times', [...device, '100'], ram, '100 of 100 children well\n'],
  ['uio_wait', ['/dev/uio0', 'poll', '5'], timer, 'poll: interrupts 1 to 5\n'],
  ['sigbus', [...device, '0x40'], registers, /^sigbus: si_code 2, offset 0x40, then 0x\w{8} at 0\n$/],
  ['segv', ['handler', ...device], registers, /^segv: si_addr 0x10, si_code 1, device /],
  ['own_libc', device, ram, 'own_libc: handled, 0 wrong\n'],
]

for (const [kind, compiler] of kinds) {
  const isThere = has(compiler[0] ?? '', '--version')
  describe.skipIf(!isThere)(`a program that is ${kind}${isThere ? '' : ` (needs ${compiler[0]})`}`, () => {
    it.each(hosts)('%s', async (name, words, config, output) => {
      const scratch = makeScratch()
      const { status, stdout, sentences } = await runHost(scratch, config, [compile(scratch, compiler, name), ...words])
      const expected: unknown = typeof output === 'string' ? output : expect.stringMatching(output)
      expect({ status, stdout }).toEqual({ status: 0, stdout: expected })
      expect(sentences.filter((sentence) => /qemu|without|can't/.test(sentence))).toEqual([])
    })
  })
}

const poke = (scratch: Scratch) => compile(scratch, ['gcc', '-static'], 'poke')

it('is called by its name, has its own variables and no child that it did not make', async () => {
  const scratch = makeScratch()
  const source = scratch.write(
    'self.c',
    `#include <stdio.h>
     #include <stdlib.h>
     #include <sys/wait.h>
     #include <unistd.h>
     int main(int n, char **v) {
       char path[4096] = "";
       ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
       return printf("%s %d %s %s %d\\n", v[0], n, path + (length > 4 ? length - 4 : 0), getenv("OWN"),
                     (int)waitpid(-1, NULL, 0)) < 0;
     }\n`,
  )
  execFileSync('gcc', ['-static', '-o', join(scratch.path, 'self'), source])
  const { status, stdout } = await runHost(scratch, ram, ['./self', 'word'], {
    cwd: scratch.path,
    env: { OWN: 'mine' },
  })
  expect({ status, stdout }).toEqual({ status: 0, stdout: './self 2 self mine -1\n' })
})

it.skipIf(!canBecomeNobody)(`as another user, without root (${needsNobody})`, async () => {
  const scratch = makeScratch()
  const program = poke(scratch)
  const options = { wrapper: asNobody, owner: nobody, env: { TRAPLINE_CACHE: cacheOfNobody() } }
  chmodSync(scratch.path, 0o755)
  const config = scratch.write('c.json', registers)
  const { status, stdout } = await trapline(
    scratch,
    ['run', '--config', config, '--', program, ...device, '4', '4'],
    options,
  )
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0x54524150\n' })
})

describe('children', () => {
  const ways: [string, (program: string) => string[]][] = [
    ['of a shell', (program) => ['sh', '-c', `${program}; true`]],
    ['found in PATH', (program) => ['env', 'sh', '-c', `PATH=.:$PATH; ${program.replace('./', '')}; true`]],
    ['of posix_spawn', (program) => ['python3', '-c', python('os.posix_spawn', program)]],
    ['of posix_spawnp, without variables', (program) => ['python3', '-c', python('os.posix_spawnp', program)]],
  ]
  function python(spawn: string, program: string): string {
    const [path, ...words] = program.split(' ')
    return `import os; os.waitpid(${spawn}(${JSON.stringify(path)}, ${JSON.stringify([path, ...words])}, {}), 0)`
  }
  it.each(ways)('%s', async (_way, toCommand) => {
    const scratch = makeScratch()
    poke(scratch)
    const command = toCommand(['./poke', ...device, '4', '4'].join(' '))
    const { status, stdout, sentences } = await runHost(scratch, registers, command, { cwd: scratch.path })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '0x54524150\n' })
    expect(sentences.filter((sentence) => sentence.includes('without'))).toEqual([])
  })

  it.each(['execve', 'vfork', 'posix_spawn', 'clone3', 'syscall-execveat'])(
    'of one that was brought in too, by %s',
    async (way) => {
      const scratch = makeScratch()
      const starter = compile(scratch, ['gcc', '-static', '-w'], 'starter')
      const command = [starter, 'execve', starter, way, poke(scratch), ...device, '4', '4']
      const { status, stdout, sentences } = await runHost(scratch, registers, command)
      expect({ status, stdout }).toEqual({ status: 0, stdout: '0x54524150\n' })
      expect(sentences.filter((sentence) => sentence.includes('without'))).toEqual([])
    },
  )

  /** As whom Python executes a file that is in memory alone. */
  const ofDescriptor = [
    ['a descriptor', 'file'],
    ['its path', 'f"/proc/self/fd/{file}"'],
  ] as const
  const inMemory = (path: string, then: string) => [
    ...['python3', '-c'],
    `import os; file = os.memfd_create("program"); os.write(file, open(${JSON.stringify(path)}, "rb").read())\n${then}`,
  ]
  it.each(ofDescriptor)('by %s that the exec closes', async (_way, word) => {
    const scratch = makeScratch()
    const then = `os.execve(${word}, ${JSON.stringify(['poke', ...device, '4', '4'])}, {})`
    const { status, stdout, sentences } = await runHost(scratch, registers, inMemory(poke(scratch), then))
    expect({ status, stdout }).toEqual({ status: 0, stdout: '0x54524150\n' })
    expect(sentences.filter((sentence) => sentence.includes('without'))).toEqual([])
  })

  it.each(ofDescriptor)('by %s, which is closed there', async (_way, word) => {
    const scratch = makeScratch()
    const program = compile(scratch, ['gcc', '-static'], 'descriptors')
    const [python = '', ...words] = inMemory(program, `os.execve(${word}, ["descriptors"], {})`)
    const native = execFileSync(python, words, { encoding: 'utf8' })
    expect((await runHost(scratch, registers, [python, ...words])).stdout).toBe(native)
  })

  it('by a descriptor, which the exec will still close when it has failed', async () => {
    const scratch = makeScratch()
    const then = `try: os.execve(file, ["x" * 200000], {})\nexcept OSError as error: print(error.strerror)
print(os.get_inheritable(file))`
    const { stdout } = await runHost(scratch, registers, inMemory(poke(scratch), then))
    expect(stdout).toBe('Argument list too long\nFalse\n')
  })

  it('as the interpreter of a script', async () => {
    const scratch = makeScratch()
    chmodSync(scratch.write('script', `#!${poke(scratch)} /dev/mem\n`), 0o755)
    const { stdout, sentences } = await runHost(scratch, registers, ['sh', '-c', './script; true'], {
      cwd: scratch.path,
    })
    // The script's own name is what the program takes for an address.
    expect(stdout).toBe('')
    expect(sentences.filter((sentence) => sentence.includes('without'))).toEqual([])
  })
})

const hasGo = has('go', 'version')
describe.skipIf(!hasGo)(`Go without C${hasGo ? '' : ' (needs go)'}`, () => {
  it.each(['exe', 'pie'])('%s: goroutines that share a device, and a nil pointer', async (mode) => {
    const scratch = makeScratch()
    const env = {
      ...process.env,
      GOCACHE: join(root, 'build/test/go'),
      GO111MODULE: 'off',
      GOFLAGS: '',
      CGO_ENABLED: '0',
    }
    const source = join(root, 'test/e2e/tools/plain.go')
    execFileSync('go', ['build', `-buildmode=${mode}`, '-o', 'plain', source], {
      cwd: scratch.path,
      env,
      stdio: 'pipe',
    })
    const { status, stdout, log } = await runHost(scratch, ram, [join(scratch.path, 'plain'), ...device])
    expect({ status, stdout }).toEqual({ status: 0, stdout: '4 20 36 52 true\n' })
    // Go looks for nil pointers by loads of one byte.
    expect(log.filter(({ op }) => op === 'write')).toHaveLength(20)
  })
})

it('needs the net, and says so', async () => {
  const scratch = makeScratch()
  const file = scratch.write('trapline.config.json', ram)
  const { status, sentences } = await trapline(scratch, ['run', '--config', file, '--no-net', '--', poke(scratch)])
  expect(status).toBe(125)
  expect(sentences).toEqual([expect.stringMatching(/poke is statically linked, .*: leave out --no-net/)])
})

describe('where nobody may trace', () => {
  function withoutPtrace(scratch: Scratch): string {
    const program = join(scratch.path, 'without_ptrace')
    execFileSync('gcc', ['-o', program, join(root, 'test/e2e/tools/without_ptrace.c')])
    return program
  }

  it('it is refused, in one sentence', async () => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', registers)
    // Without an emulator, which may be on this machine.
    const options = { env: { PATH: scratch.path }, wrapper: [withoutPtrace(scratch)] }
    const { status, sentences } = await trapline(scratch, ['run', '--config', config, '--', poke(scratch)], options)
    expect(status).toBe(126)
    expect(sentences).toEqual([
      expect.stringMatching(/poke is statically linked, .*ptrace\(2\), .* is forbidden here: .*; use its dynamic/),
    ])
  })

  it('a child runs without, which the end of the run says', async () => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', registers)
    const source = scratch.write('still.c', '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
    execFileSync('gcc', ['-static', '-o', join(scratch.path, 'still'), source])
    const command = [withoutPtrace(scratch), join(scratch.path, 'still')]
    const { status, stdout, sentences } = await trapline(scratch, ['run', '--config', config, '--', ...command])
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello\n' })
    expect(sentences).toContainEqual(expect.stringMatching(/still is statically linked, so it ran without Trapline/))
  })
})
