import type { Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { expiredFilesOf, listExpiredFiles } from './support/expiry'
import { expect, test } from './support/fixtures'
import { apiPath } from './support/lake'
import { typeName } from './support/panels'

/** Creates three snapshots; `main` is the newest. */
async function createTable(name: string) {
  await createTripsTable(`lab.${name}`, tripsCsv(1n, 10))
  await appendTrips(`lab.${name}`, tripsCsv(100n, 10))
  await appendTrips(`lab.${name}`, tripsCsv(200n, 10))
  return labTable(name)
}

async function countSnapshots(page: Page, table: ReturnType<typeof labTable>): Promise<number> {
  const response = await page.request.get(`${apiPath(table)}/snapshots`)
  return ((await response.json()) as { tableCount: number }).tableCount
}

test.describe('An engineer', () => {
  test.use({ persona: 'editor' })

  test('sees what an expiry takes, expires snapshots and undoes it within the window', async ({ page }) => {
    const table = await createTable('expired')
    await page.goto(paths.table(table, 'snapshots'))
    await page.getByRole('button', { name: 'Expire…' }).click()
    const panel = page.getByRole('complementary', { name: 'Expire snapshots' })
    // Everything is young.
    await expect(panel).toContainText('Nothing would expire.')
    const age = panel.getByRole('combobox', { name: 'Older than' })
    await age.fill('12')
    await expect(panel).toContainText('Add a unit, such as hours or days.')
    await age.fill('12 hours')
    await expect(panel).toContainText('Nothing would expire.')
    await age.click()
    await page.getByRole('option', { name: /of any age/ }).click()
    const impact = panel.getByRole('table', { name: 'Impact' })
    await expect(impact.getByRole('row', { name: /^Snapshots/ })).toHaveText('Snapshots310−2')
    // The figures of files are here already, even when the server left them to a run.
    await listExpiredFiles(panel)
    await expect(impact.getByRole('row', { name: /^Data files/ })).toHaveText('Data files3300')
    await expect(expiredFilesOf(panel).getByRole('listitem')).toHaveCount(2)
    await expect(expiredFilesOf(panel)).toContainText('manifest list')
    await expect(page.getByText('Hollow: to be removed')).toBeVisible()
    await expect(page.locator('svg[data-step="left"]')).toHaveCount(2)
    await expect(panel).toContainText('remove-snapshots')
    await expect(panel).toContainText('assert-ref-snapshot-id')
    const expire = panel.getByRole('button', { name: 'Expire 2 snapshots' })
    await expect(expire).toBeDisabled()
    await typeName(panel, 'lab.expired')
    await expire.click()
    await expect(page.getByRole('status').filter({ hasText: '2 snapshots expired.' })).toBeVisible()
    expect(await countSnapshots(page, table)).toBe(1)

    // The pending removal is on the page, in Jobs, and in the history.
    const pending = page.getByRole('list', { name: 'Expired lately' })
    // A server that is too busy to count the files in time leaves that to the removal.
    await expect(pending).toContainText(/2 snapshots expired .* by editor\. (2 files .*|Its files) will be removed on/)
    await page.getByRole('tab', { name: 'History' }).click()
    const entry = page.getByRole('row').filter({ hasText: 'Expire snapshots' }).first()
    await expect(entry).toContainText('editor')
    await expect(entry).toContainText('Snapshots expired: 2')
    await entry.getByRole('button', { name: /^Undo/ }).click()
    const undo = page.getByRole('complementary', { name: 'Undo: Expire snapshots' })
    await expect(undo).toContainText('First the removal of the files is cancelled.')
    await undo.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect(page.getByRole('status').filter({ hasText: 'Undone' })).toBeVisible()
    expect(await countSnapshots(page, table)).toBe(3)
    await page.getByRole('tab', { name: 'Snapshots' }).click()
    await expect(page.getByRole('list', { name: 'Expired lately' })).toBeHidden()
    await page.getByRole('tab', { name: 'Data' }).click()
    await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '31')
  })

  test('learns that a tag of another writer came first, and that a commit ends the undo', async ({
    page,
    pageErrors,
  }) => {
    pageErrors.expectError(/status of 409/)
    const table = await createTable('contested')
    await page.goto(`${paths.table(table, 'snapshots')}?edit=expire&of=table`)
    const panel = page.getByRole('complementary', { name: 'Expire snapshots' })
    await panel.getByRole('combobox', { name: 'Older than' }).click()
    await page.getByRole('option', { name: /of any age/ }).click()
    const expire = panel.getByRole('button', { name: 'Expire 2 snapshots' })
    await expect(expire).toBeVisible()
    const listed = await page.request.get(`${apiPath(table)}/snapshots`)
    const { snapshots } = (await listed.json()) as { snapshots: { snapshotId: string }[] }
    const retention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
    const tag = { kind: 'create-ref', refName: 'hold', type: 'tag', snapshotId: snapshots[2]?.snapshotId, retention }
    expect((await page.request.post(`${apiPath(table)}/changes`, { data: { intents: [tag] } })).status()).toBe(200)
    await typeName(panel, 'lab.contested')
    await expire.click()
    await expect(panel.getByRole('alert')).toContainText('hold')
    expect(await countSnapshots(page, table)).toBe(3)
    // The new dry run retains the tagged snapshot.
    const again = panel.getByRole('button', { name: 'Expire 1 snapshot' })
    await expect(again).toBeVisible()
    // The name is typed for the snapshots that expire now.
    await expect(again).toBeDisabled()
    await typeName(panel, 'lab.contested')
    await again.click()
    await expect(page.getByRole('status').filter({ hasText: '1 snapshot expired.' })).toBeVisible()
    await appendTrips('lab.contested', tripsCsv(300n, 10))
    await page.reload()
    const pending = page.getByRole('list', { name: 'Expired lately' })
    await pending.getByRole('button', { name: 'Why no undo…' }).click()
    await expect(page.getByRole('complementary', { name: /^Undo/ })).toContainText(
      'The table has received a commit since',
    )
    await pending.getByRole('button', { name: 'Cancel removal' }).click()
    await expect(pending).toBeHidden()
  })
})

test.describe('An analyst', () => {
  test.use({ persona: 'viewer' })

  test('may propose an expiry, and not make one; an admin sees in Jobs what its removal of files removed', async ({
    page,
    openPageAs,
  }) => {
    const table = await createTable('looked-at-expiry')
    await page.goto(`${paths.table(table, 'snapshots')}?edit=expire&of=table`)
    await expect(page.getByRole('grid', { name: 'Snapshots', exact: true })).toBeVisible()
    const panel = page.getByRole('complementary', { name: 'Expire snapshots' })
    await page.getByRole('combobox', { name: 'Older than' }).click()
    await page.getByRole('option', { name: /of any age/ }).click()
    await expect(panel).toContainText('You need the editor role to commit.')
    await expect(panel.getByRole('button', { name: /^Expire/ })).toBeDisabled()

    const preview = async (user: Page, data: object) => {
      const shown = await user.request.post(`${apiPath(table)}/expiries/preview`, { data })
      return (await shown.json()) as { intent: object; files: { removed: { manifestLists: number } } | null }
    }
    const commit = async (user: Page, intent: object) => {
      const data = { intents: [intent], confirmedName: 'lab.looked-at-expiry' }
      return (await user.request.post(`${apiPath(table)}/changes`, { data })).status()
    }
    const criteria = { maxAgeMs: 0, retainLast: 1 }
    expect(await commit(page, (await preview(page, criteria)).intent)).toBe(403)
    expect(await countSnapshots(page, table)).toBe(3)

    const admin = await openPageAs('admin')
    let intent = {}
    // A busy server counts no longer than two seconds, and then leaves the figures out.
    await expect(async () => {
      const shown = await preview(admin, { ...criteria, removeFilesAfterMs: 0 })
      expect(shown.files?.removed.manifestLists).toBe(2)
      intent = shown.intent
    }).toPass()
    expect(await commit(admin, intent)).toBe(200)
    await admin.goto('/jobs')
    // For a moment a run that ends may be in two lists.
    const run = admin
      .getByRole('grid', { name: 'Ended runs' })
      .getByRole('row')
      .filter({ hasText: 'Remove the files of 2 expired snapshots' })
      .filter({ hasText: 'lab.looked-at-expiry' })
    await expect(run).toContainText('2 files removed', { timeout: 240_000 })
    await admin.goto(paths.table(table, 'data'))
    await expect(admin.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '31')
  })
})
