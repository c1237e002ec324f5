import { rename } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { labTable, paths } from './support/addresses'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { expect, test } from './support/fixtures'
import { fetchFiles, localPath, queryDuckdb, readParquetSql } from './support/lake'
import { writeSql } from './support/sql-editor'

const CODECS = ['brotli', 'gzip', 'snappy', 'lz4_raw']

test('Files that another engine compressed with four codecs are shown and queried', async ({ page }) => {
  const table = labTable('stored_otherwise')
  await createTripsTable('lab.stored_otherwise', tripsCsv(1n, 2000))
  for (const from of [2001n, 4001n, 6001n]) await appendTrips('lab.stored_otherwise', tripsCsv(from, 2000))
  const files = await fetchFiles(page.request, table)
  expect(files.map(({ recordCount }) => recordCount)).toEqual(CODECS.map(() => 2000))
  for (const [i, file] of files.entries()) await compressWith(CODECS[i] ?? '', localPath(file))

  await page.goto(paths.table(table, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid).toHaveAttribute('aria-rowcount', '8001')
  for (const [i, file] of files.entries()) {
    const [[first = ''] = []] = await queryDuckdb(`select min(id) from ${readParquetSql([file])}`)
    await page.getByLabel('Go to row').fill(String(i * 2000 + 3))
    await page.keyboard.press('Enter')
    const row = grid.locator(`[role="row"][aria-rowindex="${i * 2000 + 4}"]`)
    await expect(row.getByRole('gridcell'), CODECS[i]).toHaveText([String(Number(first) + 2), 'city 2', '2.25'])
  }

  await page.goto(paths.query())
  await writeSql(page, 'select sum(id), sum(fare) from lab.stored_otherwise')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const results = page.getByRole('grid', { name: 'Results' })
  await expect(results.getByRole('gridcell')).toHaveText(['32004000', '7998000.00'], { timeout: 120_000 })
})

/** Replaces a data file by one with the same rows and field ids. */
async function compressWith(codec: string, path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const options = `format parquet, compression ${codec}, field_ids {id: 1, city: 2, fare: 3}`
    await connection.run(`copy (from read_parquet('${path}')) to '${path}.new' (${options})`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  await rename(`${path}.new`, path)
}
