import { test as base, type BrowserContext, expect, type Locator, type Page } from '@playwright/test'
import { PageErrors } from './page-errors'
import { waitForHydration, stabilizePages } from './stabilize-pages'
import { address, type Persona, storageStateOf } from './personas'

type Options = {
  /** Who is at the browser. A viewer unless a file says otherwise: what reads must not need more. */
  persona: Persona
}

type Fixtures = {
  /** What went wrong in the browser without being shown; a test tells beforehand what it provokes. */
  pageErrors: PageErrors
  /** A page of somebody else, at a browser of their own. */
  openPageAs: (persona: Persona) => Promise<Page>
}

/**
 * A test speaks as a person: roles, names, addresses. In every one of them no request leaves the origin, no script
 * fails, and nothing is written to the browser's console as an error, refused by the Content-Security-Policy included.
 */
export const test = base.extend<Fixtures & Options>({
  persona: ['viewer', { option: true }],
  baseURL: async ({}, use) => use(address()),
  storageState: async ({ persona }, use) => use(storageStateOf(persona)),
  pageErrors: async ({}, use) => {
    const pageErrors = new PageErrors(address())
    await use(pageErrors)
    expect(pageErrors.strayRequests, 'requests that left the origin').toEqual([])
    expect(pageErrors.unexpected, 'errors in the console of the browser').toEqual([])
    expect(pageErrors.missing, 'errors that were to come and did not').toEqual([])
  },
  context: async ({ context, pageErrors }, use) => {
    await pageErrors.watch(context)
    await stabilizePages(context)
    await use(context)
  },
  openPageAs: async ({ browser, pageErrors }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (persona) => {
      const context = await browser.newContext({ baseURL: address(), storageState: storageStateOf(persona) })
      contexts.push(context)
      await pageErrors.watch(context)
      await stabilizePages(context)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },
})

export { expect }

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.goto('/login')
  await fillSignInForm(page, username, password)
  await page.waitForURL(({ pathname }) => pathname !== '/login')
  await waitForHydration(page)
}

/** Presses the two keys that lead somewhere, which count only in short order, until one is there. */
export async function navigateByKeys(page: Page, key: string, address: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page).toHaveURL(address, { timeout: 5_000 })
  }).toPass()
}

/** Fills the form of the page one is on, and sends it. */
export async function fillSignInForm(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** What a page, or a part of it, tells of a failure. Next keeps an empty alert of its own on every page. */
export function problemNote(within: Page | Locator) {
  return within.getByRole('alert').filter({ hasText: /\S/ })
}
