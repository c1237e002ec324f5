import type { BrowserContext, Page } from '@playwright/test'

/** In milliseconds: what a page shows for so long goes by itself, such as the line after a commit. */
const SHOWN_FOR_MS = { shortest: 5_000, longest: 10_000 }

/**
 * Makes the pages of a browser wait for the test, which a machine that stands still for some seconds may hold up: a page
 * that is opened listens before anything is done with it, and what it shows for seconds only, it shows for minutes.
 */
export async function waitForTest(context: BrowserContext): Promise<void> {
  await context.addInitScript(({ shortest, longest }) => {
    const later = globalThis.setTimeout
    globalThis.setTimeout = ((work: () => void, ms = 0, ...given: []) =>
      later(work, ms >= shortest && ms <= longest ? ms * 60 : ms, ...given)) as typeof setTimeout
  }, SHOWN_FOR_MS)
  context.on('page', (page) => {
    for (const opens of ['goto', 'reload'] as const) {
      const open = page[opens].bind(page) as (...given: unknown[]) => ReturnType<Page['goto']>
      page[opens] = async (...given: unknown[]) => {
        const response = await open(...given)
        await listens(page)
        return response
      }
    }
  })
}

/** A page is drawn before its script is there: keys and clicks until then are lost. Portals come with the script. */
export async function listens(page: Page): Promise<void> {
  await page.waitForLoadState()
  if ((await page.locator('main#content').count()) === 0) return
  await page.locator('[data-portal]').first().waitFor({ state: 'attached' })
}
