/** What has changed since an earlier regression, on the page. */
import { escapeHtml as escape } from './page-text.js'
import type { PageTest, Trend } from './page-facts.js'
import { toKey, type Change, type Changed } from './trend.js'

const order: Change[] = ['new failure', 'now flaky', 'still failing', 'fixed', 'slower', 'gone', 'came']
/** The others stand in the results. */
const mostListed = 200

export function toTrend({ against, changes }: Trend, anchors: Map<PageTest, string>, tests: PageTest[]): string {
  const byKey = new Map(tests.map((test) => [toKey(test), anchors.get(test)]))
  const lists = order.flatMap((change) => {
    const own = [...changes].filter(([, one]) => one.change === change)
    return own.length ? [toList(change, own, byKey)] : []
  })
  const body = lists.length ? lists.join('') : '<p>the same tests, with the same results</p>'
  return `<section id="trend"><h2>Since ${escape(against)}</h2>${body}</section>`
}

function toList(change: Change, changed: [string, Changed][], anchors: Map<string, string | undefined>): string {
  const items = changed.slice(0, mostListed).map(([key, one]) => {
    const name = escape(`${one.suite}: ${one.test}`)
    const anchor = anchors.get(key)
    const took = change === 'slower' ? ` ${toTimes(one)}` : ''
    return `<li>${anchor ? `<a href="#${anchor}">${name}</a>` : name}${took}</li>`
  })
  const rest = changed.length > mostListed ? `<li>and ${changed.length - mostListed} more</li>` : ''
  const isOpen = change === 'new failure' || change === 'now flaky' || change === 'gone'
  const list = `<ul>${items.join('')}${rest}</ul>`
  return `<details${isOpen ? ' open' : ''}><summary>${changed.length} ${change}</summary>${list}</details>`
}

/** `0.10 s → 4.20 s` */
export function toTimes({ before = 0, now = 0 }: Changed): string {
  return `${(before / 1000).toFixed(2)} s → ${(now / 1000).toFixed(2)} s`
}
