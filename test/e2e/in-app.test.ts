import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  addCard,
  type Browser,
  type BrowserContext,
  finishOnboarding,
  type Locator,
  launchChromium,
  noChromium,
  type Page,
  signUp,
  watchedPage,
} from '../../examples/host-app/test/chromium.ts'
import { eventually, type Running, run } from '../../examples/host-app/test/running.ts'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 2, 2, 12)
const TIP = 'Go further with Boards'
const BENEFITS = 'Three things Fieldnotes does for you'

describe.skipIf(noChromium !== undefined)(`messages in the product, in Chromium${noChromium === undefined ? '' : ` (${noChromium})`}`, () => {
  let browser: Browser
  let running: Running
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    running = await run(NOON)
  })
  afterEach(() => running.close())

  const accountId = async (page: Page): Promise<string> => (await (await page.request.get(`${running.app.appUrl}/api/session`)).json()).account.id
  const usesOfA = async (id: string) =>
    (await running.events(id)).filter(({ event, properties }) => event === 'feature_used' && properties['feature'] === 'A').length

  test('who uses feature A five times over two sessions gets the tip beside it, with no reload', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const { page, complaints } = await watchedPage(context)
    await signUp(page, running.app.appUrl, { name: 'Ada', email: 'ada@example.com', tips: true })
    await finishOnboarding(page)
    const id = await accountId(page)
    const loads: string[] = []
    page.on('load', () => loads.push(page.url()))

    for (const card of ['one', 'two', 'three']) await addCard(page, card)
    await eventually(
      () => usesOfA(id),
      (uses) => uses === 3,
    )
    await running.pass(31 * MINUTE)
    await addCard(page, 'four')
    await eventually(
      () => usesOfA(id),
      (uses) => uses === 4,
    )
    await running.app.host.settled()
    expect(await page.getByText(TIP).count()).toBe(0)

    await addCard(page, 'five')
    await page.getByText(TIP).waitFor()
    const anchor = await boxOf(page.locator('#feature-a'))
    const tip = await boxOf(surfaceOf(page, TIP))
    const gap = tip.x - (anchor.x + anchor.width)
    expect(gap).toBeGreaterThanOrEqual(0)
    expect(gap).toBeLessThanOrEqual(24)
    // Its neighbours in the navigation are less than two of its heights away: the tip is at this one.
    expect(Math.abs(middleOf(tip) - middleOf(anchor))).toBeLessThan(anchor.height / 2)
    expect(tip.x).toBeGreaterThanOrEqual(0)
    expect(tip.y).toBeGreaterThanOrEqual(0)
    expect(tip.x + tip.width).toBeLessThanOrEqual(1280)
    expect(tip.y + tip.height).toBeLessThanOrEqual(800)
    expect(loads).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  test('who did not agree to tips gets none, and the ledger says why', async () => {
    const context = await browser.newContext()
    const { page } = await watchedPage(context)
    await signUp(page, running.app.appUrl, { name: 'Grace', email: 'grace@example.com' })
    await page.getByRole('button', { name: 'Skip' }).click()
    await page.getByRole('heading', { name: 'Boards' }).waitFor()
    const id = await accountId(page)
    const ledger = await eventually(
      () => running.app.host.config.store.decisions({ profile: id }),
      (found) => found.length > 0,
    )
    expect(ledger).toMatchObject([{ rule: 'core-benefits', outcome: 'suppressed', guard: 'consent' }])
    expect(await page.getByText(BENEFITS).count()).toBe(0)
    await context.close()
  })

  test('who skips the introduction gets the benefits; dismissed on one device, they are gone on the other', async () => {
    const first = await browser.newContext()
    const second = await browser.newContext()
    const { page: here, complaints } = await watchedPage(first)
    await signUp(here, running.app.appUrl, { name: 'Alan', email: 'alan@example.com', tips: true })
    await here.getByRole('button', { name: 'Skip' }).click()
    await here.getByText(BENEFITS).waitFor()
    const id = await accountId(here)
    expect(await running.app.host.conversation.open(id, 'in-app')).toHaveLength(1)

    const there = await signIn(second, 'alan@example.com')
    await there.getByText(BENEFITS).waitFor()
    const loads: string[] = []
    there.on('load', () => loads.push(there.url()))

    await here.keyboard.press('Escape')
    await here.getByText(BENEFITS).waitFor({ state: 'detached' })
    await there.getByText(BENEFITS).waitFor({ state: 'detached' })
    expect(loads).toEqual([])

    // Nothing is left to be shown to any device that comes later.
    expect(await running.app.host.conversation.open(id, 'in-app')).toEqual([])
    expect(complaints).toEqual([])
    await first.close()
    await second.close()
  })

  async function signIn(context: BrowserContext, email: string): Promise<Page> {
    const page = await context.newPage()
    await page.goto(running.app.appUrl)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Email', { exact: true }).fill(email)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Boards' }).waitFor()
    return page
  }
})

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox()
  if (box === null) throw new Error('it is not on the page')
  return box
}

/** The whole message that holds the text. */
function surfaceOf(page: Page, text: string): Locator {
  return page.locator('[role="dialog"], [role="tooltip"], [role="status"]', { hasText: text }).last()
}

/** Where a box has its middle, from the top. */
function middleOf({ y, height }: Box): number {
  return y + height / 2
}
