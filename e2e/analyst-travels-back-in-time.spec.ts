import { asOfQuery, FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { apiPath, fetchTableDetail } from './support/lake'

test('An analyst views flights two snapshots ago, and a shared link shows the same', { tag: '@journey' }, async ({
  page,
  openPageAs,
}) => {
  const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
  const pastSnapshotId = timeline.at(-3)?.snapshotId ?? ''
  const { figures } = await fetchTableDetail(page.request, FLIGHTS, { snapshotId: pastSnapshotId })
  await page.goto(paths.table(FLIGHTS, 'snapshots'))
  await page
    .getByRole('row')
    .filter({ hasText: pastSnapshotId })
    .getByRole('button', { name: / options$/ })
    .click()
  await page.getByRole('menuitem', { name: 'View the table at this snapshot' }).click()
  await expect(page).toHaveURL(new RegExp(`snapshot=${pastSnapshotId}`))
  const band = page.getByRole('region', { name: 'Time travel' })
  await expect(band).toContainText(`snapshot ${pastSnapshotId}`)
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'data', { snapshotId: pastSnapshotId }))
  const rows = page.getByRole('grid', { name: 'Rows' })
  await expect(rows).toHaveAttribute('aria-rowcount', String(figures.rowCount + 1))
  expect(figures.rowCount).toBeLessThan(3_000_000)

  const other = await openPageAs('editor')
  await other.goto(page.url())
  await expect(other.getByRole('region', { name: 'Time travel' })).toContainText(`snapshot ${pastSnapshotId}`)
  await expect(other.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', String(figures.rowCount + 1))

  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(band).toBeHidden()
  await expect(rows).toHaveAttribute('aria-rowcount', '3000001')
})

test('The as-of control accepts a tag, a snapshot and a time, and each is in the URL', async ({ page, pageErrors }) => {
  const { refs, timeline } = await fetchTableDetail(page.request, FLIGHTS)
  const tag = refs.find(({ type }) => type === 'tag')
  const [, second, third] = timeline
  if (!tag || !second || !third) throw new Error('the demo lake has no tag or no history')
  await page.goto(paths.table(FLIGHTS, 'files'))
  const control = page.getByRole('button', { name: /^As of/ })
  const picker = page.getByRole('dialog', { name: 'As of' })
  const shown = page.getByRole('region', { name: 'Time travel' })

  await control.click()
  await picker.getByRole('searchbox').fill(tag.name)
  await picker.getByRole('button', { name: new RegExp(tag.name) }).click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'files', { ref: tag.name }))
  await expect(shown).toContainText(`As of tag ${tag.name} · snapshot ${tag.snapshotId}`)

  await control.click()
  await picker.getByRole('searchbox').fill(second.snapshotId)
  await picker
    .getByRole('button', { name: new RegExp(second.snapshotId) })
    .last()
    .click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'files', { snapshotId: second.snapshotId }))
  await expect(shown).toContainText(`snapshot ${second.snapshotId}`)

  // One millisecond before the third commit, the second one was current.
  const atMs = third.committedAtMs - 1
  await page.goto(`${paths.table(FLIGHTS, 'files')}${asOfQuery({ atMs })}`)
  await expect(page).toHaveURL(/at=\d{4}-\d{2}-\d{2}T[\d:.]+Z/)
  await expect(shown).toContainText(`snapshot ${second.snapshotId} committed`)
  // The band and the control name the requested time.
  await expect(shown.locator('strong time')).toHaveAttribute('datetime', new Date(atMs).toISOString())

  await control.click()
  // The table has no state in the future.
  pageErrors.expectError(/status of 404/)
  await page.getByLabel('At a time').fill('2100-01-01T00:00:00')
  await picker.getByRole('button', { name: 'Apply' }).click()
  await expect(page).toHaveURL(/at=2(100-01-01|099-12-31)T/)
  await expect(page.getByText('This time is in the future', { exact: false }).first()).toBeVisible()

  await page.goBack()
  await expect(shown).toContainText(`snapshot ${second.snapshotId}`)
})

test('A tag shows the schema of its snapshot, a branch the schema of the table', async ({ page }) => {
  const { refs } = await fetchTableDetail(page.request, FLIGHTS)
  const tag = refs.find(({ type }) => type === 'tag')
  const branch = refs.find(({ type, name }) => type === 'branch' && name !== 'main')
  if (!tag || !branch) throw new Error('the demo lake has no tag or no branch')
  const schema = page.getByRole('table', { name: 'Schema' })

  await page.goto(paths.table(FLIGHTS, 'schema', { ref: tag.name }))
  await expect(schema).toContainText('arrival_delay')
  await expect(schema).not.toContainText('route')
  await page.goto(paths.table(FLIGHTS, 'schema', { ref: branch.name }))
  await expect(schema).toContainText('route')

  await page.goto(paths.table(FLIGHTS, 'data', { ref: tag.name }))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid.getByRole('columnheader', { name: /^arrival_delay/ })).toBeVisible()
  await expect(grid.getByRole('columnheader', { name: /^route/ })).toHaveCount(0)
})

test('An analyst moves through the commits with arrow keys', async ({ page }) => {
  const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
  await page.goto(paths.table(FLIGHTS, 'schema', { snapshotId: timeline.at(-1)?.snapshotId ?? '' }))
  await page.goto(paths.table(FLIGHTS, 'schema', { snapshotId: timeline.at(-4)?.snapshotId ?? '' }))
  await page.getByRole('region', { name: 'Time travel' }).getByRole('slider').focus()
  await page.keyboard.press('ArrowLeft')
  await expect(page).toHaveURL(new RegExp(`snapshot=${timeline.at(-5)?.snapshotId}`))
  await expect(page.getByRole('region', { name: 'Time travel' })).toContainText(`${timeline.at(-5)?.snapshotId}`)
})

test('A time before the first commit, an unknown ref and an unknown snapshot show a problem', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expectError(/status of 404/)
  for (const [asOf, words] of [
    [{ atMs: 1000 }, /The first commit was on /],
    [{ ref: 'no-such-tag' }, /no-such-tag/],
    [{ snapshotId: '42' }, /42/],
  ] as const) {
    await page.goto(paths.table(FLIGHTS, 'data', asOf))
    await expect(problemNote(page)).toContainText(words)
    await expect(page.getByRole('grid', { name: 'Rows' })).toHaveCount(0)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await expect(page.getByRole('grid', { name: 'Rows' })).toBeVisible()
  }
  await page.goto(`${paths.table(FLIGHTS, 'data')}?at=2020-01-01T00:00:00`)
  await expect(problemNote(page)).toContainText('“2020-01-01T00:00:00” has no offset.')
  const refused = await page.request.get(`${apiPath(FLIGHTS)}?at=2020-01-01T00:00:00`)
  expect(refused.status()).toBe(400)
  expect(await refused.text()).toContain('a time with its offset, such as 2026-11-23T00:35:00Z')
  await expect(page.getByRole('button', { name: /^As of/ })).toBeVisible()
})

test('Overview and Settings show a tag as it was, and edit nothing', async ({ page }) => {
  const { refs } = await fetchTableDetail(page.request, FLIGHTS)
  const tag = refs.find(({ type }) => type === 'tag')
  if (!tag) throw new Error('the demo lake has no tag')
  await page.goto(paths.table(FLIGHTS))
  const about = page.getByRole('region', { name: 'About' })
  await expect(about).toContainText('day(date)')
  await page.goto(paths.table(FLIGHTS, 'overview', { ref: tag.name }))
  await expect(about).toContainText('month(date)')
  const newest = page.getByRole('region', { name: 'Newest commits at that time' })
  await expect(newest.getByRole('link').nth(1)).toHaveAttribute('href', new RegExp(tag.snapshotId))
  await page.goto(paths.table(FLIGHTS, 'settings', { ref: tag.name }))
  await expect(page.getByText(/Editing is off/)).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Codec', exact: true })).toBeDisabled()
})

test('A view opened as a table leads to the view', async ({ page, pageErrors }) => {
  pageErrors.expectError(/status of 404/)
  await page.goto(paths.table({ ...FLIGHTS, table: 'flights_by_route' }))
  await expect(problemNote(page)).toContainText('demo.flights_by_route is a view, not a table.')
  await page.getByRole('link', { name: 'Open the view flights_by_route' }).click()
  await expect(page.getByRole('heading', { name: /flights_by_route/ })).toBeVisible()
})
