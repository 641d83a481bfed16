// The page "Your core" tells of each bus what the tables know; a row that is missing is printed as it must stand there.
import { expect, test } from 'vitest'
import { protocols } from '../../../bridge/rtl/protocols.js'
import { readPage } from '../../support/documents.js'

const page = readPage('docs/your-core.md')
const code = (names: string[]) => (names.length > 0 ? `\`${names.join(' ')}\`` : '')

test.each(Object.entries(protocols))('the row of %s', (name, { title, signals }) => {
  const named = (required: boolean) => Object.keys(signals).filter((signal) => signals[signal]?.required === required)
  const row = `| ${title} | \`${name}\` | ${code(named(true))} | ${code(named(false))} |\n`
  expect(page.includes(row), row).toBe(true)
})
