/**
 * What the page does where scripts run: it searches, filters, sorts, and is led by keys. What is chosen stands in the
 * address (`#?status=failed&q=fifo`), and so does the test that is looked at, so both can be passed on.
 */
export const pageScript = `
'use strict'
const form = document.getElementById('controls')
const shown = document.getElementById('shown')
const place = document.getElementById('tests')
const fields = [...form.elements]
const collator = new Intl.Collator('en', { numeric: true })
const tests = [...place.querySelectorAll('details.test')].map((element, index) => ({
  element, index, home: element.parentElement, data: element.dataset,
}))
const homes = [...new Set(tests.map(({ home }) => home))]
const sorted = place.appendChild(document.createElement('section'))
// Of thousands of tests, so only when it is wanted.
const nameOf = (test) => (test.name ??= ['i', 'b']
  .map((part) => test.element.querySelector('summary ' + part).textContent).join(' '))
const sorts = {
  name: (a, b) => collator.compare(nameOf(a), nameOf(b)),
  time: (a, b) => b.data.ms - a.data.ms,
}
let order = ''

const wordsIn = ({ element }) => [...element.querySelectorAll('.failing, .message, .said pre')]
const textOf = (test) => (test.text ??=
  [nameOf(test), ...wordsIn(test).map((part) => part.textContent)].join('\\n').toLowerCase())

const fits = (test, wishes) => Object.entries(wishes).every(([name, wish]) =>
  name === 'q' ? wish.toLowerCase().split(/\\s+/).every((word) => textOf(test).includes(word))
    : name === 'order' || (test.data[name] ?? '').split('\\t').includes(wish))

function sort(wish) {
  if (wish === order) return
  order = wish
  const compare = sorts[wish]
  const row = compare ? [...tests].sort((a, b) => compare(a, b) || a.index - b.index) : tests
  for (const test of row) (compare ? sorted : test.home).append(test.element)
}

function show(wishes) {
  sort(wishes.order ?? '')
  let count = 0
  for (const test of tests) {
    test.element.hidden = !fits(test, wishes)
    if (!test.element.hidden) count++
  }
  for (const home of homes) home.hidden = !home.querySelector('details.test:not([hidden])')
  shown.textContent = count === tests.length ? '' : count + ' of ' + tests.length + ' shown'
}

const wishesOf = () => Object.fromEntries(fields.filter(({ value }) => value).map(({ name, value }) => [name, value]))

function readAddress() {
  const hash = decodeURIComponent(location.hash)
  const target = hash.startsWith('#t-') ? document.getElementById(hash.slice(1)) : null
  if (target) {
    const test = target.closest('details')
    if (test.hidden) reset()
    test.open = true
    test.scrollIntoView()
    test.querySelector('summary').focus({ preventScroll: true })
  } else if (location.hash.startsWith('#?')) {
    const wishes = new URLSearchParams(location.hash.slice(2))
    for (const field of fields) field.value = wishes.get(field.name) ?? ''
    for (const field of fields) if (field.value === '' && field.tagName === 'SELECT') field.selectedIndex = 0
    show(wishesOf())
  }
}

function tell() {
  const wishes = wishesOf()
  show(wishes)
  history.replaceState(null, '', '#?' + new URLSearchParams(wishes))
}

function reset() {
  form.reset()
  show({})
}

const visible = (isWanted) => [...place.querySelectorAll('details.test:not([hidden])')].filter(isWanted)

function step(by, isWanted) {
  const row = visible(isWanted)
  const now = document.activeElement?.closest('details.test')
  const all = visible(() => true)
  const at = all.indexOf(now)
  const further = by > 0 ? row.find((one) => all.indexOf(one) > at) : row.findLast((one) => all.indexOf(one) < at)
  const summary = (further ?? row.at(by > 0 ? -1 : 0))?.querySelector('summary')
  summary?.focus()
  summary?.scrollIntoView({ block: 'nearest' })
}

const isBad = ({ dataset }) => !['passed', 'skipped'].includes(dataset.status)
const keys = {
  '/': () => form.elements.q.focus(),
  j: () => step(1, () => true),
  k: () => step(-1, () => true),
  n: () => step(1, isBad),
  p: () => step(-1, isBad),
  Escape: () => { reset(); history.replaceState(null, '', '#?') },
}

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.matches('input, select') && event.key !== 'Escape'
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return
  event.preventDefault()
  keys[event.key]()
})
// A waveform is scrolled to the access that is to blame.
function findBlamed(test) {
  for (const place of test.querySelectorAll('.wave .scroll')) {
    const blamed = place.querySelector('.blamed')
    const [from, left] = [blamed, place].map((one) => one?.getBoundingClientRect().left ?? 0)
    if (blamed && from - left > place.clientWidth / 2) place.scrollLeft += from - left - place.clientWidth / 4
  }
}

// Of a source what was never reached.
function findMissed(source) {
  const [code, missed] = [source.querySelector('pre'), source.querySelector('.missed')]
  if (missed) code.scrollTop += missed.getBoundingClientRect().top - code.getBoundingClientRect().top - 60
}

addEventListener('toggle', ({ target }) => {
  if (target.matches?.('details.test[open]')) findBlamed(target)
  else if (target.matches?.('#coverage details[open]')) findMissed(target)
}, true)
for (const test of visible(({ open }) => open)) findBlamed(test)
form.addEventListener('submit', (event) => event.preventDefault())
form.addEventListener('input', tell)
addEventListener('hashchange', readAddress)
form.hidden = false
readAddress()
`
