/** Programs for other machines: they run under the emulator that is there for them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { findProgram } from '../../bridge/host/check-program.js'
import { toDetour } from '../../bridge/host/emulated.js'
import { openBench } from '../../bridge/vitest/bench.js'
import { base, configOf } from '../support/configs.js'
import { cache, host, root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

process.env.TRAPLINE_CACHE = cache
const ram = configOf('axil_ram')
const device = ['/dev/mem', `${base}`]
const timer: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}

const machines = [
  { machine: '64-bit ARM', compiler: 'aarch64-linux-gnu-gcc', emulator: 'qemu-aarch64' },
  { machine: '32-bit ARM', compiler: 'arm-linux-gnueabihf-gcc', emulator: 'qemu-arm' },
]
/** Starts the program that its words name. */
const parent = `
  #include <stdio.h>
  #include <stdlib.h>
  #include <sys/wait.h>
  #include <unistd.h>
  int main(int count, char **words) {
    int status;
    printf("%s: %s\\n", words[0], getenv("LD_PRELOAD") ? getenv("LD_PRELOAD") : "none");
    fflush(stdout);
    if (fork() == 0) { execv(words[1], words + 1); _exit(2); }
    return wait(&status) < 0 ? 3 : status;
  }\n`
const has = (program: string) => spawnSync(program, ['--version']).status === 0

/** Of the host programs' sources. */
function crossCompile(scratch: Scratch, compiler: string, name: string): string {
  const program = join(scratch.path, name)
  const flags = ['-std=c17', '-O2', '-static', '-D_GNU_SOURCE', '-pthread']
  execFileSync(compiler, [...flags, '-o', program, join(root, `test/e2e/hosts/${name}.c`)])
  return program
}

for (const { machine, compiler, emulator } of machines) {
  const missing = [compiler, emulator].filter((program) => !has(program))
  const reason = missing.length > 0 ? ` (needs ${missing.join(' and ')})` : ''

  describe.skipIf(missing.length > 0)(`a driver for ${machine}${reason}`, () => {
    it('has no more filters than a program of this machine that is linked as the emulator is', async () => {
      const scratch = makeScratch()
      const count = crossCompile(scratch, compiler, 'count_filters')
      const isStatic = toDetour(findProgram(emulator, process.env)) !== undefined
      const native = isStatic ? crossCompile(makeScratch(), 'gcc', 'count_filters') : host('count_filters')
      const counted = []
      for (const program of [native, count]) counted.push((await runHost(scratch, ram, [program])).stdout)
      expect(counted[0]).toMatch(/^[1-9]\d*\n$/)
      expect(counted[1]).toBe(counted[0])
    })

    it('reaches registers at their width', async () => {
      const scratch = makeScratch()
      const poke = crossCompile(scratch, compiler, 'poke')
      const words: string[] = []
      for (const width of ['1', '2', '4']) {
        const stored = await runHost(scratch, ram, [poke, ...device, '4', width, '0x5a'])
        const loaded = await runHost(scratch, ram, [poke, ...device, '4', width])
        words.push(...stored.log.map(toWords), ...loaded.log.map(({ op, widthBytes }) => `${op} ${widthBytes} B`))
      }
      expect(words).toEqual([
        ...['write dut+0x4 1 B = 0x5a', 'read 1 B'],
        ...['write dut+0x4 2 B = 0x005a', 'read 2 B'],
        ...['write dut+0x4 4 B = 0x0000005a', 'read 4 B'],
      ])
    })

    it('is told of in tests, too', async () => {
      await using bench = await openBench({ config: ram })
      await bench.run(crossCompile(makeScratch(), compiler, 'poke'), [...device, '4', '4'])
      expect(bench.output).toMatch(new RegExp(`^trapline: .*/poke is .*; it runs under ${emulator}$`, 'm'))
    })

    it('has threads, whose locked additions are never torn apart', async () => {
      const scratch = makeScratch()
      const threads = crossCompile(scratch, compiler, 'threads')
      const { status, stdout } = await runHost(scratch, ram, [threads, ...device, '4', '20'])
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'threads: 4 threads, 20 rounds, 0 errors, counter 80\n' })
    })

    it('has children', async () => {
      const scratch = makeScratch()
      const { status, stdout } = await runHost(scratch, ram, [crossCompile(scratch, compiler, 'forker'), ...device])
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('child well') as string })
    })

    it('is started by other programs, whatever they give it, and starts some itself', async () => {
      const scratch = makeScratch()
      crossCompile(scratch, compiler, 'poke')
      scratch.write('parent.c', parent)
      execFileSync(compiler, ['-static', '-o', 'parent', 'parent.c'], { cwd: scratch.path })
      const poke = (offset: number) => `./poke ${device.join(' ')} ${offset} 4 ${offset}`
      const command = [poke(4), `env -i ./parent ${poke(8)}`, `PATH=.:$PATH parent ./parent ${poke(12)}`].join(' && ')
      const { status, stdout, log, sentences } = await runHost(scratch, ram, ['sh', '-c', command], {
        cwd: scratch.path,
      })
      expect({ status, stdout: stdout.split('\n') }).toEqual({
        status: 0,
        stdout: [
          ...['0x00000004', './parent: none', '0x00000008'],
          ...['parent: none', './parent: none', '0x0000000c', ''],
        ],
      })
      expect(log.map(toWords)).toEqual(
        ['0x4', '0x8', '0xc'].map((at) => expect.stringContaining(` dut+${at} `) as string),
      )
      expect(sentences.filter((sentence) => sentence.includes('ran without'))).toEqual([])
    })

    it('waits for interrupts', async () => {
      const scratch = makeScratch()
      const wait = crossCompile(scratch, compiler, 'uio_wait')
      const { status, stdout } = await runHost(scratch, timer, [wait, '/dev/uio0', 'poll', '5'])
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'poll: interrupts 1 to 5\n' })
    })

    it('gets SIGBUS for what the bus refuses', async () => {
      const scratch = makeScratch()
      const registers = configOf('axil_regs')
      const { stdout } = await runHost(scratch, registers, [
        crossCompile(scratch, compiler, 'sigbus'),
        ...device,
        '0x40',
      ])
      expect(stdout).toMatch(/^sigbus: si_code 2, .*, then 0x\w{8} at 0\n$/)
    })

    it('is told the name that it was called by', async () => {
      const scratch = makeScratch()
      scratch.write('name.c', '#include <stdio.h>\nint main(int n, char **v) { puts(v[0]); return n - 2; }\n')
      execFileSync(compiler, ['-static', '-o', 'name', 'name.c'], { cwd: scratch.path })
      const { status, stdout } = await runHost(scratch, ram, ['./name', 'word'], { cwd: scratch.path })
      expect({ status, stdout }).toEqual({ status: 0, stdout: './name\n' })
    })
  })
}

const missing32 = ['as', 'ld', 'qemu-i386'].filter((program) => !has(program))
const reason32 = missing32.length > 0 ? ` (needs ${missing32.join(' and ')})` : ''

it.skipIf(missing32.length > 0)(`a driver for 32-bit x86, without libc${reason32}`, async () => {
  const scratch = makeScratch()
  const source = join(root, 'test/e2e/tools/registers_i386.s')
  const options = { cwd: scratch.path }
  execFileSync('as', ['--32', '--defsym', `MAP_PAGE=${base / 4096}`, '-o', 'driver.o', source], options)
  execFileSync('ld', ['-m', 'elf_i386', '-o', 'driver', 'driver.o'], options)
  const { status, log } = await runHost(scratch, ram, ['qemu-i386', join(scratch.path, 'driver')])
  expect(status).toBe(0x29)
  expect(log.map(toWords)).toEqual(['write dut+0x8 4 B = 0x11223329', 'read dut+0x8 1 B = 0x29'])
})
