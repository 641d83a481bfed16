/** Stands in for the model builder where a test is about the bridge: gives the fake model of `fake-model.mjs`. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import type { Scratch } from './scratch.js'

const script = join(import.meta.dirname, 'fake-model.mjs')

/** A build whose executable starts the fake model with a behaviour. */
export function fakeBuild(scratch: Scratch, behaviour = ''): () => Promise<BuiltModel> {
  const executable = scratch.write(`model-${behaviour || 'good'}`, toScript(behaviour))
  chmodSync(executable, 0o755)
  return async () => ({
    executable,
    directory: '',
    hash: 'fake',
    cached: true,
    ports: [{ name: 's_axil', protocol: 'axi4-lite' as const, addressWidth: 32, dataWidth: 32 }],
    managers: [],
    streams: [],
    interrupts: [],
    memories: [],
    clock: { port: 'clk', periodPs: 10_000 },
    furtherClocks: [],
    resetCycles: undefined,
    trace: false,
    notes: [],
    leftOut: [],
    heldClocks: [],
  })
}

function toScript(behaviour: string): string {
  const flags = behaviour ? ` --behaviour ${behaviour}` : ''
  return `#!/bin/sh\nexec "${process.execPath}" "${script}"${flags} "$@"\n`
}
