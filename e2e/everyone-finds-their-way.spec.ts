import { EARTHQUAKES, FLIGHTS, paths } from './support/addresses'
import { expect, navigateByKeys, test } from './support/fixtures'
import { createTripsTable, tripsCsv } from './support/cli'
import { stabilizePages } from './support/stabilize-pages'
import { address, storageStateOf } from './support/personas'

test('A user walks the catalog tree with the keyboard and filters it, finds a table and a page in the palette, and pages by the keys that ? lists', {
  tag: '@journey',
}, async ({ page }) => {
  await page.goto(paths.catalogs())
  const tree = page.getByRole('tree')
  await tree.getByRole('treeitem', { name: /^demo/ }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(tree.getByRole('treeitem', { name: /^demo/ })).toHaveAttribute('aria-expanded', 'true')
  await expect(tree.getByRole('treeitem', { name: 'airports' })).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect(tree.getByRole('treeitem', { name: 'airports' })).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(tree.getByRole('treeitem', { name: 'birdstrikes' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'demo.birdstrikes' })).toBeVisible()
  await expect(tree.getByRole('treeitem', { name: 'birdstrikes' })).toHaveAttribute('aria-selected', 'true')

  await page.getByRole('navigation', { name: 'Catalogs' }).getByRole('searchbox').fill('quak')
  const found = tree.getByRole('treeitem', { name: /earthquakes/ })
  await expect(found).toBeVisible()
  await expect(tree.getByRole('treeitem', { name: /weather/ })).toHaveCount(0)
  await found.getByRole('link').click()
  await expect(page).toHaveURL(paths.table(EARTHQUAKES))
  await expect(page.getByRole('heading', { name: 'demo.earthquakes' })).toBeVisible()

  await page.keyboard.press('Control+k')
  const words = page.getByPlaceholder('Tables, columns, snapshot ids, actions')
  await words.fill('daily')
  // Faster than the search: Enter opens the result of this query, not of the previous one.
  await words.press('Enter')
  await expect(page.getByRole('heading', { name: 'stocks.daily' })).toBeVisible()

  await page.keyboard.press('Control+k')
  await words.fill('demo')
  // The results of the words before, which stay until then, have no namespace.
  await expect(page.getByRole('button', { name: /^demo\s*local/ }).locator('mark')).toBeVisible()
  await words.press('ArrowDown')
  await words.press('ArrowUp')
  await words.press('Enter')
  await expect(page).toHaveURL(paths.namespace('local', ['demo']))

  await page.keyboard.press('Control+k')
  await words.fill('compression')
  // By a key: results that arrive move what the mouse points at.
  await page.getByRole('button', { name: 'Compression dashboard' }).press('Enter')
  await expect(page).toHaveURL(paths.compressionDashboard())

  await expect(words).toBeHidden()
  await page.keyboard.press('Shift+?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(help).toContainText('find a table, a namespace or a page')
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()
  for (const [key, address] of [
    ['q', paths.query()],
    ['d', paths.ingestionDashboard()],
    ['e', paths.catalogs()],
    ['h', paths.home()],
  ] as const) {
    await navigateByKeys(page, key, address)
  }
})

test('A user on a phone goes from a catalog to a table by touch, and back by the breadcrumbs', async ({ browser }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
  const context = await browser.newContext({ ...phone, baseURL: address(), storageState: storageStateOf('viewer') })
  await stabilizePages(context)
  const page = await context.newPage()
  await page.goto(paths.catalog('local'))
  const main = page.getByRole('main')
  await main.getByRole('link', { name: 'demo' }).first().tap()
  await expect(page).toHaveURL(paths.namespace('local', ['demo']))
  await main.getByRole('link', { name: 'flights', exact: true }).first().tap()
  await expect(page).toHaveURL(paths.table(FLIGHTS))
  const trail = page.getByRole('navigation', { name: 'Breadcrumbs' })
  await trail.getByRole('link', { name: 'demo' }).tap()
  await expect(page).toHaveURL(paths.namespace('local', ['demo']))
  await trail.getByRole('link', { name: 'local' }).tap()
  await expect(page).toHaveURL(paths.catalog('local'))
  await context.close()
})

test('The colour scheme follows the system until the user chooses one, and the choice is stored', async ({ page }) => {
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(paths.account())
  await expect.poll(scheme).toBe('dark')
  // The page may not hear of a change of the medium while it lays itself out, or while the browser takes it for hidden.
  await expect(async () => {
    await page.bringToFront()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(scheme, { timeout: 5_000 }).toBe('light')
  }).toPass()
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitem', { name: 'Dark' }).click()
  await expect.poll(scheme).toBe('dark')
  await page.reload()
  await expect.poll(scheme).toBe('dark')
})

test('A user sorts and filters the tables of a namespace, and opens one', async ({ page }) => {
  await page.goto(paths.namespace('local', ['demo']))
  const list = page.getByRole('grid', { name: 'Tables, views and namespaces' })
  const firstName = list.getByRole('row').nth(1).getByRole('link')
  await expect(firstName).toHaveText('airports')
  await list.getByRole('button', { name: 'Rows' }).click()
  await expect(list.getByRole('columnheader', { name: 'Rows' })).toHaveAttribute('aria-sort', 'descending')
  await expect(firstName).toHaveText('flights')
  await page.keyboard.press('/')
  await page.keyboard.type('weath')
  await expect(firstName).toHaveText('weather')
  await expect(page).toHaveURL(/[?&]q=weath/)
  await firstName.click()
  await expect(page.getByRole('heading', { name: 'demo.weather' })).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL(/[?&]sort=-rows/)
  await expect(firstName).toHaveText('weather')
  await page.getByRole('searchbox', { name: /entries/ }).clear()
  await expect(firstName).toHaveText('flights')
})

test('On a narrow desktop every column can be reached, names of properties are whole, and the tree can be hidden', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1024, height: 800 })
  await page.goto(paths.table(FLIGHTS, 'snapshots'))
  const actions = page.getByRole('button', { name: / options$/ }).first()
  await expect(actions).toBeInViewport({ ratio: 1 })

  await page.getByRole('tab', { name: 'Settings' }).click()
  const names = page.getByRole('table', { name: 'Properties' }).locator('td:first-child > div > div:first-child code')
  await expect(names.first()).toBeVisible()
  const cutNames = await names.evaluateAll((elements) =>
    elements.flatMap((element) => {
      const { right } = element.getBoundingClientRect()
      const cellRight = element.closest('td')?.getBoundingClientRect().right ?? 0
      return right <= cellRight ? [] : [element.textContent]
    }),
  )
  expect(cutNames).toEqual([])

  await page.getByRole('tab', { name: 'Files' }).click()
  const sequence = page.getByRole('columnheader', { name: 'Seq' })
  await expect(page.locator('[data-more]')).toBeVisible()
  await sequence.scrollIntoViewIfNeeded()
  await expect(sequence).toBeInViewport({ ratio: 0.95 })
  await expect(page.locator('[data-more]')).toHaveCount(0)

  // The tree stays hidden until it is shown again.
  await page.getByRole('button', { name: 'Hide catalog tree' }).click()
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.reload()
  await expect(sequence).toBeVisible()
  await expect(page.getByRole('tree')).toHaveCount(0)
  await page.getByRole('button', { name: 'Show catalog tree' }).click()
  await expect(page.getByRole('tree')).toBeVisible()
  await expect(sequence).toBeInViewport({ ratio: 0.95 })
})

test('The panels of the Overview are aligned, and a phone shows many columns of a schema at once', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(paths.table(FLIGHTS))
  const bottom = async (name: string) => {
    const { y, height } = (await page.getByRole('region', { name, exact: true }).boundingBox())!
    return Math.round(y + height)
  }
  await expect(page.getByRole('region', { name: 'Newest commits' }).getByText('append').first()).toBeVisible()
  // Panels next to each other end together.
  await expect(page.getByRole('region', { name: 'Largest partitions' }).getByRole('listitem').first()).toBeVisible()
  await expect.poll(async () => await bottom('Size and rows')).toBe(await bottom('Newest commits'))
  await expect.poll(async () => await bottom('Columns')).toBe(await bottom('Largest partitions'))
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(page.getByRole('complementary', { name: 'Connect' })).toContainText('PyIceberg')
  await page.keyboard.press('Escape')

  await page.getByRole('tab', { name: 'Schema' }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  const column = page.getByRole('table', { name: 'Schema' }).getByRole('row').filter({ hasText: 'arrival_delay' })
  // The row may be drawn again once the page can be edited.
  await expect.poll(async () => (await column.boundingBox())?.height ?? Number.POSITIVE_INFINITY).toBeLessThan(90)
})

test('A table with special characters in its name can be opened like any other', async ({ page }) => {
  const name = '100%25 é+&'
  await createTripsTable(`lab.${name}`, tripsCsv(1n, 3))
  await page.goto(paths.namespace('local', ['lab']))
  await page
    .getByRole('grid', { name: 'Tables, views and namespaces' })
    .getByRole('link', { name, exact: true })
    .click()
  await expect.poll(() => page.title()).toContain(`Overview · lab.${name} · `)
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '4')
  await page.reload()
  await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '4')
})
