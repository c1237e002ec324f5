import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchFiles, localPath } from './support/lake'

test('Stored files that no snapshot references are found by keyboard, under an address of their own', async ({
  page,
}) => {
  const [file] = await fetchFiles(page.request, FLIGHTS)
  if (!file) throw new Error('the demo table has no files')
  const folder = path.dirname(localPath(file))
  const strayFile = path.join(folder, 'stray.parquet')
  await writeFile(strayFile, 'a write in progress')

  try {
    await page.goto(paths.table(FLIGHTS, 'files'))
    await page.getByText('Storage', { exact: true }).click()
    const stored = page.getByRole('grid', { name: 'Stored files' })
    await stored.getByRole('link', { name: 'data/', exact: true }).click()
    const folders = page.getByRole('navigation', { name: 'Folders' })
    await expect(folders.getByRole('link', { name: 'data' })).toHaveAttribute('aria-current', 'page')
    await stored.getByRole('link', { name: `${path.basename(folder)}/` }).click()
    const stray = stored.getByRole('row').filter({ hasText: 'stray.parquet' })
    await expect(stray).toContainText('not referenced')
    await expect(page.getByText('may belong to a write in progress')).toBeVisible()

    await page.reload()
    await expect(stray).toContainText('not referenced')
    await stored.getByRole('link').first().click()
    await expect(page.getByRole('grid', { name: 'Column chunks' })).toBeVisible()
  } finally {
    await rm(strayFile)
  }
})

test.describe('an admin', () => {
  test.use({ persona: 'admin' })

  test('An admin finds folders of the warehouse without a table, and goes on into the storage of a table', async ({
    page,
  }) => {
    const [file] = await fetchFiles(page.request, FLIGHTS)
    if (!file) throw new Error('the demo table has no files')
    const [namespaceFolder = ''] = localPath(file).split('/flights/')
    const leftFolder = path.join(namespaceFolder, 'left-by-a-table')
    await mkdir(leftFolder)
    await writeFile(path.join(leftFolder, 'old.parquet'), 'of a dropped table')

    try {
      await page.goto(paths.catalog(FLIGHTS.catalog))
      await page.getByRole('link', { name: 'Warehouse', exact: true }).click()
      const stored = page.getByRole('grid', { name: 'Stored in the warehouse' })
      const namespace = stored.getByRole('row').filter({ hasText: 'demo/' })
      await expect(namespace).toContainText('tables in it')
      await namespace.focus()
      await page.keyboard.press('Enter')
      const folders = page.getByRole('navigation', { name: 'Folders' })
      await expect(folders.getByRole('link', { name: 'demo', exact: true })).toHaveAttribute('aria-current', 'page')
      await expect(stored.getByRole('row').filter({ hasText: 'left-by-a-table/' })).toContainText('no table')
      await stored.getByRole('link', { name: 'left-by-a-table/' }).click()
      await expect(stored.getByRole('row').filter({ hasText: 'old.parquet' })).toContainText('no table')

      await page.reload()
      await expect(stored.getByRole('row').filter({ hasText: 'old.parquet' })).toContainText('no table')
      await page.setViewportSize({ width: 390, height: 844 })
      await expect(stored.getByText('old.parquet')).toBeVisible()
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
      await page.setViewportSize({ width: 1440, height: 900 })

      await folders.getByRole('link', { name: 'demo', exact: true }).click()
      const flights = stored.getByRole('row').filter({ hasText: 'demo.flights' }).first()
      await expect(flights.getByRole('link', { name: 'demo.flights', exact: true })).toHaveAttribute(
        'href',
        paths.table(FLIGHTS),
      )
      await flights.getByRole('link', { name: 'flights/', exact: true }).click()
      const ofTable = page.getByRole('grid', { name: 'Stored files' })
      await expect(ofTable.getByRole('link', { name: 'data/', exact: true })).toBeVisible()
      await page
        .getByRole('navigation', { name: 'Folders' })
        .getByRole('link', { name: 'Warehouse', exact: true })
        .click()
      await expect(stored.getByRole('row').filter({ hasText: 'left-by-a-table/' })).toBeVisible()
    } finally {
      await rm(leftFolder, { recursive: true })
    }
  })
})
