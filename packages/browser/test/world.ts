import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Product, startProduct } from './product.ts'

const EXECUTABLE = '/usr/bin/chromium'
export const isChromiumThere: boolean = existsSync(EXECUTABLE)
if (!isChromiumThere) console.info(`skipped: no Chromium at ${EXECUTABLE}`)

/** A product and a browser for the tests of one file. */
export interface World {
  readonly product: Product
  /** A page of the product, of its own context unless one is given. What it complains about fails the test. */
  open(user?: string, context?: BrowserContext): Promise<Page>
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>
  /** Waits until exactly these answers have been told, in this order. */
  expectTold(answers: readonly string[]): Promise<void>
}

export function chromiumWorld(): World {
  let browser: Browser
  let product: Product
  let context: BrowserContext
  const complaints: string[] = []

  beforeAll(async () => {
    product = await startProduct()
    browser = await chromium.launch({
      executablePath: EXECUTABLE,
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1000, height: 640 }, reducedMotion: 'reduce' })
  })
  afterEach(async () => {
    await context.close()
    product.forget()
    product.setDown(false)
    expect(complaints.splice(0)).toEqual([])
  })

  return {
    get product() {
      return product
    },
    async open(user = 'ada', within = context) {
      const page = await within.newPage()
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !/503/.test(message.text())) complaints.push(message.text())
      })
      await page.goto(`${product.url}&user=${user}`)
      return page
    },
    newContext: (options) => browser.newContext({ reducedMotion: 'reduce', ...options }),
    async expectTold(answers) {
      await expect.poll(() => product.answers.map(({ key, interaction }) => `${key} ${interaction}`), { timeout: 5_000, interval: 20 }).toEqual(answers)
    },
  }
}

/** The name of what has the focus, also inside shadow roots. */
export function focusedName(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return active?.getAttribute('aria-label') ?? (active?.id || active?.getAttribute('class')?.replace('action', '') || active?.textContent)
  })
}

/** Presses the keys and says where the focus was after each. */
export async function walk(page: Page, keys: readonly string[]): Promise<readonly (string | null | undefined)[]> {
  const steps: (string | null | undefined)[] = []
  for (const key of keys) {
    await page.keyboard.press(key)
    steps.push(await focusedName(page))
  }
  return steps
}

export async function expectAccessible(page: Page): Promise<void> {
  const axe = createRequire(import.meta.url)('axe-core') as { source: string }
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
  })
  expect(found).toEqual([])
}
