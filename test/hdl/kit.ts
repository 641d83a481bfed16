/** The kit of hdl/kit in a simulator that knows nothing of Trapline: Verilator as anybody uses it (`--binary`). */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, onTestFinished } from 'vitest'
import { ModelLink } from '../../bridge/model/model-link.js'
import type { Access, Completion } from '../../bridge/wire/access.js'
import { decodeCompletion, encodeAccess, type Fault, type Hello, type InterruptChange } from '../../bridge/wire/wire.js'
import { cache, root } from '../support/places.js'

export const kitFolder = join(root, 'hdl/kit')
const testbench = 'hdl/kit/example_tb.sv'
/** What drives `example_tb`: the sample, and one in its place that does what no sample does. */
const designs = { gpio: 'hdl/models/axil_gpio.sv', odd: 'test/hdl/cores/odd/axil_gpio.sv' }
const sourceFolders = ['hdl/kit', 'hdl/sim', 'hdl/bfm', 'proto/trapline/v1']

/** As the README says it for Verilator. Everything that it warns of is an error. */
export const verilatorFlags = ['--timing', '-Wall', '--timescale', '1ns/1ps']

/** Of a Verilator that has --timing; the one in PATH has, from 5.006 on. */
export function verilatorRoot(): string {
  return execaSync('verilator', ['--getenv', 'VERILATOR_ROOT']).stdout
}

/** Kept among the built models: a second run of the tests compiles nothing. */
export function buildBench(design: keyof typeof designs = 'gpio'): string {
  const home = join(cache, `kit-${digest()}`)
  const executable = join(home, design, 'bench')
  if (existsSync(executable)) return executable
  const library = join(home, 'libtrapline_kit.so')
  const svdpi = join(verilatorRoot(), 'include', 'vltstd')
  execaSync('make', ['-f', join(kitFolder, 'kit.mk'), '-j2', `SVDPI=${svdpi}`, `OUT=${library}`])
  const sources = ['-F', 'hdl/kit/files.f', '+incdir+hdl/models', designs[design], testbench]
  const link = ['-LDFLAGS', `-Wl,-rpath,${home}`, '-MAKEFLAGS', 'OPT_FAST=-O1 CFG_CXXFLAGS_COROUTINES=-fcoroutines']
  const build = [
    '--binary',
    '--assert',
    '-j',
    '2',
    '--Mdir',
    join(home, design),
    '-o',
    'bench',
    '--top-module',
    'example_tb',
  ]
  execaSync('verilator', [...build, ...verilatorFlags, ...sources, library, ...link], { cwd: root })
  return executable
}

function digest(): string {
  const hash = createHash('sha256').update(verilatorRoot())
  const isSource = (file: string) => /\.(sv|f|cc|h|mk|proto|options)$/.test(file)
  const listed = sourceFolders.flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file)))
  for (const file of [...listed.filter(isSource).sort(), ...Object.values(designs), testbench])
    hash.update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

/** A simulation of that bench with a bridge at its link: one session, 1, with one device, `dut`, at bus address 0. */
export class KitRun {
  readonly directory = mkdtempSync(join(tmpdir(), 'trapline-kit-'))
  readonly ended: Promise<{ status: number | null; output: string; fault: Fault | undefined }>
  readonly hello: Promise<Hello>
  readonly interrupts: InterruptChange[] = []
  readonly #log = join(this.directory, 'access.jsonl')
  readonly #child: ChildProcess
  readonly #socket: Socket
  readonly #link: ModelLink
  #fault: Fault | undefined
  #seq = 0n

  constructor(executable: string, link: string, flags: string[]) {
    const settings = ['--port', 's_axil', '--interrupt', 'irq_o', '--max-cycles', '1000', '--log', this.#log, ...flags]
    const env = { ...process.env, TRAPLINE_KIT_LINK: link, TRAPLINE_KIT_FLAGS: settings.join(' ') }
    this.#child = spawn(executable, [], { stdio: ['ignore', 'pipe', 'pipe'], env })
    let output = ''
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (text) => (output += text))
    const exited = new Promise<number | null>((resolve) => this.#child.on('close', resolve))
    this.ended = exited.then((status) => ({ status, output, fault: this.#fault }))
    this.#socket = new Socket()
    let greet: (hello: Hello) => void
    this.hello = new Promise((resolve) => (greet = resolve))
    this.#link = new ModelLink('kit', this.#socket, {
      onHello: (hello) => greet(hello),
      onProgress: () => undefined,
      onFault: (fault) => (this.#fault = fault),
      onInterrupt: (change) => this.interrupts.push(change),
      onClose: () => this.#socket.end(),
      onOwnFailure: () => this.#socket.end(),
    })
  }

  async open(link: string): Promise<void> {
    await expect.poll(() => existsSync(link)).toBe(true)
    this.#socket.connect(link)
    await this.hello
    const device = { handle: 1, name: 'dut', port: 0, address: 0, size: 0x1000 }
    await this.#link.call({ openSession: { session: 1, pid: 7, devices: [device] } }, 'done')
  }

  answered(access: Partial<Access>): Promise<Completion> {
    const encoded = encodeAccess({ seq: ++this.#seq, device: 1, ...access })
    return new Promise((resolve, reject) =>
      this.#link.sendAccess(1, encoded, {
        complete: (completion) =>
          completion ? resolve(decodeCompletion(completion)) : reject(new Error('the simulation is gone')),
      }),
    )
  }

  async reset(cycles = 0): Promise<bigint> {
    return (await this.#link.call({ reset: { cycles } }, 'done')).done.cycle
  }

  async advance(cycles: number): Promise<bigint> {
    return (await this.#link.call({ advance: { cycles } }, 'done')).done.cycle
  }

  async trace(): Promise<string> {
    return this.#link.call({ trace: { on: true } }, 'done').then(
      () => '',
      (error: Error) => error.message,
    )
  }

  async stop() {
    await this.#link.call({ stop: {} }, 'done')
    return this.ended
  }

  hangUp() {
    this.#socket.end()
    return this.ended
  }

  /** The access log without the wall clock. Read it after the end. */
  logLines(): Record<string, unknown>[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => ({ ...JSON.parse(line), wallNs: undefined }))
  }

  close(): void {
    this.#socket.destroy()
    this.#child.kill('SIGKILL')
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export async function runKit(executable: string, flags: string[] = []): Promise<KitRun> {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-kit-'))
  const link = join(folder, 'link')
  const run = new KitRun(executable, link, flags)
  onTestFinished(() => {
    run.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await run.open(link)
  return run
}
