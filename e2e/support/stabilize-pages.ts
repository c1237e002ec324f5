import type { BrowserContext, Page } from '@playwright/test'

/** In milliseconds: what a page shows for so long goes by itself, such as the line after a commit. */
const TRANSIENT_MS = { min: 5_000, max: 10_000 }

/**
 * Makes the pages of a browser wait for the test, which a machine that stands still for some seconds may hold up: a page
 * that is opened listens before anything is done with it, and what it shows for seconds only, it shows for minutes.
 */
export async function stabilizePages(context: BrowserContext): Promise<void> {
  await context.addInitScript(({ min, max }) => {
    const originalSetTimeout = globalThis.setTimeout
    globalThis.setTimeout = ((callback: () => void, ms = 0, ...args: []) =>
      originalSetTimeout(callback, ms >= min && ms <= max ? ms * 60 : ms, ...args)) as typeof setTimeout
  }, TRANSIENT_MS)
  context.on('page', (page) => {
    for (const method of ['goto', 'reload'] as const) {
      const originalMethod = page[method].bind(page) as (...args: unknown[]) => ReturnType<Page['goto']>
      page[method] = async (...args: unknown[]) => {
        const response = await originalMethod(...args)
        await waitForHydration(page)
        return response
      }
    }
  })
}

/** A page is drawn before its script is there: keys and clicks until then are lost. Portals come with the script. */
export async function waitForHydration(page: Page): Promise<void> {
  await page.waitForLoadState()
  if ((await page.locator('main#content').count()) === 0) return
  await page.locator('[data-portal]').first().waitFor({ state: 'attached' })
}
