/**
 * What stands among sources and is none that Verilator reads: the sentence that names the tool which makes one of it.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** @param file absolute, and there; undefined if it is not of another format */
export function toOtherFormat(file: string): string | undefined {
  if (/\.vhdl?$/i.test(file))
    return 'is VHDL, which Verilator does not read; let `ghdl synth --out=verilog` make Verilog of it'
  if (/\.core$/.test(file))
    return `describes a FuseSoC core; make a list of its files by \`${fusesoc(file)}\`, and name build/*.vc`
  if (/(^|\/)Bender\.yml$/.test(file))
    return (
      `describes a package of Bender; make a list of its files by \`bender -d ${dirname(file)} script ` +
      `flist-plus > core.f\`, and name core.f`
    )
  return undefined
}

function fusesoc(file: string): string {
  const [, name = 'NAME'] = /^name\s*:\s*["']?([^\s"'#]+)/m.exec(readFileSync(file, 'utf8')) ?? []
  return `fusesoc --cores-root ${dirname(file)} run --setup --no-export --tool verilator --work-root build ${name}`
}
