import { test as base, type BrowserContext, expect, type Locator, type Page } from '@playwright/test'
import { PageErrors } from './page-errors'
import { waitForHydration, stabilizePages } from './stabilize-pages'
import { address, type Persona, storageStateOf } from './personas'

type Options = {
  /** The signed-in user. A viewer by default, because reading must not need more. */
  persona: Persona
}

type Fixtures = {
  /** Errors in the browser that no page shows. A test declares the errors that it expects before they happen. */
  pageErrors: PageErrors
  /** Opens a page as another user, in a separate browser context. */
  openPageAs: (persona: Persona) => Promise<Page>
}

/**
 * Tests act as users: they use roles, names and URLs. In every test, no request may leave the origin, no script may
 * fail, and the browser's console may have no errors, including violations of the Content-Security-Policy.
 */
export const test = base.extend<Fixtures & Options>({
  persona: ['viewer', { option: true }],
  baseURL: async ({}, use) => use(address()),
  storageState: async ({ persona }, use) => use(storageStateOf(persona)),
  pageErrors: async ({}, use) => {
    const pageErrors = new PageErrors(address())
    await use(pageErrors)
    expect(pageErrors.strayRequests, 'requests that left the origin').toEqual([])
    expect(pageErrors.unexpected, 'errors in the browser console').toEqual([])
    expect(pageErrors.missing, 'expected errors that did not occur').toEqual([])
  },
  context: async ({ context, pageErrors }, use) => {
    await pageErrors.watch(context)
    await stabilizePages(context)
    await use(context)
    await unroutePages(context)
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
    for (const context of contexts) {
      await unroutePages(context)
      await context.close()
    }
  },
})

export { expect }

/** A request that is still being answered when a test ends does not matter. */
async function unroutePages(context: BrowserContext): Promise<void> {
  for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' })
}

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.goto('/login')
  await fillSignInForm(page, username, password)
  await page.waitForURL(({ pathname }) => pathname !== '/login')
  await waitForHydration(page)
}

/** Presses `g` and another key until the page has changed: the second key has to follow within a second. */
export async function navigateByKeys(page: Page, key: string, address: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page).toHaveURL(address, { timeout: 30_000 })
  }).toPass()
}

/** Fills the sign-in form of the current page and submits it. */
export async function fillSignInForm(page: Page, username: string, password: string): Promise<void> {
  const submit = page.getByRole('button', { name: 'Sign in' })
  // Once the script listens: what is typed earlier does not load the explanation of a refusal.
  await expect(submit).toBeEnabled()
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await submit.click()
}

/** Signs in with a password that an admin generated, and chooses another one. */
export async function signInFirst(page: Page, username: string, generated: string, chosen: string): Promise<void> {
  await page.goto('/login')
  await fillSignInForm(page, username, generated)
  await expect(page.getByRole('heading', { name: 'Change your password' })).toBeVisible()
  const submit = page.getByRole('button', { name: 'Change password' })
  await expect(submit).toBeEnabled()
  await page.getByLabel('Generated password', { exact: true }).fill(generated)
  await page.getByLabel('New password', { exact: true }).fill(chosen)
  await submit.click()
  await page.waitForURL(({ pathname }) => pathname !== '/login')
  await waitForHydration(page)
}

/** The problem note of a page or a part of it. The alert in which Next.js announces the opened page does not count. */
export function problemNote(within: Page | Locator) {
  return within.locator('[role="alert"]:not(#__next-route-announcer__)').filter({ hasText: /\S/ })
}
