import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Product, startProduct } from './product.ts'

const EXECUTABLE = '/usr/bin/chromium'
const isThere = existsSync(EXECUTABLE)
if (!isThere) console.info(`skipped: no Chromium at ${EXECUTABLE}`)

const TOOLTIP = {
  key: 'tip',
  kind: 'tooltip',
  content: {
    anchor: '#boards',
    title: 'Go further with Boards',
    body: 'Paste a whole list into the card box: every line becomes a card of its own.',
    action: { label: 'Show me' },
  },
}
const MODAL = {
  key: 'benefits',
  kind: 'modal',
  content: {
    title: 'Three things Fieldnotes does for you',
    body: 'Boards hold what the team has to do. Automations move cards, so that nobody has to. Reports show how the week is going.',
    action: { label: 'Open the board', url: '#boards' },
  },
}
const BANNER = {
  key: 'news',
  kind: 'banner',
  content: {
    title: 'Reports now go out by themselves',
    body: 'Choose a day, and the week arrives in your inbox.',
    action: { label: 'Choose a day', url: '/help' },
  },
}

describe.runIf(isThere)('in Chromium', () => {
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
    context = await browser.newContext({ viewport: { width: 1000, height: 640 }, reducedMotion: 'reduce', bypassCSP: false })
  })
  afterEach(async () => {
    await context.close()
    product.forget()
    product.setDown(false)
    // What the policy blocked, exceptions and warnings: there are none in any test.
    expect(complaints.splice(0)).toEqual([])
  })

  async function open(user = 'ada', within = context): Promise<Page> {
    const page = await within.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/503/.test(message.text()) && complaints.push(message.text()))
    await page.goto(`${product.url}&user=${user}`)
    return page
  }

  const focusedName = (page: Page) =>
    page.evaluate(() => {
      let active = document.activeElement
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
      return active?.getAttribute('aria-label') ?? (active?.id || active?.textContent)
    })
  const told = () => product.answers.map(({ key, interaction }) => `${key} ${interaction}`)
  const eventually = (expected: readonly string[]) => expect.poll(told, { timeout: 5_000, interval: 20 }).toEqual(expected)

  async function expectAccessible(page: Page): Promise<void> {
    const axe = createRequire(import.meta.url)('axe-core') as { source: string }
    await page.evaluate(axe.source)
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
    })
    expect(found).toEqual([])
  }

  test('what draws is loaded with the first message', async () => {
    const page = await open()
    await page.waitForLoadState('networkidle')
    const before = product.loaded.length
    product.send('ada', BANNER)
    await page.getByRole('region').waitFor()
    expect(product.loaded.slice(before).filter((path) => path.includes('presenter'))).toHaveLength(1)
  })

  describe('a tooltip', () => {
    test('stands beside its anchor, is seen, and its action is heard', async () => {
      product.send('ada', TOOLTIP)
      const page = await open()
      const tip = page.getByRole('dialog', { name: 'Go further with Boards' })
      await tip.waitFor()
      await expectAccessible(page)
      const [card, anchor] = [(await tip.boundingBox())!, (await page.locator('#boards').boundingBox())!]
      expect(card.y - (anchor.y + anchor.height)).toBeCloseTo(12, -0.5)
      expect(card.x + card.width / 2).toBeCloseTo(anchor.x + anchor.width / 2, -1)
      expect(await focusedName(page)).not.toBe('Show me')
      await expect.poll(() => page.getByRole('status').textContent()).toContain('Paste a whole list')
      await tip.getByRole('button', { name: 'Show me' }).click()
      await eventually(['tip seen', 'tip clicked'])
      expect(await page.evaluate('window.heard')).toEqual([
        ['shown', 'tip'],
        ['action', 'tip'],
      ])
      expect(await tip.count()).toBe(0)
    })

    test('turns to the other side where there is no room', async () => {
      product.send('ada', { ...TOOLTIP, content: { ...TOOLTIP.content, placement: 'top' } })
      const page = await open()
      const tip = page.getByRole('dialog')
      await tip.waitFor()
      expect((await tip.boundingBox())!.y).toBeGreaterThan((await page.locator('#boards').boundingBox())!.y)
    })

    test('waits for its anchor, holds up nothing, and waits again when the anchor goes', async () => {
      product.send('ada', { ...TOOLTIP, content: { ...TOOLTIP.content, anchor: '#later' } })
      product.send('ada', BANNER)
      const page = await open()
      await page.getByRole('region').waitFor()
      await page.evaluate(() => document.querySelector('main')!.insertAdjacentHTML('beforeend', '<button id="later" hidden>Later</button>'))
      await page.getByRole('button', { name: 'Close' }).click()
      await page.getByRole('region').waitFor({ state: 'detached' })
      expect(await page.getByRole('dialog').count()).toBe(0)
      await page.evaluate(() => document.querySelector('#later')!.removeAttribute('hidden'))
      await page.getByRole('dialog').waitFor()
      await page.evaluate(() => document.querySelector('#later')!.remove())
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.evaluate(() => document.querySelector('main')!.insertAdjacentHTML('beforeend', '<button id="later">Again</button>'))
      await page.getByRole('dialog').waitFor()
      await eventually(['news seen', 'news dismissed', 'tip seen'])
    })

    test('is reached by Tab from its anchor, and left to what follows it', async () => {
      product.send('ada', TOOLTIP)
      const page = await open()
      await page.getByRole('dialog').waitFor()
      await page.locator('#boards').focus()
      const walk: (string | null | undefined)[] = []
      for (const key of ['Tab', 'Tab', 'Tab', 'Shift+Tab', 'Tab', 'Shift+Tab', 'Shift+Tab']) {
        await page.keyboard.press(key)
        walk.push(await focusedName(page))
      }
      expect(walk).toEqual(['Show me', 'Close', 'after', 'boards', 'Show me', 'boards', 'before'])
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await focusedName(page)).toBe('boards')
      await eventually(['tip seen', 'tip dismissed'])
    })

    test('follows its anchor out of view and back', async () => {
      product.send('ada', TOOLTIP)
      const page = await open()
      await page.getByRole('dialog').waitFor()
      await page.evaluate(() => document.querySelector('main')!.setAttribute('class', 'long'))
      await page.evaluate(() => document.querySelector<HTMLElement>('main')!.style.setProperty('height', '3000px'))
      await page.mouse.wheel(0, 1500)
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page.mouse.wheel(0, -1500)
      await page.getByRole('dialog').waitFor()
    })

    test('waits while the page has a dialog of its own open', async () => {
      const page = await open()
      await page.evaluate(() => {
        document.body.insertAdjacentHTML('beforeend', '<dialog id="own">Own</dialog>')
        document.querySelector<HTMLDialogElement>('#own')!.showModal()
      })
      product.send('ada', TOOLTIP)
      await page.waitForLoadState('networkidle')
      expect(await page.getByRole('dialog', { name: 'Go further' }).count()).toBe(0)
      await page.evaluate(() => document.querySelector<HTMLDialogElement>('#own')!.close())
      await page.getByRole('dialog', { name: 'Go further' }).waitFor()
    })
  })

  describe('a modal', () => {
    test('holds the focus, closes with Esc and gives the focus back', async () => {
      const page = await open()
      await page.locator('#after').focus()
      product.send('ada', MODAL)
      await page.getByRole('dialog', { name: 'Three things' }).waitFor()
      await expectAccessible(page)
      const walk: (string | null | undefined)[] = [await focusedName(page)]
      for (const key of ['Tab', 'Tab', 'Shift+Tab', 'Shift+Tab']) {
        await page.keyboard.press(key)
        walk.push(await focusedName(page))
      }
      expect(walk).toEqual(['Open the board', 'Close', 'Open the board', 'Close', 'Open the board'])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await focusedName(page)).toBe('after')
      await eventually(['benefits seen', 'benefits dismissed'])
    })

    test('follows its link by keyboard alone', async () => {
      product.send('ada', MODAL)
      const page = await open()
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL('**#boards')
      await eventually(['benefits seen', 'benefits clicked'])
    })

    test('never follows a link that would run code', async () => {
      product.send('ada', { ...MODAL, content: { ...MODAL.content, title: '<b>x</b>', action: { label: 'Go', url: ' java\tscript:alert(1)' } } })
      const page = await open()
      await page.getByRole('heading', { name: '<b>x</b>' }).waitFor()
      expect(await page.getByRole('link').count()).toBe(0)
      await page.getByRole('button', { name: 'Go' }).click()
      await eventually(['benefits seen', 'benefits clicked'])
    })
  })

  describe('a banner', () => {
    test('lies at the bottom or top, and its link leads away with the answer told', async () => {
      product.send('ada', BANNER)
      product.send('ada', { key: 'up', kind: 'banner', content: { body: 'Saved.', position: 'top' } })
      const page = await open()
      const banner = page.getByRole('region', { name: 'Reports now go out' })
      await banner.waitFor()
      await expectAccessible(page)
      const box = (await banner.boundingBox())!
      expect(640 - (box.y + box.height)).toBe(16)
      expect(await page.getByRole('region').count()).toBe(1)
      await banner.getByRole('link', { name: 'Choose a day' }).click()
      await page.waitForURL('**/help')
      await eventually(['news seen', 'news clicked'])
    })

    test('at the top is named without a title, and Esc inside closes it', async () => {
      product.send('ada', { key: 'up', kind: 'banner', content: { body: 'Saved.', position: 'top' } })
      const page = await open()
      const banner = page.getByRole('region', { name: 'Message' })
      await banner.waitFor()
      expect((await banner.boundingBox())!.y).toBe(16)
      await page.keyboard.press('Shift+Tab')
      expect(await focusedName(page)).toBe('Close')
      await page.keyboard.press('Escape')
      await eventually(['up seen', 'up dismissed'])
    })
  })

  test('what is dismissed on one page goes from the others of the same user', async () => {
    product.send('ada', BANNER)
    const elsewhere = await browser.newContext()
    const [page, other] = [await open(), await open('ada', elsewhere)]
    await page.getByRole('region').waitFor()
    await other.getByRole('region').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await other.getByRole('region').waitFor({ state: 'detached' })
    await elsewhere.close()
  })

  test('another user sees another inbox, nobody none', async () => {
    product.send('ada', BANNER)
    product.send('grace', MODAL)
    const page = await open()
    await page.getByRole('region').waitFor()
    await page.evaluate("window.user = { userId: 'grace' }; window.waymark.identityChanged()")
    await page.getByRole('dialog').waitFor()
    expect(await page.getByRole('region').count()).toBe(0)
    await page.evaluate('window.user = {}; window.waymark.identityChanged()')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('an answer the host could not take is told after the next load, and the message stays away', async () => {
    product.setDown(true)
    product.send('ada', BANNER)
    const page = await open()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('region').waitFor({ state: 'detached' })
    product.setDown(false)
    await page.reload()
    await eventually(['news seen', 'news dismissed'])
    expect(await page.getByRole('region').count()).toBe(0)
  })

  test.runIf(process.env['WAYMARK_SCREENSHOTS'])('pictures of all forms in light and dark', { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-'))
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [name, message] of Object.entries({ tooltip: TOOLTIP, modal: MODAL, banner: BANNER })) {
        product.forget()
        product.send('ada', message)
        const pictured = await browser.newContext({ viewport: { width: 1000, height: 560 }, colorScheme, reducedMotion: 'reduce', deviceScaleFactor: 1.5 })
        const page = await open('ada', pictured)
        await page.locator('.tooltip[data-placed], .modal, .banner').waitFor()
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
        await pictured.close()
      }
    }
    console.info(folder)
  })
})
