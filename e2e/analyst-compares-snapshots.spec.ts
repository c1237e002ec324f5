import type { Locator, Page } from '@playwright/test'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { type RecordedRead, withGoldenDeletes } from './support/golden-deletes'
import { fetchFiles, fetchTableDetail, queryDuckdb, readParquetSql } from './support/lake'

const TABLE = { catalog: 'golden-compared', namespace: ['golden'], table: 'deletes' }

test('An analyst compares two snapshots, and reads only the files that differ', async ({ page }) => {
  const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
  const [before, after] = timeline.slice(-2)
  if (!before || !after) throw new Error('the demo lake has no history')
  const [oldFiles, newFiles] = [
    await fetchFiles(page.request, FLIGHTS, { snapshotId: before.snapshotId }),
    await fetchFiles(page.request, FLIGHTS, { snapshotId: after.snapshotId }),
  ]
  const oldPaths = new Set(oldFiles.map((file) => file.path))
  const added = newFiles.filter((file) => !oldPaths.has(file.path))
  const [[rowCount] = []] = await queryDuckdb(`select count(*) from ${readParquetSql(added)}`)

  await page.goto(paths.table(FLIGHTS, 'snapshots'))
  for (const { snapshotId } of [after, before])
    await page.getByRole('checkbox', { name: `Select snapshot ${snapshotId} to compare` }).check()
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await expect(page).toHaveURL(
    new RegExp(`before=snapshot(:|%3A)${before.snapshotId}&after=snapshot(:|%3A)${after.snapshotId}`),
  )
  const grid = page.getByRole('grid', { name: 'Rows that differ' })
  const question = page.getByRole('button', { name: /^Read .* and compare$/ })
  await expect(grid.or(question)).toBeVisible()
  if (await question.isVisible()) await question.click()
  await expect(grid).toHaveAttribute('aria-rowcount', String(Number(rowCount) + 1), { timeout: 120_000 })
  await expect(page.getByRole('tab', { name: 'Snapshots' })).toHaveAttribute('aria-selected', 'true')
  const shared = newFiles.length - added.length
  await expect(page.getByText(`${shared} shared files skipped`)).toBeVisible()
  const byLayout = page.getByRole('list', { name: 'Data files by layout' })
  await expect(byLayout.getByRole('listitem').first()).toContainText(/^spec \d+ /)
  await page.getByText(/^Removed 0/).click()
  await expect(page.getByText('No rows of this kind.')).toBeVisible()

  await page.getByRole('tab', { name: 'Data' }).click()
  const cell = page.getByRole('grid', { name: 'Rows' }).getByRole('row').nth(1).getByRole('gridcell').first()
  await cell.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Row history' }).click()
  await expect(page.getByRole('textbox', { name: 'The row where' })).not.toHaveValue('')
})

test.describe('A table of another engine', () => {
  test.use({ persona: 'admin' })

  test('An analyst compares snapshots with deletes by a key, and a link shows the same comparison', async ({
    page,
    openPageAs,
  }) => {
    test.slow()
    await withGoldenDeletes(page, TABLE.catalog, async (recorded) => {
      const reads = recorded.filter(({ snapshotId }) => snapshotId !== undefined)
      const grid = page.getByRole('grid', { name: 'Rows that differ' })
      const [before] = reads
      // Rows were deleted in between, and others added.
      const after = reads.find(({ rows }) => rows.some(([id]) => before?.rows.every(([old]) => old !== id)))
      if (!before || !after) throw new Error('no snapshot has added rows')
      const sides = `before=snapshot:${before.snapshotId}&after=snapshot:${after.snapshotId}`
      await page.goto(`${paths.table(TABLE, 'snapshots')}/compare?${sides}&key=1&columns=true`)
      const expected = changesByKey(before.rows, after.rows)
      expect(expected.map(([sign]) => sign)).toEqual(expect.arrayContaining(['+', '−']))
      await expect(grid).toHaveAttribute('aria-rowcount', String(expected.length + 1))
      await expect.poll(async () => (await readRows(grid)).toSorted()).toEqual(expected.toSorted())

      await page.getByRole('button', { name: /^Key: / }).click()
      const key = page.getByRole('dialog', { name: 'Key' })
      await key.getByRole('button', { name: 'No key' }).click()
      await expect(page).toHaveURL(/key=none/)
      await expect(grid).toBeVisible()
      await page.getByRole('button', { name: 'Swap the two states' }).click()
      await expect(page).toHaveURL(new RegExp(`before=snapshot(:|%3A)${after.snapshotId}`))
      const shown = await grid.getAttribute('aria-rowcount')
      const other = await openPageAs('admin')
      await other.goto(page.url())
      await expect(other.getByRole('grid', { name: 'Rows that differ' })).toHaveAttribute('aria-rowcount', shown ?? '')

      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name: 'CSV' }).click()
      expect((await download).suggestedFilename()).toBe('golden.deletes comparison.csv')

      await findRow(page, reads)
    })
  })
})

/** The first row that a later snapshot does not have: its history, and the search for the commit that deleted it. */
async function findRow(page: Page, reads: readonly RecordedRead[]): Promise<void> {
  const [first] = reads
  const idsAt = reads.map(({ rows }) => new Set(rows.map(([id]) => id)))
  const id = first?.rows.map(([each]) => each).find((each) => !idsAt.at(-1)?.has(each))
  const goneAt = idsAt.findIndex((ids) => id !== undefined && !ids.has(id))
  const snapshotId = reads[goneAt]?.snapshotId ?? ''
  expect(goneAt).toBeGreaterThan(0)

  await page.goto(snapshotPaths.rowHistory(TABLE, `id = ${id}`))
  const gone = page.getByRole('grid', { name: 'Changes of the row' }).getByRole('row').filter({ hasText: snapshotId })
  await expect(gone).toContainText('removed')
  await expect(page.getByText('No current row matches.')).toBeVisible()

  await page.goto(snapshotPaths.brokenCommit(TABLE))
  await page.getByLabel('SQL condition that should be true').fill(`count(*) filter (where id = ${id}) = 1`)
  await page.getByRole('button', { name: 'Find the commit' }).click()
  const found = page.getByRole('region', { name: 'Breaking commit', exact: true })
  await expect(found).toContainText(snapshotId, { timeout: 240_000 })
  await expect(found.getByRole('link', { name: /^Roll back to the snapshot before/ })).toHaveAttribute(
    'href',
    new RegExp(`move=main&to=snapshot%3A${reads[goneAt - 1]?.snapshotId}$`),
  )
}

/** Rows of the recorded ones that are in, out or changed, as the grid shows them. Ids are unique. */
function changesByKey(before: readonly [string, string][], after: readonly [string, string][]): string[] {
  const [old, current] = [new Map(before), new Map(after)]
  return [
    ...after.flatMap(([id, city]) => {
      const was = old.get(id)
      if (was === undefined) return [`+ ${id} ${city}`]
      return was === city ? [] : [`~ ${id} ${was}${city}`]
    }),
    ...before.filter(([id]) => !current.has(id)).map(([id, city]) => `− ${id} ${city}`),
  ]
}

async function readRows(grid: Locator): Promise<string[]> {
  const texts: string[] = []
  for (const row of (await grid.getByRole('row').all()).slice(1))
    texts.push((await row.getByRole('gridcell').allInnerTexts()).join(' '))
  return texts
}
