import { test as base, type BrowserContext, expect, type Locator, type Page } from '@playwright/test'
import { Mishaps } from './mishaps'
import { listens, waitForTest } from './patience'
import { address, type Person, stateOf } from './people'

type Options = {
  /** Who is at the browser. A viewer unless a file says otherwise: what reads must not need more. */
  who: Person
}

type Fixtures = {
  /** What went wrong in the browser without being shown; a test tells beforehand what it provokes. */
  mishaps: Mishaps
  /** A page of somebody else, at a browser of their own. */
  pageOf: (who: Person) => Promise<Page>
}

/**
 * A test speaks as a person: roles, names, addresses. In every one of them no request leaves the origin, no script
 * fails, and nothing is written to the browser's console as an error, refused by the Content-Security-Policy included.
 */
export const test = base.extend<Fixtures & Options>({
  who: ['viewer', { option: true }],
  baseURL: async ({}, use) => use(address()),
  storageState: async ({ who }, use) => use(stateOf(who)),
  mishaps: async ({}, use) => {
    const mishaps = new Mishaps(address())
    await use(mishaps)
    expect(mishaps.strayRequests, 'requests that left the origin').toEqual([])
    expect(mishaps.unexpected, 'errors in the console of the browser').toEqual([])
    expect(mishaps.missing, 'errors that were to come and did not').toEqual([])
  },
  context: async ({ context, mishaps }, use) => {
    await mishaps.watch(context)
    await waitForTest(context)
    await use(context)
  },
  pageOf: async ({ browser, mishaps }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (who) => {
      const context = await browser.newContext({ baseURL: address(), storageState: stateOf(who) })
      contexts.push(context)
      await mishaps.watch(context)
      await waitForTest(context)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },
})

export { expect }

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.goto('/login')
  await fillSignIn(page, username, password)
  await page.waitForURL(({ pathname }) => pathname !== '/login')
  await listens(page)
}

/** Presses the two keys that lead somewhere, which count only in short order, until one is there. */
export async function goByKeys(page: Page, key: string, address: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page).toHaveURL(address, { timeout: 5_000 })
  }).toPass()
}

/** Fills the form of the page one is on, and sends it. */
export async function fillSignIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** What a page, or a part of it, tells of a failure. Next keeps an empty alert of its own on every page. */
export function problemNote(within: Page | Locator) {
  return within.getByRole('alert').filter({ hasText: /\S/ })
}
