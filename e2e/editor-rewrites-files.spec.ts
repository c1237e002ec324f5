import type { APIRequestContext } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { expect, test } from './support/fixtures'
import { apiPath, fetchFiles, queryDuckdb, readParquetSql } from './support/lake'
import { typeName } from './support/panels'

test.use({ persona: 'editor' })

test('An editor brings existing files to another codec, follows the run, and undoes it', async ({ page }) => {
  const table = labTable('rewritten')
  await createTripsTable('lab.rewritten', tripsCsv(1n, 3000))
  await appendTrips('lab.rewritten', tripsCsv(4000n, 2000))
  const readRows = async (request: APIRequestContext) =>
    queryDuckdb(`SELECT * FROM ${readParquetSql(await fetchFiles(request, table))} ORDER BY ALL`)
  const rows = await readRows(page.request)
  expect(rows).toHaveLength(5000)
  await page.goto(paths.compressionStudio(table))
  const existing = page.getByRole('region', { name: 'Existing files' })
  await existing.getByRole('button', { name: 'Rewrite now…' }).click()
  const panel = page.getByRole('complementary', { name: 'Rewrite existing files' })
  await expect(panel).toContainText('Every file that was looked at is as its columns are set.')
  await panel.getByRole('button', { name: 'Close' }).last().click()

  const set = await page.request.post(`${apiPath(table)}/changes`, {
    data: { intents: [{ kind: 'set-property', key: 'write.parquet.compression-codec', value: 'gzip', base: 'zstd' }] },
  })
  expect(set.status()).toBe(200)
  await page.reload()
  await existing.getByRole('button', { name: 'Rewrite now…' }).click()
  await expect(panel).toContainText('2 of 2 files')
  await expect(panel).toContainText('unknown: no rewrite measured yet')
  await expect(panel.getByRole('region', { name: 'What happens' })).toContainText('a checksum of each column')
  await panel.getByRole('button', { name: 'Rewrite 2 files' }).click()
  await expect(panel).toBeHidden()
  await expect(existing).toContainText('2 files rewritten')
  await expect(page.getByRole('region', { name: 'Columns' })).toContainText('gzip 100.0%')
  expect((await fetchFiles(page.request, table)).map(({ codec }) => codec)).toEqual(['gzip', 'gzip'])

  await existing.getByRole('link', { name: 'Last run' }).click()
  const run = page.getByRole('complementary', { name: 'Rewrite files to the settings of the table' })
  await expect(run).toContainText('5,000')
  await expect(run.getByRole('log')).toContainText('2,000 rows and')

  expect(await readRows(page.request)).toEqual(rows)
  await page.goto(paths.table(table, 'history'))
  const entry = page.getByRole('row').filter({ hasText: 'Replace' })
  await expect(entry).toHaveCount(1)
  await expect(entry).toContainText('editor')
  await entry.getByRole('button', { name: /^Undo/ }).click()
  const undo = page.getByRole('complementary', { name: 'Undo: Replace' })
  await typeName(undo, 'lab.rewritten')
  await undo.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  expect((await fetchFiles(page.request, table)).map(({ codec }) => codec)).toEqual(['zstd', 'zstd'])
})
