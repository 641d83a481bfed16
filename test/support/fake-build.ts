/** Stands in for the model builder where a test is about the bridge: gives the fake model of `fake-model.mjs`. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuiltModel } from '../../bridge/model/build-model.js'

const script = join(import.meta.dirname, 'fake-model.mjs')

/** An executable that starts the fake model with a behaviour. */
export function fakeExecutable(behaviour = ''): string {
  const file = join(mkdtempSync(join(tmpdir(), 'trapline-test-')), 'model')
  const flags = behaviour ? ` --behaviour ${behaviour}` : ''
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${script}"${flags} "$@"\n`, { mode: 0o755 })
  return file
}

export function fakeBuild(behaviour = '', ports = ['s_axil']): () => Promise<BuiltModel> {
  const executable = fakeExecutable(behaviour)
  return async () => ({
    executable,
    directory: '',
    hash: 'fake',
    cached: true,
    ports: ports.map((name) => ({ name, protocol: 'axi4-lite' as const, addressWidth: 32, dataWidth: 32 })),
    clock: { port: 'clk', periodPs: 10_000 },
    reset: undefined,
    trace: false,
    notes: [],
  })
}
