/** `serve --run-dir`: programs that were started without Trapline's command line find a bridge by a name known beforehand. */
import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it, onTestFinished } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { agent } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

function flagsIn(scratch: Scratch): string[] {
  return ['serve', '--config', scratch.write('c.json', configOf('axil_regs')), '--run-dir', join(scratch.path, 'rd')]
}

async function serve(scratch: Scratch) {
  const bridge = startTrapline(scratch, flagsIn(scratch))
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  await bridge.untilStdout(/^unix:.+$/m)
  return bridge
}

/** Only the agent and its environment: no command line of ours on this side. */
async function readRegister(scratch: Scratch): Promise<string> {
  const directory = join(scratch.path, 'rd')
  const env = { LD_PRELOAD: agent, TRAPLINE_BRIDGE: `unix:${directory}/bridge.sock`, TRAPLINE_RUN_DIR: directory }
  return (await execa('busybox', ['devmem', at(4), '32'], { env })).stdout
}

it('the link follows the bridge, and goes with it', async () => {
  const scratch = makeScratch()
  const bridge = await serve(scratch)
  expect(await readRegister(scratch)).toMatch(/^0x[\dA-F]{8}$/)
  bridge.kill('SIGTERM')
  expect((await bridge.ended).status).toBe(0)
  expect(readdirSync(scratch.path).filter((name) => /^rd|^trapline-/.test(name))).toEqual([])
})

it('a bridge that is killed leaves a link to nowhere, and the next one takes it', async () => {
  const scratch = makeScratch()
  const bridge = await serve(scratch)
  const folder = join(scratch.path, readlinkSync(join(scratch.path, 'rd')))
  bridge.kill('SIGKILL')
  await bridge.ended
  await expect.poll(() => existsSync(folder)).toBe(false)
  await serve(scratch)
  expect(await readRegister(scratch)).toMatch(/^0x/)
})

it('what a container left that was killed is put away', async () => {
  const scratch = makeScratch()
  mkdirSync(join(scratch.path, 'trapline-former'))
  symlinkSync('trapline-former', join(scratch.path, 'rd'))
  await serve(scratch)
  expect(await readRegister(scratch)).toMatch(/^0x/)
  expect(existsSync(join(scratch.path, 'trapline-former'))).toBe(false)
})

it('a place of another bridge, or of other things, is refused', async () => {
  const scratch = makeScratch()
  await serve(scratch)
  const second = await trapline(scratch, flagsIn(scratch))
  expect(second).toMatchObject({ status: 125, sentences: [expect.stringMatching(/there is one in use/)] })
  expect(await readRegister(scratch)).toMatch(/^0x/)
  const folder = [...flagsIn(scratch).slice(0, -1), scratch.folder()]
  const third = await trapline(scratch, folder)
  expect(third).toMatchObject({ status: 125, sentences: [expect.stringMatching(/is there already and not ours/)] })
})
