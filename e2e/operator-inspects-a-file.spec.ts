import { stat } from 'node:fs/promises'
import { FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchFiles, localPath } from './support/lake'

test('A file is found from the metadata log down, and its pages by keyboard, under an address of its own', async ({
  page,
}) => {
  const [file] = await fetchFiles(page.request, FLIGHTS)
  if (!file) throw new Error('the demo table has no files')
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  await page.goto(paths.table(FLIGHTS, 'files'))
  const steps = page.getByRole('navigation', { name: 'From metadata to files' })
  await steps.getByRole('link', { name: /^Metadata log/ }).click()
  await expect(page.getByRole('table', { name: 'Differences' })).toContainText('last-sequence-number')
  await steps.getByRole('link', { name: /^Manifest list/ }).click()
  await expect(page.getByRole('grid', { name: 'Manifests' })).toContainText('date_month 2001-01')
  await steps.getByRole('link', { name: /^Snapshot/ }).click()
  await page.getByRole('grid', { name: 'Files' }).getByTitle(file.path, { exact: true }).click()

  const map = page.getByRole('grid', { name: 'Column chunks' })
  await expect(map.getByRole('gridcell', { name: /^delay, row group 0: .* zstd/ })).toBeVisible()
  const { size } = await stat(localPath(file))
  await expect(page.getByText(`0 … ${size.toLocaleString('en-US')}`, { exact: true })).toBeVisible()
  await map.press('ArrowDown')
  await map.press('Enter')
  const panel = page.getByRole('complementary', { name: 'delay' })
  await expect(panel.getByRole('table', { name: 'Pages' }).getByRole('row')).not.toHaveCount(1)

  await page.reload()
  await expect(panel).toContainText('row group 0, id 2')
  await page.getByText('Manifest entry', { exact: true }).click()
  await expect(page.getByRole('table', { name: 'Column metrics' })).toContainText('2001-01-01')
  await page.goBack()
  await steps.getByRole('link', { name: /^Manifest(?! list)/ }).click()
  await expect(page.getByRole('grid', { name: 'Files' })).toContainText(name.slice(-16))
})

test('The Files tab opens without moving what is on screen, and finds files by their partition, under an address that keeps the filter and the order', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const moved: string[] = []
    Reflect.set(window, 'moved', moved)
    type Point = Pick<DOMRectReadOnly, 'x' | 'y'>
    type Source = { node: Node | null; previousRect: Point; currentRect: Point }
    type Shift = PerformanceEntry & { sources: readonly Source[] }
    new PerformanceObserver((list) => {
      for (const { sources } of list.getEntries() as Shift[])
        moved.push(
          ...sources.map(({ node, previousRect: from, currentRect: to }) => {
            const what = node instanceof Element ? node.outerHTML.slice(0, 200) : 'text'
            return `from ${from.x} ${from.y} to ${to.x} ${to.y}: ${what}`
          }),
        )
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(paths.table(FLIGHTS, 'files'))
  await expect(page.getByRole('grid', { name: 'Files' })).toBeVisible()
  await expect(page.getByRole('radiogroup', { name: 'View of the files' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Open a Parquet file…' })).toBeVisible()
  // Shifts are reported after they were painted.
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))
  expect(await page.evaluate(() => Reflect.get(window, 'moved') as string[])).toEqual([])

  // Files of another spec have no month.
  const months = (await fetchFiles(page.request, FLIGHTS)).flatMap(
    ({ path }) => /date_month=(\d{4}-\d{2})/.exec(path)?.[1] ?? [],
  )
  const latest = months.toSorted().at(-1) ?? ''
  const list = page.getByRole('grid', { name: 'Files' })
  // Files of one spec are listed together, and those of another one may come first.
  await page.getByRole('searchbox', { name: /by path or partition/ }).fill('date_month=')
  await list.getByRole('button', { name: 'Partition' }).click()
  await list.getByRole('button', { name: 'Partition' }).click()
  await expect(list.getByRole('row').nth(1)).toContainText(`date_month=${latest}`)
  await page.getByRole('searchbox', { name: /by path or partition/ }).fill(`DATE_MONTH=${latest}`)
  const found = months.filter((month) => month === latest).length
  await expect(list.getByRole('row')).toHaveCount(found + 1)
  await expect(page).toHaveURL(/q=DATE_MONTH.*sort=-partition|sort=-partition.*q=DATE_MONTH/)
  await page.reload()
  await expect(list.getByRole('row')).toHaveCount(found + 1)
  await expect(list.getByRole('columnheader', { name: 'Partition' })).toHaveAttribute('aria-sort', 'descending')
  await page.getByRole('searchbox', { name: /by path or partition/ }).fill('no such file')
  await expect(page.getByText('No files match “no such file”.')).toBeVisible()
})
