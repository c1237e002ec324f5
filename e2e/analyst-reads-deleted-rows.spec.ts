import { readFile } from 'node:fs/promises'
import type { Locator } from '@playwright/test'
import { apiPath } from './support/lake'
import { paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { withGoldenDeletes } from './support/golden-deletes'
import { writeSql } from './support/sql-editor'

const TABLE = { catalog: 'golden-deletes', namespace: ['golden'], table: 'deletes' }

// All rows are in view.
test.use({ persona: 'admin', viewport: { width: 1440, height: 1800 } })

test('Deleted rows of another engine’s table are neither in the Data tab nor in filters, exports and queries, and the inspector shows the deletes', async ({
  page,
}) => {
  test.slow()
  await withGoldenDeletes(page, TABLE.catalog, async (reads) => {
    const { snapshotId, rows } = reads.findLast((read) => read.snapshotId !== undefined) ?? {}
    if (snapshotId === undefined || rows === undefined) throw new Error('no engine has read a snapshot of the table')
    await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
    const search = { snapshot: snapshotId, where: 'id >= 10 and city = "c0"' }
    const matching = rows.filter(([id, city]) => Number(id) >= 10 && city === 'c0')
    const grid = page.getByRole('grid', { name: 'Rows' })
    await page.goto(`${paths.table(TABLE, 'data')}?${new URLSearchParams({ snapshot: snapshotId })}`)
    await expect(grid).toHaveAttribute('aria-rowcount', String(rows.length + 1))
    await expect.poll(async () => sortRows(await readRows(grid))).toEqual(sortRows(rows))
    await page.goto(`${paths.table(TABLE, 'data')}?${new URLSearchParams(search)}`)
    await expect(grid).toHaveAttribute('aria-rowcount', String(matching.length + 1))
    await expect.poll(async () => sortRows(await readRows(grid))).toEqual(sortRows(matching))
    await page.getByRole('button', { name: 'Export' }).click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^CSV/ }).click(),
    ])
    const [, ...lines] = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n')
    expect(sortRows(lines.map((line) => line.split(',')))).toEqual(sortRows(matching))

    const name = '"golden-deletes".golden.deletes'
    await page.goto(paths.query(`select id, city from ${name} for version as of ${snapshotId} order by id`))
    const results = page.getByRole('grid', { name: 'Results' })
    const expectResult = async () => {
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await expect(results).toHaveAttribute('aria-rowcount', String(rows.length + 1), { timeout: 240_000 })
      await expect.poll(async () => sortRows(await readRows(results))).toEqual(sortRows(rows))
    }
    await expectResult()
    await page.getByRole('button', { name: 'New tab' }).click()
    await writeSql(page, `select id, city from ${name} for version as of ${snapshotId} order by id desc`)
    const engine = page.getByRole('combobox', { name: 'Engine' })
    await engine.click()
    await page.getByRole('option', { name: /^Server/ }).click()
    await expect(engine).toHaveValue('Server')
    await expectResult()

    const files = page.getByRole('grid', { name: 'Files' })
    const openFile = async (kind: string) => {
      await page.goto(`${paths.table(TABLE, 'files')}?snapshot=${snapshotId}`)
      await files.getByRole('row').filter({ hasText: kind }).first().click()
    }
    await openFile('equality deletes')
    await expect(page.getByRole('table', { name: 'Deleted values' }).getByRole('row')).not.toHaveCount(1)
    await openFile('puffin')
    await expect(page.getByRole('grid', { name: 'Blobs' }).getByRole('row')).not.toHaveCount(1)
    // The page might still read of the table when it is removed.
    await page.goto('about:blank')
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
