import type { Locator } from '@playwright/test'
import { apiPath, fetchTableDetail } from './support/lake'
import { paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { withGoldenDeletes } from './support/golden-deletes'
import { writeSql } from './support/sql-editor'

const TABLE = { catalog: 'golden-deletes', namespace: ['golden'], table: 'deletes' }

// All rows are in view.
test.use({ persona: 'admin', viewport: { width: 1440, height: 1800 } })

test('Deleted rows of another engine’s table are neither in the Data tab nor in a query, at any snapshot', async ({
  page,
}) => {
  await withGoldenDeletes(page, TABLE.catalog, async (reads) => {
    const { timeline } = await fetchTableDetail(page.request, TABLE)
    expect(timeline.length).toBeGreaterThan(4)
    for (const { snapshotId, rows } of reads) {
      if (snapshotId === undefined) continue // of a branch
      await page.goto(`${paths.table(TABLE, 'data')}?snapshot=${snapshotId}`)
      const grid = page.getByRole('grid', { name: 'Rows' })
      await expect(grid).toHaveAttribute('aria-rowcount', String(rows.length + 1))
      await expect
        .poll(async () => sortRows(await readRows(grid)), `rows of snapshot ${snapshotId}`)
        .toEqual(sortRows(rows))
      await page.goto(paths.query())
      const sql = `select id, city from "golden-deletes".golden.deletes for version as of ${snapshotId} order by id`
      await writeSql(page, sql)
      await page.getByRole('button', { name: 'Run' }).click()
      const results = page.getByRole('grid', { name: 'Results' })
      await expect(results).toHaveAttribute('aria-rowcount', String(rows.length + 1), { timeout: 60_000 })
      await expect
        .poll(async () => sortRows(await readRows(results)), `result at ${snapshotId}`)
        .toEqual(sortRows(rows))
    }
  })
  expect((await page.request.get(apiPath(TABLE))).status()).toBe(404)
})

async function readRows(grid: Locator): Promise<string[][]> {
  const texts: string[][] = []
  for (const row of (await grid.getByRole('row').all()).slice(1))
    texts.push(await row.getByRole('gridcell').allInnerTexts())
  return texts
}

/** Rows of a table have no order. */
function sortRows(rows: readonly (readonly string[])[]): string[] {
  return rows.map(([id, city]) => `${id} ${city}`).toSorted()
}
