/** The drawing in the docs is that of the stored run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const { draw, drawing } = (await import('./draw-curves.mjs')) as {
  draw: (measured: unknown) => string
  drawing: string
}

it('docs/speed-curves.svg is drawn from curves.json; `npm run bench -- --draw` draws it anew', () => {
  const measured = JSON.parse(readFileSync(join(import.meta.dirname, 'curves.json'), 'utf8')) as unknown
  expect(readFileSync(drawing, 'utf8')).toBe(draw(measured))
})
