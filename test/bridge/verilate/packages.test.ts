/**
 * Cores of FuseSoC and packages of Bender among sources. The tool here is a stand-in that speaks as FuseSoC 2.4.7 does:
 * the same command line in, the same files and lines out. The real one, from PyPI, runs in `test/generators`.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import { expandModel } from '../../../bridge/verilate/packages.js'
import { findTop } from '../../../bridge/verilate/find-top.js'
import { type ModelInput, toModel } from './to-model.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0
let home = ''

function write(name: string, text: string): void {
  mkdirSync(dirname(join(home, name)), { recursive: true })
  writeFileSync(join(home, name), text)
}

/**
 * `BODY` runs with `$root`, the core's folder as it is named from `$work`, where the files belong; `$*` is the command
 * line.
 */
function bringFusesoc(body: string): void {
  write(
    'bin/fusesoc',
    `#!/bin/sh
set -e
[ "$1 $2" = "--monochrome --cores-root" ] && [ "$4 $5 $6" = "run --setup --no-export" ]
work=$(echo "$*" | sed 's/.* --work-root \\([^ ]*\\) .*/\\1/')
mkdir -p "$work"
root=$(realpath --relative-to "$work" "$3")
echo "INFO: Preparing me:lib:core:1.0"
${body}
`,
  )
  chmodSync(join(home, 'bin', 'fusesoc'), 0o755)
}

const asVerilator = `cat > "$work/me_lib_core_1.0.vc" <<EOF
--Mdir .
--cc
+incdir+$root/inc
-CFLAGS -I$root/inc
$root/part.v
$root/core.sv
--top-module core
--exe
$root/answer.c
-GId=7
-GName=\\"a 42\\"
-DMORE=a b
EOF
echo 'VERILATOR_OPTIONS := --trace -Wno-WIDTH -CFLAGS "-O1 -DX=2"' > "$work/config.mk"
printf "cores:\\n  me:lib:core:1.0:\\n    core_file: $root/core.core\\n" > "$work/me_lib_core_1.0.eda.yml"`

beforeEach(() => {
  home = join(directory, `a project ${count++}`)
  write('ip/core.core', "CAPI=2:\nname: 'me:lib:core:1.0' # mine\n")
  for (const name of ['part.v', 'core.sv', 'answer.c', 'inc/core.vh']) write(`ip/${name}`, '')
  vi.stubEnv('PATH', `${join(home, 'bin')}:/usr/bin:/bin`)
  vi.stubEnv('TRAPLINE_CACHE', join(directory, 'cache'))
})
afterEach(() => vi.unstubAllEnvs())

function expand(model: ModelInput = {}, signal?: AbortSignal) {
  const options = { configDir: home, cacheDir: join(directory, 'cache'), signal }
  return expandModel(toModel({ sources: ['ip/core.core'], ...model }), options)
}

test("a core becomes the user's own files, folders, macros, parameters and options", async () => {
  bringFusesoc(asVerilator)
  expect(await expand({ parameters: { Id: 8 }, sources: ['ip/core.core', 'more.v'] })).toMatchObject({
    sources: ['ip/part.v', 'ip/core.sv', 'more.v'],
    includeDirs: ['ip/inc'],
    defines: { MORE: 'a b' },
    parameters: { Id: 8, Name: '"a 42"' },
    verilatorArgs: ['-Wno-WIDTH'],
    native: { sources: ['ip/answer.c'], compilerFlags: ['-O1', '-DX=2'] },
  })
})

test('its top module need not be named', async () => {
  bringFusesoc(asVerilator)
  expect(await findTop(toModel({ top: 'the RTL', sources: ['ip/core.core'] }), home)).toBe('core')
})

test('each look asks anew, for the target that is named', async () => {
  bringFusesoc(`case "$*" in *"--target lint --tool verilator"*) ${asVerilator}\n;; esac`)
  expect(await expand({ sources: ['ip/core.core#lint'] })).toMatchObject({ parameters: { Id: '7' } })
  bringFusesoc(asVerilator.replace('Id=7', 'Id=9'))
  expect(await expand({ sources: ['ip/core.core#lint'] })).toMatchObject({ parameters: { Id: '9' } })
})

test('a flow for another simulator is asked for ours', async () => {
  bringFusesoc(`case "$*" in *"me:lib:core:1.0 --tool verilator") ${asVerilator}\n;; esac`)
  expect(await expand()).toMatchObject({ sources: ['ip/part.v', 'ip/core.sv'] })
})

test.each([
  [
    'what it refuses',
    'echo "ERROR: it has no toplevel" >&2; exit 1',
    'fusesoc refused it: it has no toplevel (ip/core.core',
  ],
  [
    'an error of several lines',
    'printf "ERROR: Conflicting requirements:\\n  core <- part\\n  more\\n"; exit 1',
    'fusesoc refused it: Conflicting requirements: core <- part (',
  ],
  [
    'a core that it only warns of',
    'echo "WARNING: Ignoring me:lib:core:1.0 due to syntax"; echo "ERROR: Failed to resolve"; exit 1',
    'fusesoc refused it: Ignoring me:lib:core:1.0 due to syntax',
  ],
  [
    'a target of another tool',
    '',
    'fusesoc makes nothing for Verilator of target default; name another as FILE#TARGET',
  ],
  [
    'another core of that name',
    asVerilator.replace('core_file: $root', 'core_file: $root/copy'),
    'fusesoc knows another core by the name me:lib:core:1.0, which is in',
  ],
])('refuses in a sentence %s', async (_name, body, sentence) => {
  bringFusesoc(body)
  await expect(expand()).rejects.toThrow(sentence)
})

test('refuses a core that is not there, and one without a name', async () => {
  bringFusesoc(asVerilator)
  await expect(expand({ sources: ['ip/gone.core#lint'] })).rejects.toThrow('ip/gone.core of core does not exist')
  write('ip/core.core', 'CAPI=2:\n')
  await expect(expand()).rejects.toThrow('fusesoc wants a "name: VENDOR:LIBRARY:NAME:VERSION"')
})

test.each([
  ['ip/core.core#lint', 'describes a FuseSoC core; make a list of its files by `fusesoc --cores-root'],
  ['ip/Bender.yml', 'describes a package of Bender; make a list of its files by `bender -d'],
])('where the tool of %s is not installed, the sentence names its command', async (source, sentence) => {
  write('ip/Bender.yml', 'package:\n  name: a\n')
  vi.stubEnv('PATH', join(home, 'bin'))
  await expect(describeModel(toModel({ sources: [source] }), { configDir: home })).rejects.toThrow(sentence)
})

test('a package of Bender is what Bender prints for Verilator and the targets that are named', async () => {
  write('ip/Bender.yml', 'package:\n  name: a\n')
  write(
    'bin/bender',
    `#!/bin/sh
[ "$1 $3 $4 $5 $6 $7 $8" = "-d script verilator -t fpga -t rtl" ] || { echo "Error: wrong" >&2; exit 1; }
echo "warning: no license" >&2
printf '\\n+define+SUM=1+2\\n+define+TARGET_FPGA\\n+incdir+%s/inc\\n%s/part.v\\n\\n%s/core.sv\\n' "$2" "$2" "$2"
`,
  )
  chmodSync(join(home, 'bin', 'bender'), 0o755)
  expect(await expand({ sources: ['ip/Bender.yml#fpga,rtl'] })).toMatchObject({
    sources: [join(home, 'ip/part.v'), join(home, 'ip/core.sv')],
    includeDirs: [join(home, 'ip/inc')],
    defines: { SUM: '1+2', TARGET_FPGA: true },
    verilatorArgs: [],
  })
  await expect(expand({ sources: ['ip/Bender.yml'] })).rejects.toThrow(
    'bender refused it: wrong (ip/Bender.yml of core',
  )
})

test('the tool ends with the run', async () => {
  bringFusesoc(`echo $$ > "$3/running"; mv "$3/running" "$3/pid"; exec sleep 1000`)
  const stop = new AbortController()
  const expanded = expand({}, stop.signal)
  const refused = expect(expanded).rejects.toThrow('stopped')
  const pid = await vi.waitFor(() => Number(readFileSync(join(home, 'ip', 'pid'), 'utf8')), { timeout: 60_000 })
  stop.abort(new Error('stopped'))
  await refused
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})
