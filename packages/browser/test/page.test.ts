import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BANNER, MODAL, TOOLTIP } from './messages.ts'
import { chromiumWorld, isChromiumThere } from './world.ts'

describe.runIf(isChromiumThere)('a page in Chromium', () => {
  const world = chromiumWorld()

  test('what draws is loaded with the first message', async () => {
    const page = await world.open()
    await page.waitForLoadState('networkidle')
    const before = world.product.loaded.length
    world.product.send('ada', BANNER)
    await page.getByRole('region').waitFor()
    expect(world.product.loaded.slice(before).filter((path) => path.includes('presenter'))).toHaveLength(1)
  })

  test('what is dismissed on one page goes from the others of the same user', async () => {
    world.product.send('ada', BANNER)
    const elsewhere = await world.newContext()
    const [page, other] = [await world.open(), await world.open('ada', elsewhere)]
    await page.getByRole('region').waitFor()
    await other.getByRole('region').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await other.getByRole('region').waitFor({ state: 'detached' })
    await elsewhere.close()
  })

  test('another user sees another inbox, nobody none', async () => {
    world.product.send('ada', BANNER)
    world.product.send('grace', MODAL)
    const page = await world.open()
    await page.getByRole('region').waitFor()
    await page.evaluate("window.user = { userId: 'grace' }; window.waymark.identityChanged()")
    await page.getByRole('dialog').waitFor()
    expect(await page.getByRole('region').count()).toBe(0)
    await page.evaluate('window.user = {}; window.waymark.identityChanged()')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('an answer the host could not take is told after the next load, and the message stays away', async () => {
    world.product.setDown(true)
    world.product.send('ada', BANNER)
    const page = await world.open()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('region').waitFor({ state: 'detached' })
    world.product.setDown(false)
    await page.reload()
    await world.expectTold(['news seen', 'news dismissed'])
    expect(await page.getByRole('region').count()).toBe(0)
  })

  test.runIf(process.env['WAYMARK_SCREENSHOTS'])('pictures of all forms in light and dark', { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-'))
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [name, message] of Object.entries({ tooltip: TOOLTIP, modal: MODAL, banner: BANNER })) {
        world.product.forget()
        world.product.send('ada', message)
        const pictured = await world.newContext({ viewport: { width: 1000, height: 560 }, colorScheme, reducedMotion: 'reduce', deviceScaleFactor: 1.5 })
        const page = await world.open('ada', pictured)
        await page.locator('.tooltip[data-placed], .modal, .banner').waitFor()
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
        await pictured.close()
      }
    }
    console.info(folder)
  })
})
