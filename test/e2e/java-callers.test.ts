/** Accesses of Java are blamed on its methods, where the virtual machine writes down for perf what it has compiled. */
import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const hasJava = spawnSync('javac', ['-version']).status === 0
const unlessJava = hasJava ? '' : ' (needs default-jdk-headless)'
const count = 400

/** The program's own methods are compiled before they run for the first time, and none into another. */
const compiled = ['-Xcomp', ...['quiet', 'compileonly,Callers::*', 'dontinline,Callers::*'].map(toOption)]
const atExit = ['-XX:+UnlockDiagnosticVMOptions', '-XX:+DumpPerfMapAtExit']

function toOption(command: string): string {
  return `-XX:CompileCommand=${command}`
}

/** `script` finds the program in its arguments. */
async function run(options: string[], { script = 'exec "$@" < /dev/null', flags = [] as string[] } = {}) {
  const scratch = makeScratch()
  const source = join(root, 'test/e2e/tools/Callers.java')
  execFileSync('javac', ['-d', scratch.path, source], { stdio: 'pipe' })
  const java = ['java', '-cp', scratch.path, '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED', ...options, 'Callers']
  const command = ['sh', '-ec', script, 'sh', ...java, '/dev/mem', String(base), String(count)]
  // By mailboxes callers are told only if asked for, whatever lane the tests are run by.
  const ended = await runHost(scratch, configOf('axil_ram'), command, { flags: ['--lane', 'grpc', ...flags] })
  onTestFinished(() => ended.log.slice(0, 1).forEach(({ pid }) => rmSync(`/tmp/perf-${pid}.map`, { force: true })))
  expect(ended.status, ended.stderr).toBe(0)
  expect(ended.log.length).toBe(count)
  return ended.log
}

const symbolsOf = (log: { symbol: string }[]) => [...new Set(log.map(({ symbol }) => symbol))]

it.skipIf(!hasJava)(`the method, by a map that is written at its end${unlessJava}`, async () => {
  const log = await run([...compiled, ...atExit, '-XX:+PreserveFramePointer'])
  expect(symbolsOf(log)).toEqual(['Callers.readRegister(int)'])
  const callers = log.at(-1)?.frames?.map((frame) => frame.function)
  expect(callers?.slice(0, 3)).toEqual([
    ...['Callers.readRegister(int)', 'Callers.pollStatus(int)', 'Callers.main(java.lang.String[])'],
  ])
})

it.skipIf(!hasJava)(`its caller, where its own name is to be passed over${unlessJava}`, async () => {
  const flags = ['--skip-frame', 'Callers.read*']
  const log = await run([...compiled, ...atExit, '-XX:+PreserveFramePointer'], { flags })
  expect(symbolsOf(log)).toEqual(['Callers.pollStatus(int)'])
})

it.skipIf(!hasJava)(`the method, by a map that jcmd had it write; then it is killed${unlessJava}`, async () => {
  const script = [
    'mkfifo in out; "$@" < in > out & exec 3> in 4< out; read -r done <&4',
    'jcmd $! Compiler.perfmap; kill -KILL $!',
  ]
  const log = await run(compiled, { script: script.join('\n') })
  expect(symbolsOf(log)).toEqual(['Callers.readRegister(int)'])
})

it.skipIf(!hasJava)(`the method that called the JDK's, not the JDK's${unlessJava}`, async () => {
  // A method that is no more than a call of the processor's own is one of the JDK's, if it is not compiled in place.
  const notInPlace = [toOption('compileonly,*.getInt*'), toOption('dontinline,*.getInt*')]
  const options = [...atExit, ...compiled, ...notInPlace, '-XX:DisableIntrinsic=_getInt', '-XX:+PreserveFramePointer']
  const log = await run(options)
  expect(symbolsOf(log)).toEqual(['Callers.readRegister(int)'])
  expect(log.at(-1)?.frames?.[1]?.function).toMatch(/^(sun|jdk)\./)
})

it.skipIf(!hasJava)(`of one that interprets there is the virtual machine's own function${unlessJava}`, async () => {
  const log = await run(['-Xint', ...atExit])
  expect(symbolsOf(log).filter((symbol) => symbol.includes('Callers'))).toEqual([])
})
