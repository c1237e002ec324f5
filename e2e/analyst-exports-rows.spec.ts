import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { BIRDSTRIKES, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { apiPath } from './support/lake'

test.beforeEach(async ({ page }) => {
  // Its dialog is the operating system's: without it the file is among the downloads.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
})

async function download(page: Page, format: RegExp): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format }).click(),
  ])
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

test('An analyst exports the rows that the Data tab shows, which are those of the API', async ({ page }) => {
  await page.goto(paths.table(BIRDSTRIKES, 'data'))
  await expect(page.getByRole('grid', { name: 'Rows' })).toBeVisible()
  const readRows = async (format: string) =>
    (await page.request.get(`${apiPath(BIRDSTRIKES)}/rows?format=${format}`)).body()

  const csv = await download(page, /^CSV/)
  expect(csv.name).toMatch(/^demo[.]birdstrikes-\d+[.]csv$/)
  await expect(page.getByRole('status').filter({ hasText: `Saved ${csv.name}` })).toBeAttached()
  const [header = '', ...lines] = csv.bytes.toString('utf8').trimEnd().split('\r\n')
  const [apiHeader, ...apiLines] = (await readRows('csv')).toString('utf8').trimEnd().split('\r\n')
  expect(header).toBe(apiHeader)
  expect(lines.length).toBe(apiLines.length)

  const json = await download(page, /^JSON/)
  expect(json.bytes.toString('utf8')).toBe((await readRows('ndjson')).toString('utf8'))
  expect(lines.length).toBe(json.bytes.toString('utf8').trimEnd().split('\n').length)

  const arrow = await download(page, /^Arrow/)
  const [exported, sent] = [tableFromIPC(arrow.bytes), tableFromIPC(await readRows('arrow'))]
  expect(exported.numRows).toBe(lines.length)
  expect(exported.toArray().map(String)).toEqual(sent.toArray().map(String))

  const parquet = await download(page, /^Parquet/)
  const { buffer, byteOffset, byteLength } = parquet.bytes
  const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
  const read = await parquetReadObjects({ file, columns: ['airport_name'] })
  expect(read.map(({ airport_name }) => airport_name)).toEqual([...(exported.getChild('airport_name') ?? [])])
})
