import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCard, finishOnboarding, launchChromium, noChromium, signUp, watchedPage } from './chromium.ts'
import { eventually, type Running, run } from './running.ts'

const NOON = Date.UTC(2026, 2, 2, 12)
const DAY = 86_400_000

describe.skipIf(noChromium !== undefined)(`the pages in Chromium${noChromium === undefined ? '' : ` (${noChromium})`}`, () => {
  let running: Running
  let browser: Browser
  beforeAll(async () => {
    running = await run(NOON)
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await running?.close()
  })

  test('every page is shown without an error or anything the policy blocks', async () => {
    const context = await browser.newContext()
    const { page, complaints } = await watchedPage(context)
    await signUp(page, running.app.appUrl, { name: 'Grace Hopper', email: 'grace@example.com', tips: true, emails: true })
    await finishOnboarding(page)
    await addCard(page, 'Repair the relay')
    await page.getByLabel('Move “Repair the relay” on to Doing').click()
    await page.getByRole('link', { name: 'Automations' }).click()
    await page.getByRole('switch', { name: 'Date stamp' }).click()
    await expect.poll(() => page.getByRole('switch', { name: 'Date stamp' }).getAttribute('aria-checked')).toBe('true')
    await page.getByRole('link', { name: 'Reports' }).click()
    await page.getByText('By day').click()
    expect(await page.getByRole('radio', { name: 'By day' }).isChecked()).toBe(true)
    await page.getByRole('img', { name: 'last seven days' }).waitFor()
    await page.getByRole('button', { name: 'Grace Hopper' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    // With a clock that can be moved and room beside the product, the developer panel is open to begin with.
    await page.getByText('advanced-tip').waitFor()
    await page.getByRole('button', { name: 'Developer panel' }).click()
    expect(await page.getByRole('complementary', { name: 'Developer panel' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Developer panel' }).click()

    // A day without her: the mail comes, and the mailbox shows it.
    await Promise.all([page.waitForResponse(/travel/), page.getByRole('button', { name: '+1 day' }).click()])
    await page.goto(`${running.app.appUrl}/mailbox`)
    await page.getByRole('heading', { name: 'Grace Hopper, your cards are waiting' }).waitFor()
    await page.frameLocator('iframe').getByRole('link', { name: 'Open Fieldnotes' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  test('events carry the choice of their user, and happen when the virtual clock says', async () => {
    const context = await browser.newContext({ timezoneId: 'Asia/Tokyo' })
    const page = await context.newPage()
    await signUp(page, running.app.appUrl, { name: 'Alan', email: 'alan@example.com', tips: true })
    await finishOnboarding(page)
    const before = running.clock.now()
    await running.pass(3 * DAY)
    await addCard(page, 'Think about machines')

    const { id } = (await (await page.request.get(`${running.app.appUrl}/api/session`)).json()).account
    const found = await eventually(
      () => running.events(id),
      (events) => events.some(({ event }) => event === 'feature_used'),
    )
    const used = found.find(({ event }) => event === 'feature_used')
    expect(used?.source).toBe('web')
    expect(used?.context).toMatchObject({ timezone: 'Asia/Tokyo', consent: { categoryPreferences: { personalization: true, marketing: false } } })
    expect(Math.abs((used?.timestamp ?? 0) - (before + 3 * DAY))).toBeLessThan(5_000)
    expect(found.filter(({ source }) => source === 'web').every(({ context }) => context['consent'] !== undefined)).toBe(true)
    await context.close()
  })

  test('before sign-up nothing is reported, and a changed mind is', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const sent: string[] = []
    page.on('request', (request) => {
      if (request.url().startsWith(running.app.hostUrl)) sent.push(request.url())
    })
    await page.goto(running.app.appUrl)
    await page.getByRole('heading', { name: 'Keep the team’s work in sight' }).waitFor()
    expect(sent).toEqual([])

    await signUp(page, running.app.appUrl, { name: 'Edsger', email: 'edsger@example.com' })
    await finishOnboarding(page)
    await page.getByRole('button', { name: 'Edsger', exact: true }).click()
    await page.getByLabel('Send me emails').check()
    await page.getByRole('button', { name: 'Save' }).click()
    const { id } = (await (await page.request.get(`${running.app.appUrl}/api/session`)).json()).account
    await eventually(
      () => running.events(id),
      (events) => events.some(({ type, context: { consent } }) => type === 'identify' && JSON.stringify(consent).includes('"marketing":true')),
    )
    await context.close()
  })

  test('from sign-up to a card on the board with the keyboard alone', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const { keyboard } = page
    const focused = () =>
      page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute('name') || document.activeElement?.id)
    const tabTo = async (wanted: string) => {
      for (let presses = 0; presses < 20; presses += 1) {
        if ((await focused())?.startsWith(wanted)) return
        await keyboard.press('Tab')
      }
      throw new Error(`Tab never reached '${wanted}'`)
    }

    await page.goto(running.app.appUrl)
    await page.getByRole('heading', { name: 'Keep the team’s work in sight' }).waitFor()
    await tabTo('name')
    await keyboard.type('Barbara')
    await tabTo('email')
    await keyboard.type('barbara@example.com')
    await keyboard.press('Tab')
    await keyboard.press('Space')
    await keyboard.press('Enter')

    await page.getByRole('heading', { name: 'Name your workspace' }).waitFor()
    await tabTo('Continue')
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Begin with a board' }).waitFor()
    await keyboard.press('Tab')
    await keyboard.press('ArrowDown')
    await tabTo('Continue')
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Choose your review day' }).waitFor()
    await tabTo('Open the workspace')
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Boards' }).waitFor()
    await page.getByText('Plan the interviews').waitFor()
    await tabTo('new-card')
    await keyboard.type('Call the hut')
    await keyboard.press('Enter')
    await page.locator('.card', { hasText: 'Call the hut' }).waitFor()
    await context.close()
  })
})
