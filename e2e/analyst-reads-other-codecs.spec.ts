import { rename } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { labTable, paths } from './support/addresses'
import { createTripsTable, tripsCsv } from './support/cli'
import { expect, test } from './support/fixtures'
import { fetchFiles, localPath } from './support/lake'
import { writeSql } from './support/sql-editor'

for (const codec of ['brotli', 'gzip', 'snappy', 'lz4_raw']) {
  const tag = codec === 'brotli' ? '@journey' : []
  test(`A file that another engine compressed with ${codec} is shown and queried`, { tag }, async ({ page }) => {
    const table = labTable(`stored_as_${codec}`)
    await createTripsTable(`lab.${table.table}`, tripsCsv(1n, 2000))
    const [file] = await fetchFiles(page.request, table)
    if (!file) throw new Error('the table has no file')
    await compressWith(codec, localPath(file))

    await page.goto(paths.table(table, 'data'))
    const row = page.getByRole('grid', { name: 'Rows' }).locator('[role="row"][aria-rowindex="4"]')
    await expect(row.getByRole('gridcell')).toHaveText(['3', 'city 2', '2.25'])

    await page.goto(paths.query())
    await writeSql(page, `select sum(id), sum(fare) from lab.${table.table}`)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const results = page.getByRole('grid', { name: 'Results' })
    await expect(results.getByRole('gridcell')).toHaveText(['2001000', '1999500.00'], { timeout: 120_000 })
  })
}

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
