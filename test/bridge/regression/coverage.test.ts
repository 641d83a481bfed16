// Which files the coverage of a run is about.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCoverage } from '../../../bridge/regression/coverage.js'
import { packageDirectory } from '../../../bridge/ground/paths.js'
import { makeScratch } from '../../support/scratch.js'

/** As Verilator writes it. */
function toPoint(file: string): string {
  const fields = { f: file, l: '10', n: '3', page: 'v_toggle/fifo', o: 'full', h: 'TOP.trapline_top.dut.fifo' }
  const text = Object.entries(fields).map(([key, value]) => `\x01${key}\x02${value}`)
  return `C '${text.join('')}' 4\n`
}

test("the user's RTL, and nothing that was generated", () => {
  const place = `/somewhere/.cache/trapline/models/${'0af5'.repeat(16)}`
  const generated = [join(packageDirectory, 'hdl/bfm/axil_checker.sv'), `${place}/trapline_top.sv`]
  const ofBlocks = [`${place}/obj/Vfifo/fifo.sv`, `${place}/obj/Vfifo_5/fifo_5.sv`]
  const own = ['/somewhere/obj/Vfifo/fifo.sv', 'rtl/fifo.sv']
  const file = join(makeScratch().path, 'coverage.dat')
  writeFileSync(file, ['# SystemC::Coverage-3\n', ...[...generated, ...ofBlocks, ...own].map(toPoint)].join(''))
  expect(readCoverage([file]).map(({ file }) => file)).toEqual(own)
})
