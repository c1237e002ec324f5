import type { Browser, BrowserContextOptions } from '@playwright/test'
import { FLIGHTS, labTable, paths, ROUTES } from './support/addresses'
import { expect, problemNote, signIn, test } from './support/fixtures'
import { apiPath, fetchTableDetail } from './support/lake'
import { addUser, appendTrips, createTripsTable, runCli, tripsCsv } from './support/cli'
import { createEmptyTable } from './support/empty-table'
import { address, storageStateOf } from './support/personas'

test('A viewer sees everything and is offered no changes but to propose them', async ({ page }) => {
  const table = labTable('looked-at')
  const first = await createTripsTable('lab.looked-at', tripsCsv(1n, 10))
  await appendTrips('lab.looked-at', tripsCsv(100n, 10))
  await page.goto(paths.table(table, 'snapshots'))
  await expect(page.getByRole('row').filter({ hasText: first })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Roll back/ })).toHaveCount(0)
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'append' }).first()).toBeVisible()
  await expect(page.getByRole('button', { name: /^Undo/ })).toHaveCount(0)
  await expect(page.getByRole('button', { name: /^Propose undo Append/ })).toBeVisible()
  await page.getByRole('tab', { name: 'Settings' }).click()
  await expect(page.getByText('Your changes become a proposal for another user to commit.')).toBeVisible()
  await expect(
    page.getByRole('textbox', { name: 'write.target-file-size-bytes' }).or(page.getByText('zstd').first()).first(),
  ).toBeVisible()
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'gzip' }).click()
  await page.getByRole('button', { name: 'Review' }).click()
  await expect(page.getByRole('button', { name: 'Commit', exact: true })).toBeDisabled()
})

test.describe('a new user', () => {
  test.use({ persona: 'visitor' })

  test('A user who loses the editor role during a review cannot commit, without signing in again', async ({
    page,
    pageErrors,
  }) => {
    pageErrors.expectError(/status of 403/)
    const table = labTable('demoted')
    await createEmptyTable('demoted')
    await addUser('dana', 'editor', 'a password for dana')
    await signIn(page, 'dana', 'a password for dana')
    const changeStatus = async () => {
      const response = await page.request.post('/api/v1/catalogs/local/namespaces/demo/tables/airports/changes', {
        data: { intents: [{ kind: 'remove-property', key: 'is-not-there', base: 'x' }] },
      })
      return response.status()
    }
    expect(await changeStatus(), 'an editor may, but the base value differs').toBe(409)
    await page.goto(paths.table(table, 'settings'))
    await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
    await page.getByRole('option', { name: 'gzip' }).click()
    await page.getByRole('button', { name: 'Review' }).click()
    const commit = page.getByRole('button', { name: 'Commit', exact: true })
    await expect(commit).toBeEnabled()
    await runCli(['user', 'role', 'dana', 'viewer'])
    await commit.click()
    await expect(problemNote(page)).toContainText('You do not have this permission')
    await expect(problemNote(page)).toContainText('The table was not changed.')
    expect((await fetchTableDetail(page.request, table)).properties['write.parquet.compression-codec']).toBe('zstd')
    const again = await page.request.post(`${apiPath(table)}/changes`, {
      data: {
        intents: [{ kind: 'roll-back', toSnapshotId: '1', fromSnapshotId: '2', safetyTag: null }],
        confirmedName: 'lab.demoted',
      },
    })
    expect(again.status()).toBe(403)
    expect(await changeStatus(), 'a viewer may not').toBe(403)
    await page.goto(paths.account())
    await expect(page.getByText(/^Viewer \(/)).toBeVisible()
  })
})

test.describe('the data of a page comes with it', () => {
  /** A browser whose time zone the server knows. */
  async function openBrowser(browser: Browser, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({
      baseURL: address(),
      storageState: storageStateOf('viewer'),
      ...options,
    })
    await context.addCookies([{ name: 'lakeshore-time-zone', value: 'Asia%2FKolkata', url: address() }])
    return context
  }

  /** The text of a page that runs no script. */
  async function readWithoutScript(browser: Browser, path: string): Promise<string> {
    const context = await openBrowser(browser, { javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(path)
    const text = await page.locator('body').innerText()
    await context.close()
    return text
  }

  test('A viewer’s page has what the viewer may read', async ({ browser }) => {
    test.slow()
    for (const [path, text] of [
      [paths.home(), 'Largest tables'],
      [paths.table(FLIGHTS), 'day(date)'],
      [paths.table(FLIGHTS, 'files'), '.parquet'],
      [paths.namespace('local', ['demo']), 'earthquakes'],
    ] as const) {
      // A busy server leaves slow data to the browser.
      await expect(async () => expect(await readWithoutScript(browser, path)).toContain(text)).toPass()
    }
  })

  test('The browser does not request it again', async ({ browser, page }) => {
    test.slow()
    const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
    const past = { snapshotId: timeline[0]?.snapshotId ?? '' }
    const context = await openBrowser(browser)
    for (const path of [
      `${paths.home()}?range=7d`,
      paths.namespace('local', ['demo']),
      paths.table(FLIGHTS),
      paths.table(FLIGHTS, 'overview', past),
      paths.table(FLIGHTS, 'settings', { ref: 'main' }),
      paths.table(FLIGHTS, 'snapshots', past),
      paths.table(FLIGHTS, 'files', past),
      paths.table(FLIGHTS, 'history'),
      paths.proposals(FLIGHTS),
      paths.waitingProposals(),
      paths.view(ROUTES),
      paths.proposals(ROUTES),
      `${paths.ingestionDashboard()}?by=operation&range=30d&catalog=local&namespace=demo`,
      `${paths.compressionDashboard()}?from=1790000000000&to=1795000000000`,
    ]) {
      // A busy server leaves slow data to the browser. What it has read already it has sooner.
      await expect(async () => {
        await context.request.get(path, { headers: { accept: 'text/html' } })
        const opened = await context.newPage()
        const requests: string[] = []
        opened.on('request', (request) => requests.push(new URL(request.url()).pathname))
        await opened.goto(path, { waitUntil: 'networkidle' })
        await opened.close()
        expect(requests.filter((pathname) => pathname.startsWith('/api/') && !isLater(pathname))).toEqual([])
      }, path).toPass()
    }
    await context.close()
  })
})

/** The record of the visit, and what takes longer than a page waits: uses, clients, all files, the check of a view. */
function isLater(pathname: string): boolean {
  return /[/](shortcuts[/]visits|uses|clients|files[/]summary|views[/][^/]+[/]columns)$/.test(pathname)
}
