/** Debian's Chromium, and what a reader of a page has before his eyes in it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

export interface View {
  width?: number
  height?: number
  isDark?: boolean
  hasScripts?: boolean
  /** Behind the name of the file. */
  hash?: string
}

export const desk = { width: 1280, height: 720 }
export const phone = { width: 390, height: 844 }

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Ends with the test. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  onTestFinished(() => browser.close())
  return browser
}

/** Opens a file; what scripts complain of fails the test at its end. */
export async function view(browser: Browser, file: string, view: View = {}): Promise<Page> {
  const { width = desk.width, height = desk.height, isDark = false, hasScripts = true, hash = '' } = view
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: isDark ? 'dark' : 'light',
    javaScriptEnabled: hasScripts,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('request', (request) => !request.url().startsWith('file:') && complaints.push(request.url()))
  onTestFinished(() => {
    if (complaints.length > 0) throw new Error(`${file}: ${complaints.join('\n')}`)
  })
  await page.goto(pathToFileURL(file).href + hash)
  return page
}

/** What axe has to say: rule and element. */
export async function accessibilityOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

interface AxeResults {
  violations: { id: string; nodes: { html: string }[] }[]
}

/** Whether nothing has to be scrolled sideways. */
export function fits(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth <= innerWidth')
}

/** What one sees of the parts that a selector finds. */
export function textsOf(page: Page, selector: string): Promise<string[]> {
  const seen = `[...document.querySelectorAll(${JSON.stringify(selector)})].filter((one) => one.checkVisibility())`
  return page.evaluate(`${seen}.map((one) => one.textContent)`)
}

export function attributesOf(page: Page, selector: string, name: string): Promise<string[]> {
  const all = `[...document.querySelectorAll(${JSON.stringify(selector)})]`
  return page.evaluate(`${all}.map((one) => one.getAttribute(${JSON.stringify(name)}))`)
}
