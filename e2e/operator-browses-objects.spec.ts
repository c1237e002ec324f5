import { rm, writeFile } from 'node:fs/promises'
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
