import type { Page } from '@playwright/test'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { labTable, paths } from './support/addresses'
import { createTable, tripsCsv } from './support/cli'
import { createEmptyTable } from './support/empty-table'
import { expect, navigateByKeys, signInFirst, test } from './support/fixtures'
import { apiPath, fetchFiles, fetchJson, fetchTableDetail } from './support/lake'

test.use({ persona: 'admin' })

const WADERS = labTable('whimbrels')
const USERNAME = 'wanda.waders'
const QUERY = { name: 'Curlews by city', sql: 'select 1 as curlews', isShared: true, parameters: [] }

test('Everyone finds by keyboard what is in the lake, as far as they may read', async ({
  page,
  openPageAs,
  pageErrors,
}) => {
  test.slow()
  const fields = [
    { name: 'id', type: 'long', required: true },
    { name: 'tarsus_length', type: 'string', doc: 'Measured with dunlin calipers' },
    { name: 'fare', type: 'decimal(9, 2)' },
  ]
  const csv = tripsCsv(1n, 10).replace('city', 'tarsus_length')
  await createTable('lab.whimbrels', fields, csv)
  await createEmptyTable('godwits')
  await setProperties(page, { 'lakeshore.tags': 'estuary', 'turnstone.color': 'ruddy' })
  const saved = (await (await page.request.post('/api/v1/queries', { data: QUERY })).json()) as {
    query: { queryId: string }
  }
  const snapshotId = (await fetchTableDetail(page.request, WADERS)).shown.snapshotId
  const [file] = await fetchFiles(page.request, WADERS)
  const fileName = file?.path.split('/').at(-1) ?? ''
  for (const words of ['turnstone', fileName]) {
    await expect
      .poll(() => countHits(page, words), { message: `the worker indexes ${words}`, timeout: 240_000 })
      .toBe(1)
  }

  await page.goto(paths.home())
  await expect(page.getByRole('heading', { name: 'The lake' })).toBeVisible()
  for (const [words, address] of [
    ['whimbrels', paths.table(WADERS)],
    ['tarsus', paths.column(WADERS, '2')],
    ['dunlin', paths.column(WADERS, '2')],
    ['tag:estuary', paths.table(WADERS)],
    ['turnstone', paths.table(WADERS, 'settings')],
    [snapshotId, snapshotPaths.opened(WADERS, snapshotId)],
    [fileName, paths.file(WADERS, file?.path ?? '')],
    ['curlews', paths.savedQuery(saved.query.queryId)],
  ] as const) {
    await openFirst(page, words)
    await expect(page, words).toHaveURL((url) => isSameAddress(url, address))
  }

  await page.goto(paths.table(WADERS))
  await page.getByRole('list', { name: 'Tags' }).getByRole('link', { name: 'estuary' }).click()
  await expect(page.getByRole('heading', { name: 'Tag estuary' })).toBeVisible()
  await page.getByRole('link', { name: 'lab.whimbrels' }).click()
  await expect(page).toHaveURL(paths.table(WADERS))
  await page.goto(paths.facets('tag'))
  await expect(page.getByRole('link', { name: 'estuary', exact: true })).toHaveAttribute(
    'href',
    paths.facets('tag', 'estuary'),
  )

  const user = await openPageAs('visitor')
  await signInFirst(user, USERNAME, await addReaderOf(page), 'a password of my own')
  expect(await countHits(user, 'tarsus')).toBe(1)
  expect(await countHits(user, 'godwits')).toBe(0)
  expect(await countHits(user, 'flights')).toBe(0)
  await user.keyboard.press('Control+k')
  await searchField(user).fill('godwits')
  await expect(user.getByText(/^No results for “godwits”/)).toBeVisible()

  await openFirst(page, 'whimbrels')
  await page.getByRole('button', { name: 'Table actions' }).click()
  await page.getByRole('menuitem', { name: 'Rename or move…' }).click()
  const panel = page.getByRole('complementary', { name: 'Rename or move' })
  await panel.getByLabel('Name', { exact: true }).fill('oystercatchers')
  // The page may be asking for the newest commit.
  pageErrors.allowError(/status of 404 .*[/]tables[/]whimbrels\b/)
  await panel.getByRole('button', { name: 'Rename' }).click()
  await expect(page.getByRole('heading', { name: 'lab.oystercatchers' })).toBeVisible()
  await expect.poll(() => countHits(page, 'table:oystercatchers'), { timeout: 240_000 }).toBe(1)
  await expect.poll(() => countHits(page, 'table:whimbrels'), 'the old name finds nothing').toBe(0)
  await navigateByKeys(page, 'h', paths.home())
  await openFirst(page, 'oystercatchers')
  await expect(page.getByRole('heading', { name: 'lab.oystercatchers' })).toBeVisible()
})

test('An admin sees the state of the index, and starts a crawl', async ({ page }) => {
  test.slow()
  await page.goto(paths.connections())
  const row = page.getByRole('table', { name: 'Search index' }).getByRole('row').filter({ hasText: 'local' })
  await expect(row).toContainText('built-in')
  const before = await row.getByRole('link').getAttribute('href')
  await row.getByRole('button', { name: 'Index now: local' }).click()
  await expect(row.getByRole('link')).not.toHaveAttribute('href', before ?? '')
  // It reads every table of the lake.
  await expect(row.getByRole('link', { name: 'succeeded' })).toBeVisible({ timeout: 240_000 })
})

const searchField = (page: Page) => page.getByPlaceholder('Tables, columns, snapshot ids, actions')

/** Types the words into the palette and presses Enter. */
async function openFirst(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await searchField(page).fill(words)
  // On the field: the panel of the page before takes the focus when its code arrives.
  await searchField(page).press('Enter')
  await expect(searchField(page)).toBeHidden()
}

function isSameAddress(url: URL, address: string): boolean {
  const requested = new URL(address, url)
  const isGiven = ([name, value]: [string, string]) => url.searchParams.get(name) === value
  return url.pathname === requested.pathname && [...requested.searchParams].every(isGiven)
}

async function countHits(page: Page, words: string): Promise<number> {
  const address = `/api/v1/search?${new URLSearchParams({ query: words })}`
  return (await fetchJson<{ hits: object[] }>(page.request, address)).hits.length
}

async function setProperties(page: Page, properties: Record<string, string>): Promise<void> {
  const intents = Object.entries(properties).map(([key, value]) => ({ kind: 'set-property', key, value, base: null }))
  const response = await page.request.post(`${apiPath(WADERS)}/changes`, { data: { intents } })
  expect(response.status(), await response.text()).toBe(200)
}

/** Adds a user who may read one table. @returns the password */
async function addReaderOf(page: Page): Promise<string> {
  const added = await page.request.post('/api/v1/users', { data: { username: USERNAME, role: null } })
  expect(added.status(), await added.text()).toBe(200)
  const { user, password } = (await added.json()) as { user: { userId: string }; password: string }
  const holder = { kind: 'user', id: user.userId }
  const { catalog, namespace, table } = WADERS
  const data = { holder, role: 'viewer', catalog, namespace: namespace.join('\x1F'), table }
  const granted = await page.request.post('/api/v1/grants', { data })
  expect(granted.status(), await granted.text()).toBe(200)
  return password
}
