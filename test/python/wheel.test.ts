/**
 * The package as strangers get it: a wheel that is made of the sdist, in a virtual environment that has nothing else of
 * ours, outside the checkout; and the example of its README there.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import { root, sampleFolder } from '../support/places.js'
import { environment, hasPython, packageFolder, pythonTool, unlessPython } from '../support/python.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const minuteMs = 60_000
const hasIcarus = execaSync('sh', ['-c', 'command -v iverilog'], { reject: false }).exitCode === 0

/** Names as the README's example has them. */
const design = `
\`include "axil_gpio.sv"
module pins (
  input  logic clk, rst_n,
  input  logic [11:0] s_axil_awaddr, s_axil_araddr, input logic [2:0] s_axil_awprot, s_axil_arprot,
  input  logic s_axil_awvalid, s_axil_wvalid, s_axil_bready, s_axil_arvalid, s_axil_rready,
  input  logic [31:0] s_axil_wdata, input logic [3:0] s_axil_wstrb,
  output logic s_axil_awready, s_axil_wready, s_axil_bvalid, s_axil_arready, s_axil_rvalid,
  output logic [31:0] s_axil_rdata, output logic [1:0] s_axil_bresp, s_axil_rresp,
  output logic irq
);
  logic [31:0] levels, enables;
  axil_gpio gpio (.clk_i(clk), .rst_ni(rst_n), .gpio_i(levels), .gpio_o(levels), .gpio_oe_o(enables), .irq_o(irq), .*);
endmodule
`

/** The wheel and the sdist, which has the tests too. */
function build(scratch: Scratch): string {
  const folder = scratch.folder()
  const args = ['-m', 'build', '--no-isolation', '--outdir', folder, packageFolder]
  execaSync(pythonTool('python'), args, { cwd: scratch.path })
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const [wheel, sdist] = [`trapline-${version}-py3-none-any.whl`, `trapline-${version}.tar.gz`]
  expect(readdirSync(folder).sort()).toEqual([wheel, sdist].sort())
  const { stdout } = execaSync('tar', ['-tzf', join(folder, sdist)])
  expect(stdout).toContain('/tests/test_package.py')
  return join(folder, wheel)
}

/** An empty environment with the wheel. Its one dependency is found where it is: no test goes to a registry. */
function install(scratch: Scratch, wheel: string): string {
  const venv = join(scratch.path, 'venv')
  execaSync('python3', ['-m', 'venv', venv])
  execaSync(join(venv, 'bin', 'pip'), ['install', '--quiet', '--no-index', '--no-deps', wheel], { cwd: scratch.path })
  const packagesOf = (home: string) =>
    execaSync(join(home, 'bin', 'python'), ['-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])']).stdout
  scratch.write(join('venv', packagesOf(venv).slice(venv.length + 1), 'cocotb.pth'), `${packagesOf(environment)}\n`)
  return venv
}

it.runIf(hasPython && hasIcarus)(
  `a wheel in an empty environment serves the README's example${unlessPython}`,
  { timeout: 5 * minuteMs },
  async () => {
    const scratch = makeScratch()
    const venv = install(scratch, build(scratch))
    const where = 'import trapline; print(trapline.__file__)'
    expect(execaSync(join(venv, 'bin', 'python'), ['-c', where], { cwd: scratch.path }).stdout).toContain(venv)
    const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8')
    const [, example = ''] = /^```python\n(.*?)^```$/ms.exec(readme) ?? []
    scratch.write('serve.py', example)
    const model = {
      ...{ kind: 'cocotb', simulator: 'icarus', top: 'pins', sources: [scratch.write('pins.sv', design)] },
      ...{ includeDirs: [sampleFolder], python: 'serve.py', venv },
    }
    const device = { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'gpio' }
    const config = { models: { gpio: model }, devices: { gpio: device } } as unknown as TraplineConfig
    const program = ['sh', '-c', `busybox devmem ${at(0)} 32 0x1234; busybox devmem ${at(0)} 32`]
    const { status, stdout, stderr } = await runHost(scratch, config, program)
    expect(stdout, stderr).toBe('0x00001234\n')
    expect(status).toBe(0)
  },
)
