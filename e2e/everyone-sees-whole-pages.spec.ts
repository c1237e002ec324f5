import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { PLACES } from './places'

const WIDE = { width: 1440, height: 900 }
const NARROW = { width: 390, height: 844 }
const SCHEMES = ['light', 'dark'] as const

/** Pictures are taken of pages opened at their width; a test looks at one page and makes its window narrow. */
const takesPictures = process.env.LAKESHORE_PICTURES !== undefined

for (const place of PLACES) {
  test.describe(place.name, () => {
    test.use({ who: place.who ?? 'editor' })

    for (const size of takesPictures ? [WIDE, NARROW] : [WIDE]) {
      const title = `Everyone sees ${place.name} whole, in light and dark, from ${size.width} px`
      test(title, { tag: '@pictures' }, async ({ page, mishaps }) => {
        if (place.provokes) mishaps.provoke(place.provokes)
        await page.setViewportSize(size)
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
        await page.goto(place.address)
        await place.open?.(page)
        await expect(place.ready(page)).toBeVisible()
        await page.evaluate(() => document.fonts.ready)
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
          if (takesPictures) {
            await page.screenshot({ path: `.cache/screenshots/${place.name}-${size.width}-${colorScheme}.png` })
            continue
          }
          const findings = await seriousFindings(page, colorScheme === 'light' ? null : 'scheme')
          expect.soft(findings, `what axe finds serious in ${colorScheme}`).toEqual([])
        }
        await expectWhole(page)
        if (!takesPictures) {
          await page.setViewportSize(NARROW)
          await expectWhole(page)
          expect.soft(await seriousFindings(page, 'width'), 'what axe finds serious in a narrow window').toEqual([])
        }
      })
    }
  })
}

/** `of`: only the rules that another scheme, or another width, can break; null for all of them. */
async function seriousFindings(page: Page, of: 'scheme' | 'width' | null): Promise<string[]> {
  // In one page: there is no frame to look into, and its own way opens a second one for each look.
  // What passes is not described: with every cell of a grid that takes several times as long as judging it.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  if (of === 'scheme') axe.withRules(['color-contrast', 'link-in-text-block'])
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
  if (of === 'width') axe.disableRules(['color-contrast'])
  const { violations } = await axe.analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`))
}

/** What a window's new width moves may take a moment to come to rest. */
async function expectWhole(page: Page): Promise<void> {
  const { width } = page.viewportSize() ?? {}
  await expect
    .soft(async () => {
      expect(await sidewaysScroll(page), 'pixels the page scrolls sideways').toBe(0)
      expect(await cutTexts(page), 'texts that are cut without a way to read them').toEqual([])
      expect(await sidewaysCards(page), 'lists of cards that are scrolled sideways').toEqual([])
    }, `at ${width} px`)
    .toPass({ timeout: 30_000 })
}

function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** Tables whose rows become cards where there is little room have nothing beyond the edge. */
function sidewaysCards(page: Page): Promise<(string | null)[]> {
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
function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cuts = (overflow: string) => overflow === 'hidden' || overflow === 'clip'
    const scrolls = (overflow: string) => overflow === 'auto' || overflow === 'scroll'

    const cutBy = (element: HTMLElement, text: DOMRect): string | null => {
      for (let box: HTMLElement | null = element; box; box = box.parentElement) {
        const { overflowX, overflowY, textOverflow, position, clipPath } = getComputedStyle(box)
        // Only for those who listen.
        if (clipPath !== 'none') return null
        if (scrolls(overflowX) || scrolls(overflowY)) return null
        const edge = box.getBoundingClientRect()
        const isCutAtSide = cuts(overflowX) && (text.right > edge.right + 1.5 || text.left < edge.left - 1.5)
        if (isCutAtSide) return textOverflow === 'ellipsis' && element.closest('[title]') ? null : 'side'
        if (cuts(overflowY) && text.bottom > edge.bottom + 3) return 'bottom'
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
      const how = cutBy(element, text)
      if (how)
        found.add(`${how}: ${words.slice(0, 60)} <${element.tagName.toLowerCase()} class="${element.className}">`)
    }
    return [...found]
  })
}
