import type { Locator, Page } from '@playwright/test'
import { FLIGHTS, ROUTES, paths } from './support/addresses'
import { createTripsTable, tripsCsv } from './support/cli'
import { expect, navigateByKeys, test } from './support/fixtures'
import { countUncovered, countVisibleRows } from './support/visible-rows'

const LONG_NAME = 'customer_lifetime_value_daily_snapshot_v2'
const WIDTHS = [1440, 1024, 390]
const HOME_LISTS = ['Freshness', 'Largest tables', 'Recent activity']

test('Long table names leave the figures of Home, the account button and the other breadcrumbs whole at every width', async ({
  page,
}) => {
  // Enough rows to be one of the largest tables, whatever other tests have created.
  await createTripsTable(`lab.${LONG_NAME}`, tripsCsv(1n, 50_000))
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(paths.home())
  const link = page.getByRole('link', { name: `lab.${LONG_NAME}`, exact: true })
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    await expect(link.first()).toBeVisible()
    for (const name of HOME_LISTS) {
      const table = page.getByRole('table', { name })
      await expect
        .poll(
          () => table.evaluate(({ parentElement: box }) => (box ? box.scrollWidth - box.clientWidth : null)),
          `pixels of ${name} out of view at ${width} px`,
        )
        .toBe(0)
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  const named = page.getByRole('table', { name: 'Largest tables' }).getByRole('link', {
    name: `lab.${LONG_NAME}`,
    exact: true,
  })
  // Too long for the list at this width: the keyboard shows the whole name.
  await named.focus()
  await expect(page.getByRole('tooltip')).toHaveText(`lab.${LONG_NAME}`)

  await named.press('Enter')
  await expect(page).toHaveURL(paths.table({ catalog: 'local', namespace: ['lab'], table: LONG_NAME }))
  const namespace = page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'lab' })
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 844 })
    await expect(namespace).toBeVisible()
    const account = () => page.getByRole('button', { name: /account of/ }).boundingBox()
    await expect.poll(async () => (await account())?.width).toBe(width < 768 ? 44 : 26)
    const { x, width: accountWidth } = (await account())!
    expect(x + accountWidth).toBeLessThanOrEqual(width)
    await expect.poll(() => namespace.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
  }
})

test('A low window shows rows of data at once, also as of a past state, and its header scrolls away', async ({
  page,
}) => {
  await openPastInLowWindow(page, 'data')
  await expectRowsAtOnce(page.getByRole('rowheader'))
  await expect(page.getByRole('grid', { name: 'Rows' }).getByText('2001-01-01').first()).toBeVisible()
  await page.getByRole('grid', { name: 'Rows' }).hover({ force: true })
  await page.mouse.wheel(0, 2_000)
  await expect(page.getByRole('link', { name: 'Lakeshore, home' }).last()).not.toBeInViewport()
  await expect.poll(() => countVisibleRows(page, 'Rows')).toBeGreaterThanOrEqual(5)
})

test('A low window shows rows of files at once, also as of a past state', async ({ page }) => {
  await openPastInLowWindow(page, 'files')
  await expectRowsAtOnce(page.getByRole('tabpanel').locator('tbody td:first-child'))
})

async function openPastInLowWindow(page: Page, tab: 'data' | 'files'): Promise<void> {
  await page.setViewportSize({ width: 720, height: 450 })
  await page.goto(paths.table(FLIGHTS, tab, { ref: 'q1-2001' }))
  await expect(page.getByRole('region', { name: 'Time travel' })).toBeVisible()
}

async function expectRowsAtOnce(rows: Locator): Promise<void> {
  await expect(rows.first()).toBeVisible()
  await expect.poll(() => countUncovered(rows)).toBeGreaterThanOrEqual(2)
}

test('On a phone figures stay on one line, labels stay apart from them, lists scroll with the page, and five destinations are next to each other', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const [address, names] of [
    [paths.ingestionDashboard(), ['Commits in this period']],
    [paths.home(), HOME_LISTS],
  ] as const) {
    await page.goto(address)
    for (const name of names) {
      const table = page.getByRole('table', { name })
      await expect(table.getByRole('row').nth(1)).toBeVisible()
      await expect.poll(() => table.evaluate(brokenFigures), `broken figures of ${name}`).toEqual([])
      await expect.poll(() => table.evaluate(coveredLabels), `labels of ${name} below their values`).toEqual([])
      await expect.poll(() => table.evaluate(hiddenHeight), `pixels of ${name} out of view`).toBe(0)
    }
  }

  // Settings are in the account menu.
  const labels = page.getByRole('navigation', { name: 'Main' }).getByRole('listitem').filter({ visible: true })
  await expect(labels).toHaveCount(5)
  const boxes = await labels.locator('span').evaluateAll((spans) =>
    spans.map((span) => {
      const { left, right } = span.getBoundingClientRect()
      return { left, right }
    }),
  )
  for (const [index, { left }] of boxes.entries()) {
    if (index > 0) expect(left - (boxes[index - 1]?.right ?? 0)).toBeGreaterThanOrEqual(4)
  }
  await page.getByRole('button', { name: /account of/ }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await expect(page).toHaveURL(paths.tokens())
})

/** Texts of figures that are on more than one line. */
function brokenFigures(table: Element): string[] {
  const broken: string[] = []
  for (const cell of table.querySelectorAll('td[data-align="end"]')) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      const range = document.createRange()
      range.selectNodeContents(text)
      if (range.getClientRects().length > 1) broken.push(cell.textContent)
    }
  }
  return broken
}

/** Labels of cards that are wider than the room before the value. */
function coveredLabels(table: Element): string[] {
  return [...table.querySelectorAll('td[data-label]')].flatMap((cell) => {
    const label = getComputedStyle(cell, '::before')
    const paddingLeft = Number.parseFloat(getComputedStyle(cell).paddingLeft)
    const isCovered = label.position === 'absolute' && Number.parseFloat(label.width) > paddingLeft - 4
    return isCovered ? [cell.getAttribute('data-label') ?? ''] : []
  })
}

/** How much of the table its own scroll areas hide. */
function hiddenHeight(table: Element): number {
  let hidden = 0
  for (let box = table.parentElement; box !== null && box.tagName !== 'MAIN'; box = box.parentElement) {
    if (getComputedStyle(box).overflowY !== 'visible') hidden += box.scrollHeight - box.clientHeight
  }
  return hidden
}

test('Choices and bars stay visible with the colours of the system', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto(paths.table(FLIGHTS))
  const edge = (name: string) =>
    page.getByRole('tab', { name }).evaluate((tab) => getComputedStyle(tab).borderBottomColor)
  expect(await edge('Overview')).not.toBe(await edge('Data'))
  const explore = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Explore' })
  await expect(explore).toHaveCSS('outline-style', 'solid')
  await expect(page.getByRole('treeitem', { selected: true })).toHaveCSS('outline-style', 'solid')
  await page.getByRole('tab', { name: 'Settings' }).click()
  const colours = page.getByText('Actually written, by bytes').locator('xpath=../..').locator('[aria-hidden]')
  await expect(colours).not.toHaveCount(0)
  for (const colour of await colours.all()) await expect(colour).toHaveCSS('forced-color-adjust', 'none')
  const groups = page.getByRole('navigation', { name: 'Property groups' })
  await expect(groups.getByRole('button', { pressed: true })).toHaveCSS('outline-style', 'solid')
  await expect(groups.getByRole('button', { pressed: false }).first()).not.toHaveCSS('outline-style', 'solid')
  await navigateByKeys(page, 'h', paths.home())
  const share = page.getByRole('table', { name: 'Largest tables' }).getByRole('img').first()
  await expect(share).toHaveCSS('forced-color-adjust', 'none')
})

test('A user chooses the time zone, and every page uses it from then on', async ({ page }) => {
  await page.goto(paths.view(ROUTES))
  await expect(page.getByText(/, \d\d:\d\d:\d\d UTC\+[12]$/).first()).toBeVisible()
  await page.getByRole('button', { name: /account of/ }).click()
  await page.getByRole('menuitem', { name: /^Time zone/ }).click()
  const zone = page.getByRole('dialog', { name: 'Time zone' }).getByRole('combobox')
  await zone.fill('asia/tok')
  await zone.press('ArrowDown')
  await zone.press('Enter')
  await page.keyboard.press('Escape')
  await expect(page.getByText(/, \d\d:\d\d:\d\d UTC\+9$/).first()).toBeVisible()
  await page.reload()
  await expect(page.getByText(/, \d\d:\d\d:\d\d UTC\+9$/).first()).toBeVisible()
  await navigateByKeys(page, 'h', paths.home())
  await expect(page.getByText('Asia/Tokyo', { exact: true })).toBeVisible()
})

for (const [name, address] of [
  ['Ingestion', paths.ingestionDashboard()],
  ['Home', paths.home()],
] as const) {
  test(`Nothing on ${name} moves while it loads`, async ({ page }) => {
    await page.addInitScript(() => {
      const shifts: number[] = []
      Object.assign(globalThis, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if ('value' in entry) shifts.push(Number(entry.value))
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto(address)
    await expect(page.getByRole('application').first()).toBeVisible()
    await page.waitForLoadState('networkidle')
    const total = await page.evaluate(() =>
      (globalThis as unknown as { shifts: number[] }).shifts.reduce((sum, shift) => sum + shift, 0),
    )
    expect(total).toBeLessThan(0.01)
  })
}

test('The top bar has its places however much of a page has arrived', async ({ browser, page }) => {
  const address = paths.table(FLIGHTS, 'files')
  const response = await page.request.get(address)
  const html = await response.text()
  const bar = html.slice(html.indexOf('<header'), html.indexOf('</header>'))
  const buttons = [...bar.matchAll(/<\/button>/g)].map(({ index }) => html.indexOf(bar) + index)
  expect(buttons.length).toBeGreaterThan(3)
  for (const width of [1440, 390]) {
    // Without scripts, which would complete the page.
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 900 } })
    const partial = await context.newPage()
    let body = html
    await partial.route('**/*', (route) =>
      route.request().isNavigationRequest() ? route.fulfill({ body, contentType: 'text/html' }) : route.continue(),
    )
    const boxes = async () => {
      await partial.goto(response.url())
      const shown = await partial.getByRole('banner').getByRole('button').all()
      return Promise.all(shown.map((button) => button.boundingBox()))
    }
    const whole = await boxes()
    for (const end of buttons) {
      body = html.slice(0, end)
      const arrived = await boxes()
      expect(arrived.length).toBeGreaterThan(0)
      expect(arrived, `with ${end} characters at ${width} px`).toEqual(whole.slice(0, arrived.length))
    }
    await context.close()
  }
})
