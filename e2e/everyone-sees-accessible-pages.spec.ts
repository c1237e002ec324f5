import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures'
import { PAGE_CASES } from './support/page-cases'

const WIDE = { width: 1440, height: 900 }
const NARROW = { width: 390, height: 844 }
const SCHEMES = ['light', 'dark'] as const

/** Pictures are taken of pages opened at their width; a test looks at one page and makes its window narrow. */
const takesPictures = process.env.LAKESHORE_PICTURES !== undefined

for (const pageCase of PAGE_CASES) {
  test.describe(pageCase.name, () => {
    test.use({ persona: pageCase.persona ?? 'editor' })

    for (const size of takesPictures ? [WIDE, NARROW] : [WIDE]) {
      const title = `Everyone sees ${pageCase.name} whole, in light and dark, from ${size.width} px`
      test(title, { tag: '@pictures' }, async ({ page, pageErrors }) => {
        if (pageCase.expectedError) pageErrors.expectError(pageCase.expectedError)
        await page.setViewportSize(size)
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
        await page.goto(pageCase.address)
        await pageCase.open?.(page)
        await expect(pageCase.ready(page)).toBeVisible()
        await page.evaluate(() => document.fonts.ready)
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
          if (takesPictures) {
            await page.screenshot({ path: `.cache/screenshots/${pageCase.name}-${size.width}-${colorScheme}.png` })
            continue
          }
          const findings = await findSeriousViolations(page, colorScheme === 'light' ? null : 'scheme')
          expect.soft(findings, `what axe finds serious in ${colorScheme}`).toEqual([])
        }
        await expectNothingCut(page)
        if (!takesPictures) {
          await page.setViewportSize(NARROW)
          await expectNothingCut(page)
          expect
            .soft(await findSeriousViolations(page, 'width'), 'what axe finds serious in a narrow window')
            .toEqual([])
        }
      })
    }
  })
}

/** `of`: only the rules that another scheme, or another width, can break; null for all of them. */
async function findSeriousViolations(page: Page, changed: 'scheme' | 'width' | null): Promise<string[]> {
  // In one page: there is no frame to look into, and its own way opens a second one for each look.
  // What passes is not described: with every cell of a grid that takes several times as long as judging it.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  if (changed === 'scheme') axe.withRules(['color-contrast', 'link-in-text-block'])
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
  if (changed === 'width') axe.disableRules(['color-contrast'])
  const { violations } = await axe.analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`))
}

/** What a window's new width moves may take a moment to come to rest. */
async function expectNothingCut(page: Page): Promise<void> {
  const { width } = page.viewportSize() ?? {}
  await expect
    .soft(async () => {
      expect(await measureHorizontalScroll(page), 'pixels the page scrolls sideways').toBe(0)
      expect(await findCutTexts(page), 'texts that are cut without a way to read them').toEqual([])
      expect(await findOverflowingCards(page), 'lists of cards that are scrolled sideways').toEqual([])
    }, `at ${width} px`)
    .toPass({ timeout: 30_000 })
}

function measureHorizontalScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** Tables whose rows become cards where there is little room have nothing beyond the edge. */
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
 * Texts that nobody can read whole: cut at the side without an ellipsis that has a title, or at the bottom, by their own
 * box or by one around it that does not scroll, or beyond the edge of the window.
 */
function findCutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isCutting = (overflow: string) => overflow === 'hidden' || overflow === 'clip'
    const isScrolling = (overflow: string) => overflow === 'auto' || overflow === 'scroll'

    const findCutEdge = (element: HTMLElement, text: DOMRect): string | null => {
      for (let box: HTMLElement | null = element; box; box = box.parentElement) {
        const { overflowX, overflowY, textOverflow, position, clipPath } = getComputedStyle(box)
        // Only for those who listen.
        if (clipPath !== 'none') return null
        if (isScrolling(overflowX) || isScrolling(overflowY)) return null
        const edge = box.getBoundingClientRect()
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
