import { describe, expect, test } from 'vitest'
import { BANNER, MODAL } from './messages.ts'
import { chromiumWorld, expectAccessible, focusedName, isChromiumThere, walk } from './world.ts'

describe.runIf(isChromiumThere)('in Chromium', () => {
  const world = chromiumWorld()

  describe('a modal', () => {
    test('holds the focus, closes with Esc and gives the focus back', async () => {
      const page = await world.open()
      await page.locator('#after').focus()
      world.product.send('ada', MODAL)
      await page.getByRole('dialog', { name: 'Three things' }).waitFor()
      await expectAccessible(page)
      expect(await focusedName(page)).toBe('modal')
      expect(await walk(page, ['Shift+Tab', 'Tab', 'Tab', 'Shift+Tab', 'Tab'])).toEqual(['Close', 'Open the board', 'Close', 'Open the board', 'Close'])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await focusedName(page)).toBe('after')
      await world.expectTold(['benefits seen', 'benefits dismissed'])
    })

    test('follows its link by keyboard alone', async () => {
      world.product.send('ada', MODAL)
      const page = await world.open()
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.waitForURL('**#boards')
      await world.expectTold(['benefits seen', 'benefits clicked'])
    })

    test('never follows a link that would run code', async () => {
      world.product.send('ada', { ...MODAL, content: { ...MODAL.content, title: '<b>x</b>', action: { label: 'Go', url: ' java\tscript:alert(1)' } } })
      const page = await world.open()
      await page.getByRole('heading', { name: '<b>x</b>' }).waitFor()
      expect(await page.getByRole('link').count()).toBe(0)
      await page.getByRole('button', { name: 'Go' }).click()
      await world.expectTold(['benefits seen', 'benefits clicked'])
    })
  })

  describe('a banner', () => {
    test('lies at the bottom or top, and its link leads away with the answer told', async () => {
      world.product.send('ada', BANNER)
      world.product.send('ada', { key: 'up', kind: 'banner', content: { body: 'Saved.', position: 'top' } })
      const page = await world.open()
      const banner = page.getByRole('region', { name: 'Reports now go out' })
      await banner.waitFor()
      await expectAccessible(page)
      const box = (await banner.boundingBox())!
      expect(640 - (box.y + box.height)).toBe(16)
      expect(await page.getByRole('region').count()).toBe(1)
      await banner.getByRole('link', { name: 'Choose a day' }).click()
      await page.waitForURL('**/help')
      await world.expectTold(['news seen', 'news clicked'])
    })

    test('at the top is named without a title, and Esc inside closes it', async () => {
      world.product.send('ada', { key: 'up', kind: 'banner', content: { body: 'Saved.', position: 'top' } })
      const page = await world.open()
      const banner = page.getByRole('region', { name: 'Message' })
      await banner.waitFor()
      expect((await banner.boundingBox())!.y).toBe(16)
      await page.keyboard.press('Shift+Tab')
      expect(await focusedName(page)).toBe('Close')
      await page.keyboard.press('Escape')
      await world.expectTold(['up seen', 'up dismissed'])
    })
  })
})
