import { type BrowserContext, expect, type Page } from '@playwright/test'

/** Timeouts, in milliseconds, after which pages hide transient texts, such as the line after a commit. */
const TRANSIENT_MS = { min: 5_000, max: 10_000 }

/** Parts that React has streamed but not moved into place yet. */
const LATE_PARTS = 'div[hidden][id^="S:"]'

/** Controls that can be pressed or typed into. */
const CONTROLS = 'main#content :is(a[href], button, input, textarea, select, [tabindex])'

/**
 * Makes tests robust on a busy machine: opening a page waits until its script listens, and lines that pages show only
 * for seconds are shown for minutes.
 */
export async function stabilizePages(context: BrowserContext): Promise<void> {
  await context.addInitScript(({ min, max }) => {
    const originalSetTimeout = globalThis.setTimeout
    globalThis.setTimeout = ((callback: () => void, ms = 0, ...args: []) =>
      originalSetTimeout(callback, ms >= min && ms <= max ? ms * 60 : ms, ...args)) as typeof setTimeout
  }, TRANSIENT_MS)
  // A context that the test before used has its page already.
  for (const page of context.pages()) waitWhenOpened(page)
  context.on('page', waitWhenOpened)
}

function waitWhenOpened(page: Page): void {
  for (const method of ['goto', 'reload'] as const) {
    const originalMethod = page[method].bind(page) as (...args: unknown[]) => ReturnType<Page['goto']>
    page[method] = async (...args: unknown[]) => {
      const response = await originalMethod(...args)
      await waitForHydration(page)
      return response
    }
  }
}

/**
 * Waits until the script of a page listens: earlier keys and clicks are lost. The code of some parts follows that of the
 * page. Also waits for the end of the stream of the page: late parts are in a hidden element until React moves them into
 * place, or removes them because the browser has rendered that part in the meantime. Until then the same element can be
 * in the document twice.
 */
export async function waitForHydration(page: Page): Promise<void> {
  await page.waitForLoadState()
  await expect(page.locator(LATE_PARTS)).toHaveCount(0)
  if ((await page.locator('main#content').count()) === 0) return
  await page.locator('[data-interactive]').waitFor({ state: 'attached' })
  await expect.poll(() => page.locator(CONTROLS).evaluateAll(findDeaf), 'controls that do not listen yet').toEqual([])
}

/** Runs in the page. @returns the controls that React has not taken over yet */
function findDeaf(controls: readonly Element[]): string[] {
  return controls
    .filter(
      (control) =>
        // CodeMirror draws its own.
        control.closest('.cm-editor') === null && !Object.keys(control).some((key) => key.startsWith('__reactProps$')),
    )
    .map(({ outerHTML }) => outerHTML.slice(0, 200))
}
