import { describe, expect, test } from 'vitest'
import { BANNER, TOOLTIP } from './messages.ts'
import { chromiumWorld, expectAccessible, focusedName, isChromiumThere, walk } from './world.ts'

describe.runIf(isChromiumThere)('a tooltip in Chromium', () => {
  const world = chromiumWorld()

  test('stands beside its anchor, is seen, and its action is heard', async () => {
    world.product.send('ada', TOOLTIP)
    const page = await world.open()
    const tip = page.getByRole('dialog', { name: 'Go further with Boards' })
    await tip.waitFor()
    await expectAccessible(page)
    const [card, anchor] = [(await tip.boundingBox())!, (await page.locator('#boards').boundingBox())!]
    expect(card.y - (anchor.y + anchor.height)).toBeCloseTo(12, -0.5)
    expect(card.x + card.width / 2).toBeCloseTo(anchor.x + anchor.width / 2, -1)
    expect(await focusedName(page)).not.toBe('Show me')
    await expect.poll(() => page.getByRole('status').textContent()).toContain('Paste a whole list')
    await tip.getByRole('button', { name: 'Show me' }).click()
    await world.expectTold(['tip seen', 'tip clicked'])
    expect(await page.evaluate('window.heard')).toEqual([
      ['shown', 'tip'],
      ['action', 'tip'],
    ])
    expect(await tip.count()).toBe(0)
  })

  test('turns to the other side where there is no room', async () => {
    world.product.send('ada', { ...TOOLTIP, content: { ...TOOLTIP.content, placement: 'top' } })
    const page = await world.open()
    const tip = page.getByRole('dialog')
    await tip.waitFor()
    expect((await tip.boundingBox())!.y).toBeGreaterThan((await page.locator('#boards').boundingBox())!.y)
  })

  test('waits for its anchor, holds up nothing, and waits again when the anchor goes', async () => {
    world.product.send('ada', { ...TOOLTIP, content: { ...TOOLTIP.content, anchor: '#later' } })
    world.product.send('ada', BANNER)
    const page = await world.open()
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
    await world.expectTold(['news seen', 'news dismissed', 'tip seen'])
  })

  test('is reached by Tab from its anchor, and left to what follows it', async () => {
    world.product.send('ada', TOOLTIP)
    const page = await world.open()
    await page.getByRole('dialog').waitFor()
    await page.locator('#boards').focus()
    expect(await walk(page, ['Tab', 'Tab', 'Tab', 'Shift+Tab', 'Tab', 'Shift+Tab', 'Shift+Tab'])).toEqual([
      'Show me',
      'Close',
      'after',
      'boards',
      'Show me',
      'boards',
      'before',
    ])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focusedName(page)).toBe('boards')
    await world.expectTold(['tip seen', 'tip dismissed'])
  })

  test('follows its anchor out of view and back', async () => {
    world.product.send('ada', TOOLTIP)
    const page = await world.open()
    await page.getByRole('dialog').waitFor()
    await page.evaluate(() => document.querySelector('main')!.setAttribute('class', 'long'))
    await page.evaluate(() => document.querySelector<HTMLElement>('main')!.style.setProperty('height', '3000px'))
    await page.mouse.wheel(0, 1500)
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.mouse.wheel(0, -1500)
    await page.getByRole('dialog').waitFor()
  })

  test('waits while the page has a dialog of its own open', async () => {
    const page = await world.open()
    await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<dialog id="own">Own</dialog>')
      document.querySelector<HTMLDialogElement>('#own')!.showModal()
    })
    world.product.send('ada', TOOLTIP)
    await page.waitForLoadState('networkidle')
    expect(await page.getByRole('dialog', { name: 'Go further' }).count()).toBe(0)
    await page.evaluate(() => document.querySelector<HTMLDialogElement>('#own')!.close())
    await page.getByRole('dialog', { name: 'Go further' }).waitFor()
  })
})
