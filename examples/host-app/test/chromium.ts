import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

export type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'

/** What to say when there is no browser to test with; undefined when there is one. */
export const noChromium: string | undefined = existsSync(EXECUTABLE) ? undefined : `skipped: no Chromium at ${EXECUTABLE} (apt-get install chromium)`

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

/** A page and everything it complained about: console errors, exceptions, failed requests and what the policy blocked. */
export async function watchedPage(context: BrowserContext): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const complaints: string[] = []
  const page = await context.newPage()
  // Sooner than a test times out, so that it is said what was waited for.
  page.setDefaultTimeout(10_000)
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  return { page, complaints }
}

export interface NewUser {
  readonly name: string
  readonly email: string
  readonly tips?: boolean
  readonly emails?: boolean
}

/** Fills in the sign-up form as a person would. */
export async function signUp(page: Page, url: string, { name, email, tips = false, emails = false }: NewUser): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Email', { exact: true }).fill(email)
  if (tips) await page.getByLabel('Adapt Fieldnotes to how I use it').check()
  if (emails) await page.getByLabel('Send me emails').check()
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('heading', { name: 'Name your workspace' }).waitFor()
}

export async function finishOnboarding(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Begin with a board' }).waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Open the workspace' }).click()
  await page.getByRole('heading', { name: 'Boards' }).waitFor()
}

/** Uses feature A once. */
export async function addCard(page: Page, text: string): Promise<void> {
  await page.getByLabel('New card').fill(text)
  await page.getByRole('button', { name: 'Add card' }).click()
  await page.locator('.card').getByText(text, { exact: true }).waitFor()
}
