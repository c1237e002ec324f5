import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures'
import { PAGE_CASES } from './support/page-cases/page-cases'
import { countVisibleRows } from './support/visible-rows'

const WIDE = { width: 1440, height: 900 }
const NARROW = { width: 390, height: 844 }
const SCHEMES = ['light', 'dark'] as const

/**
 * Each page is examined once in each colour scheme, which is also once at each width. Contrast is measured once: every
 * colour of a text is readable on every ground in both schemes (`colour-tokens.test.ts`, `colours.test.ts`), and the
 * measurement shows that pages use these colours.
 */
const EXAMINATIONS = [
  { colorScheme: 'light', width: 'wide', size: WIDE, provenRules: [] },
  { colorScheme: 'dark', width: 'narrow', size: NARROW, provenRules: ['color-contrast'] },
] as const

/** For pictures each page is opened at every width. A test opens it once and then makes the window narrow. */
const takesPictures = process.env.LAKESHORE_PICTURES !== undefined

for (const pageCase of PAGE_CASES) {
  test.describe(pageCase.name, () => {
    test.use({ persona: pageCase.persona ?? 'editor' })

    const openAt = async (page: Page, size: typeof WIDE) => {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await pageCase.prepare?.(page)
      await page.goto(pageCase.address)
      await pageCase.open?.(page)
      await expect(pageCase.ready(page)).toBeVisible()
      await page.evaluate(() => document.fonts.ready)
    }

    for (const size of takesPictures ? [WIDE, NARROW] : [WIDE]) {
      const title = `The page ${pageCase.name} is accessible and not cut off, in light and dark, at ${size.width} px`
      test(title, { tag: '@pictures' }, async ({ page, pageErrors }) => {
        if (pageCase.expectedError) pageErrors.expectError(pageCase.expectedError)
        await openAt(page, size)
        if (takesPictures) {
          for (const colorScheme of SCHEMES) {
            await setScheme(page, colorScheme)
            await page.screenshot({ path: `.cache/screenshots/${pageCase.name}-${size.width}-${colorScheme}.png` })
          }
          await expectNothingCut(page)
          return
        }
        for (const examination of EXAMINATIONS) {
          await page.setViewportSize(examination.size)
          await setScheme(page, examination.colorScheme)
          await expectNothingCut(page)
          const { grid, [examination.width]: rowCount } = pageCase.visibleRows ?? {}
          if (grid !== undefined && rowCount !== undefined) {
            await expect
              .soft(async () => {
                expect(await countVisibleRows(page, grid), `rows of ${grid} in view`).toBeGreaterThanOrEqual(rowCount)
              }, `at ${examination.size.width} px`)
              .toPass({ timeout: 60_000 })
          }
          expect
            .soft(
              await findSeriousViolations(page, examination.provenRules),
              `serious axe violations in ${examination.colorScheme}, at ${examination.size.width} px`,
            )
            .toEqual([])
        }
      })
    }
  })
}

/**
 * The page may not hear of a change of the medium that comes while it lays itself out: the medium is changed again. The
 * browser tells the page with its next frame, and draws none for a page that it takes for hidden: the page comes to the
 * front.
 */
async function setScheme(page: Page, colorScheme: (typeof SCHEMES)[number]): Promise<void> {
  await expect(async () => {
    await page.bringToFront()
    await page.emulateMedia({ colorScheme: colorScheme === 'dark' ? 'light' : 'dark', reducedMotion: 'reduce' })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme, { timeout: 5000 })
  }).toPass()
}

async function findSeriousViolations(page: Page, provenRules: readonly string[]): Promise<string[]> {
  // The legacy mode stays in this page: there are no frames, and the default mode opens a second page per run.
  // Only violations are reported, because describing every passing cell of a grid takes several times as long.
  // Nothing is preloaded: its only rules are about sounds and about CSS that forbids turning a phone.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'], preload: false })
  const { violations } = await axe
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .disableRules([...provenRules])
    .analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`))
}

/** Retries, because the layout may take a moment to settle after the width has changed. */
async function expectNothingCut(page: Page): Promise<void> {
  const { width } = page.viewportSize() ?? {}
  await expect
    .soft(async () => {
      expect(await measureHorizontalScroll(page), 'pixels that the page scrolls sideways').toBe(0)
      expect(await findCutTexts(page), 'texts that are cut off and cannot be read').toEqual([])
      expect(await findOverflowingCards(page), 'card lists that scroll sideways').toEqual([])
    }, `at ${width} px`)
    .toPass({ timeout: 60_000 })
}

function measureHorizontalScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** Names of tables that are shown as cards and still overflow. */
function findOverflowingCards(page: Page): Promise<(string | null)[]> {
  const tables = page.locator(`table[data-stacks]`)
  return tables.evaluateAll(
    (found, isNarrow) =>
      found
        .filter(
          ({ parentElement }) => isNarrow && parentElement && parentElement.scrollWidth > parentElement.clientWidth,
        )
        .map((table) => table.ariaLabel),
    (page.viewportSize()?.width ?? 0) <= NARROW.width,
  )
}

/**
 * Texts that are cut off: at the side without an ellipsis and a title, at the bottom, or at the edge of the window. The
 * cause may be their own box or one around it that does not scroll. Whole figures that do not fit into the one line of a
 * header are left out on purpose.
 */
function findCutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isCutting = (overflow: string) => overflow === 'hidden' || overflow === 'clip'
    const isScrolling = (overflow: string) => overflow === 'auto' || overflow === 'scroll'

    const findCutEdge = (element: HTMLElement, text: DOMRect): string | null => {
      for (let box: HTMLElement | null = element; box; box = box.parentElement) {
        const { overflowX, overflowY, textOverflow, position, clipPath } = getComputedStyle(box)
        // Text for screen readers only.
        if (clipPath !== 'none') return null
        if (isScrolling(overflowX) || isScrolling(overflowY)) return null
        const edge = box.getBoundingClientRect()
        // Figures without room are in a line that is not shown.
        if (box.dataset['oneLine'] !== undefined && text.top >= edge.bottom) return null
        const isCutAtSide = isCutting(overflowX) && (text.right > edge.right + 1.5 || text.left < edge.left - 1.5)
        if (isCutAtSide) return textOverflow === 'ellipsis' && element.closest('[title]') ? null : 'side'
        if (isCutting(overflowY) && text.bottom > edge.bottom + 3) return 'bottom'
        if (position === 'fixed') break
      }
      return text.right > innerWidth + 1.5 ? 'window' : null
    }

    const found = new Set<string>()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement
      const words = node.textContent?.trim()
      if (
        !element ||
        !words ||
        element.closest('.sr-only, script, style, noscript, .cm-editor, svg, [role="grid"] [role="rowgroup"]')
      )
        continue
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const text = range.getBoundingClientRect()
      if (text.width <= 1 || text.height <= 1) continue
      const cause = findCutEdge(element, text)
      if (cause)
        found.add(`${cause}: ${words.slice(0, 60)} <${element.tagName.toLowerCase()} class="${element.className}">`)
    }
    return [...found]
  })
}
