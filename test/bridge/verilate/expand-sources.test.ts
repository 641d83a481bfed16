// What file lists mean: each row is a list as people write it, read from a folder that is not its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { expandSources } from '../../../bridge/verilate/expand-sources.js'
import type { ExpandedModel } from '../../../bridge/verilate/expanded-model.js'
import { moveModel } from '../../../bridge/verilate/move-model.js'
import { type ModelInput, toModel } from './to-model.js'
import { joined } from '../../support/patterns.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0

type Files = Record<string, string>

/** A project with a few sources that lists name, and the files given. */
function makeProject(files: Files): string {
  const configDir = join(directory, String(count++))
  const usual = { 'rtl/a.v': 'a', 'rtl/b.v': 'b', 'rtl/inc/d.vh': 'd', 'lib/c.v': 'c', 'c++/inc/e.vh': 'e' }
  for (const [name, text] of Object.entries({ ...usual, ...files })) {
    mkdirSync(dirname(join(configDir, name)), { recursive: true })
    writeFileSync(join(configDir, name), text)
  }
  return configDir
}

function expand(files: Files, model: ModelInput = { sources: ['rtl/core.f'] }): ExpandedModel {
  return expandSources(toModel(model), makeProject(files))
}

interface Row {
  name: string
  files: Files
  model?: ModelInput
  becomes: Partial<ExpandedModel>
}

process.env.TRAPLINE_TEST_RTL = 'rtl'

const rows: Row[] = [
  {
    name: "names start in the list's own folder, or where one stands",
    files: { 'rtl/core.f': 'a.v\nrtl/b.v\n-v ../lib/c.v -y lib +libext+.v+.sv' },
    becomes: {
      sources: ['rtl/a.v', 'rtl/b.v'],
      verilatorArgs: ['-v', 'lib/c.v', '-y', 'lib', '+libext+.v+.sv'],
    },
  },
  {
    name: 'folders and macros, several after plus signs, with a plus sign in a name and quotes',
    files: {
      'rtl/core.f':
        '+incdir+inc+../lib -I ../c++/inc\n+incdir+../c++/inc\n-Ilib +define+A+B=2+C=8\'h3 -DD=1+2 "+define+E=x y" a.v',
    },
    becomes: {
      includeDirs: ['rtl/inc', 'lib', 'c++/inc'],
      defines: { A: true, B: '2', C: "8'h3", D: '1+2', E: 'x y' },
      sources: ['rtl/a.v'],
    },
  },
  {
    name: 'comments of three kinds, blank lines, the ends of lines of Windows, and continued lines',
    files: {
      'rtl/core.f':
        '\uFEFF# one\r\n// two\r\n/* three\r\n a.v */\r\n\r\na.v // four\r\n+define+A \\\r\n b.v # five\r\n',
    },
    becomes: { sources: ['rtl/a.v', 'rtl/b.v'], defines: { A: true } },
  },
  {
    name: 'variables of the environment',
    files: { 'x.f': '$TRAPLINE_TEST_RTL/a.v ${TRAPLINE_TEST_RTL}/b.v\n$(TRAPLINE_TEST_RTL)/inc/d.vh' },
    model: { sources: ['x.f'] },
    becomes: { sources: ['rtl/a.v', 'rtl/b.v', 'rtl/inc/d.vh'] },
  },
  {
    name:
      'nested lists: -f starts where any list above starts, -F in its own folder only; what comes twice ' +
      'counts once',
    files: {
      'rtl/core.f': '-f more/n.f -F ../lib/l.F more/n.f',
      'rtl/more/n.f': 'a.v ../b.v rtl/a.v',
      'lib/l.F': 'c.v',
      'a.v': 'a',
    },
    becomes: { sources: ['rtl/a.v', 'rtl/b.v', 'lib/c.v'] },
  },
  {
    name: 'a list called .F counts its own folder only',
    files: { 'rtl/core.F': 'a.v', 'a.v': 'another' },
    model: { sources: ['rtl/core.F'] },
    becomes: { sources: ['rtl/a.v'] },
  },
  {
    name: 'other extensions, and sources beside lists, in order',
    files: Object.fromEntries(
      ['vf', 'vc', 'fl', 'flist', 'filelist']
        .map((end, i) => [`l.${end}`, `n${i}.v`])
        .concat([0, 1, 2, 3, 4].map((i) => [`n${i}.v`, ''])),
    ),
    model: { sources: ['l.vf', 'rtl/a.v', 'l.vc', 'l.fl', 'l.flist', 'l.filelist'] },
    becomes: { sources: ['n0.v', 'rtl/a.v', 'n1.v', 'n2.v', 'n3.v', 'n4.v'] },
  },
  {
    name: 'options of other callers and simulators are left out, those of Verilator stay with what follows them',
    files: {
      'rtl/core.f': '--cc --exe -sverilog -work w --top-module other -Wno-WIDTH --x-assign fast --unroll-count 7 a.v',
    },
    becomes: { verilatorArgs: ['-Wno-WIDTH', '--x-assign', 'fast', '--unroll-count', '7'], sources: ['rtl/a.v'] },
  },
  {
    name: 'C, C++, objects and flags for them are none of Verilator; headers are read by those who include them',
    files: {
      'rtl/core.f': 'a.v x.c y.cpp z.o x.h -CFLAGS "-I inc" -LDFLAGS -lm',
      ...Object.fromEntries(['x.c', 'y.cpp', 'z.o', 'x.h'].map((name) => [`rtl/${name}`, ''])),
    },
    becomes: {
      sources: ['rtl/a.v'],
      verilatorArgs: [],
      native: {
        sources: ['rtl/x.c', 'rtl/y.cpp'],
        objects: ['rtl/z.o'],
        compilerFlags: ['-I', 'inc'],
        linkerFlags: ['-lm'],
      },
    },
  },
  {
    name: "lists in Verilator's arguments, which start where it says; what the configuration says wins",
    files: { 'rtl/core.f': 'rtl/a.v +define+A=1+B=1' },
    model: {
      sources: ['rtl/b.v'],
      defines: { A: 2 },
      verilatorArgs: ['-f', 'rtl/core.f', '--threads', '2', '+incdir+c++/inc'],
    },
    becomes: {
      sources: ['rtl/b.v', 'rtl/a.v'],
      defines: { A: 2, B: '1' },
      includeDirs: ['c++/inc'],
      verilatorArgs: ['--threads', '2'],
    },
  },
]

test.each(rows)('$name', ({ files, model, becomes }) => {
  expect(expand(files, model)).toMatchObject(becomes)
})

describe('refused in one sentence', () => {
  const refused: { name: string; files: Files; sentence: RegExp }[] = [
    {
      name: 'a missing file of a nested list',
      files: { 'rtl/core.f': 'a.v\n\n-f more/n.f', 'rtl/more/n.f': '// one\ngone.v' },
      sentence: joined(
        /^RTL file gone\.v of core does not exist; rtl\/more\/n\.f:2 names it, and names there are relative to /,
        /the list's own folder, or to \S+\/rtl or \S+$/,
      ),
    },
    {
      name: 'a missing file where only one folder counts',
      files: { 'rtl/core.f': '-F ../lib/l.f', 'lib/l.f': 'a.v' },
      sentence:
        /^RTL file a\.v of core does not exist; lib\/l\.f:1 names it, and names there are relative to \S+\/lib$/,
    },
    {
      name: 'a missing list',
      files: { 'rtl/core.f': '\n-f gone.f' },
      sentence: /^RTL file gone\.f of core does not exist; rtl\/core\.f:2 names it/,
    },
    {
      name: 'a name with two meanings',
      files: { 'rtl/core.f': 'a.v', 'a.v': 'another' },
      sentence: joined(
        /^a\.v at rtl\/core\.f:1, a file list of core, can mean \S+\/rtl\/a\.v or \S+\/a\.v, which differ; give /,
        /its whole path, or .* -F/,
      ),
    },
    {
      name: 'a folder with two meanings',
      files: { 'rtl/core.f': 'a.v\n+incdir+inc', 'inc/d.vh': 'another' },
      sentence: /^inc at rtl\/core\.f:2, .* can mean \S+\/rtl\/inc or \S+\/inc, whose d\.vh differ; /,
    },
    {
      name: 'a variable that is not set',
      files: { 'rtl/core.f': 'a.v\n$TRAPLINE_TEST_NONE/b.v' },
      sentence: /^rtl\/core\.f:2, a file list of core: the environment variable TRAPLINE_TEST_NONE is not set$/,
    },
    {
      name: 'an open quotation',
      files: { 'rtl/core.f': '"a.v' },
      sentence: /rtl\/core\.f:1, .*a quotation mark is never closed/,
    },
    {
      name: 'an open comment',
      files: { 'rtl/core.f': 'a.v\n/* b.v' },
      sentence: /rtl\/core\.f:2, .*a comment is never closed/,
    },
    {
      name: 'an option without what it is about',
      files: { 'rtl/core.f': 'a.v -y' },
      sentence: /rtl\/core\.f:1, .*nothing follows its -y/,
    },
    {
      name: 'a list in itself',
      files: { 'rtl/core.f': '-f n.f', 'rtl/n.f': '-F core.f' },
      sentence: /^file list rtl\/core\.f of core names itself$/,
    },
  ]
  test.each(refused)('$name', ({ files, sentence }) => {
    expect(() => expand(files)).toThrow(sentence)
  })

  it('a list that is not there', () => {
    expect(() => expand({})).toThrow(/^file list \S+\/rtl\/core\.f of core does not exist or can't be read$/)
  })
})

describe('a configuration in another folder', () => {
  const move = (files: Files) => {
    const home = makeProject(files)
    return moveModel(toModel({ sources: ['rtl/core.f', 'lib/c.v'], includeDirs: ['c++/inc'] }), home, join(home, 'sim'))
  }

  it('names the same list where that means the same', () => {
    expect(move({ 'rtl/core.f': 'a.v' })).toMatchObject({
      sources: ['../rtl/core.f', '../lib/c.v'],
      includeDirs: ['../c++/inc'],
    })
  })

  it("names what a list means where its names don't start there", () => {
    expect(move({ 'rtl/core.f': 'rtl/a.v -y lib +define+A rtl/x.c -CFLAGS "-DB -DC"', 'rtl/x.c': '' })).toMatchObject({
      sources: ['../rtl/a.v', '../lib/c.v', '../rtl/x.c'],
      defines: { A: true },
      verilatorArgs: ['-y', '../lib', '-CFLAGS', '-DB', '-CFLAGS', '-DC'],
    })
  })
})
