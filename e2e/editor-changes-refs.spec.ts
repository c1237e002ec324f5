import type { Locator, Page } from '@playwright/test'
import { FLIGHTS, paths, type TableIdentifier } from './support/addresses'
import { expect, test } from './support/fixtures'
import { copyFlights } from './support/flights-copy'
import { fetchTableDetail } from './support/lake'
import { typeName } from './support/panels'
import { commitTray, status } from './support/tray'

/** The rows of flights. */
const ROW_COUNT = 3_000_000

test.describe('An editor', () => {
  test.use({ persona: 'editor' })

  test('branches, tags, fast-forwards and rolls flights back to a time, and undoes it', async ({ page }) => {
    test.slow()
    const table = await copyFlights('arrivals')
    const { refs: before } = await fetchTableDetail(page.request, table)
    const tip = before.find(({ name }) => name === 'main')?.snapshotId ?? ''
    // A branch at an older snapshot, and a tag with a retention, in one commit.
    await page.goto(paths.table(table, 'snapshots'))
    const older = await snapshotIdOfRow(page, 2)
    await openMenu(page, older, 'New branch here…')
    const branchPanel = page.getByRole('complementary', { name: 'New branch' })
    await expect(branchPanel.getByRole('region', { name: 'Impact' })).toContainText('Rows in data files')
    await branchPanel.getByLabel('Name').fill('e2e-audit')
    await branchPanel.getByRole('button', { name: 'Add to changes' }).click()
    await openMenu(page, tip, 'New tag here…')
    const tagPanel = page.getByRole('complementary', { name: 'New tag' })
    await tagPanel.getByLabel('Name').fill('e2e-close')
    await tagPanel.getByLabel('Keep the tag for').fill('30 days')
    await expect(tagPanel.getByRole('region', { name: 'Impact' })).toContainText('3,000,000')
    await tagPanel.getByRole('button', { name: 'Add to changes' }).click()
    await commitTray(page)
    expect(await refIds(page, table)).toMatchObject({ 'e2e-audit': older, 'e2e-close': tip, main: tip })

    // The branch follows main.
    await listRefs(page)
    await openMenu(page, 'e2e-audit', /^Fast-forward to main…/)
    const forward = page.getByRole('complementary', { name: 'Fast-forward e2e-audit' })
    await expect(forward).toContainText('e2e-audit moves forward 2 snapshots.')
    await forward.getByRole('button', { name: 'Fast-forward' }).click()
    await expect(status(page, 'e2e-audit was fast-forwarded.')).toBeVisible()
    expect((await refIds(page, table))['e2e-audit']).toBe(tip)

    // Main moves back to a time, and returns.
    const at = await committedAtMs(page, table, older)
    await page.goto(`${paths.table(table, 'snapshots')}?move=main&to=at:${at}`)
    const back = page.getByRole('complementary', { name: 'Roll back main' })
    await expect(back.getByRole('table', { name: 'Impact' })).toContainText('3,000,000')
    await expect(back).toContainText(/e2e-audit.* do not move\./)
    await expect(back).toContainText('assert-ref-snapshot-id')
    await back.getByRole('checkbox', { name: /safety tag/ }).uncheck()
    await typeName(back, 'lab.arrivals')
    await back.getByRole('button', { name: 'Roll back' }).click()
    await expect(status(page, 'main was rolled back.')).toBeVisible()
    expect((await refIds(page, table))['main']).toBe(older)
    expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBeLessThan(ROW_COUNT)
    await status(page, 'main was rolled back.').getByRole('button', { name: 'Undo' }).click()
    await expect(status(page, 'Undone.')).toBeVisible()
    const restored = await fetchTableDetail(page.request, table)
    expect([restored.figures.rowCount, (await refIds(page, table))['main']]).toEqual([ROW_COUNT, tip])

    // The created refs are removed again. They leave nothing behind, so the panel does not ask for a name.
    await listRefs(page)
    for (const name of ['e2e-audit', 'e2e-close']) {
      await openMenu(page, name, 'Remove…')
      const panel = page.getByRole('complementary', { name: `Remove ${name}` })
      await expect(panel).toContainText('nothing is left behind')
      await panel.getByRole('button', { name: 'Remove' }).click()
      await expect(status(page, `${name} was removed.`)).toBeVisible()
    }
    expect((await fetchTableDetail(page.request, table)).refs).toEqual(before)
    await page.getByRole('tab', { name: 'Data' }).click()
    await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', String(ROW_COUNT + 1))
    await page.getByRole('tab', { name: 'History' }).click()
    await expect(page.getByRole('row').filter({ hasText: 'Roll back' }).first()).toContainText('editor')
  })
})

test.describe('A viewer', () => {
  test.use({ persona: 'viewer' })

  test('is offered changes of the branches and tags of flights to propose only', async ({ page }) => {
    await page.goto(paths.table(FLIGHTS, 'snapshots'))
    const id = await snapshotIdOfRow(page, 2)
    await expect(page.getByRole('button', { name: 'New branch' })).toBeVisible()
    await openMenu(page, id, /^Roll main back to here/)
    await expect(page.getByRole('complementary', { name: /main/ })).toContainText('You need the editor role to commit.')
    await expect(page.getByRole('button', { name: 'Roll back', exact: true })).toBeDisabled()
    await listRefs(page)
    await button(page, 'main').click()
    await expect(page.getByRole('menuitem', { name: /^Move to a snapshot/ })).toBeVisible()
  })
})

async function listRefs(page: Page): Promise<void> {
  await page
    .getByRole('group', { name: 'List', exact: true })
    .getByRole('button', { name: /refs?$/ })
    .click()
}

function button(page: Page, of: string): Locator {
  return page.getByRole('button', { name: `${of} options`, exact: true })
}

async function openMenu(page: Page, of: string, item: string | RegExp): Promise<void> {
  await button(page, of).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** @param index from the newest, which is 0 */
async function snapshotIdOfRow(page: Page, index: number): Promise<string> {
  const row = page
    .getByRole('grid', { name: 'Snapshots', exact: true })
    .getByRole('row')
    .nth(index + 1)
  return (await row.locator('code').first().textContent()) ?? ''
}

async function refIds(page: Page, table: TableIdentifier): Promise<Record<string, string>> {
  const { refs } = await fetchTableDetail(page.request, table)
  return Object.fromEntries(refs.map(({ name, snapshotId }) => [name, snapshotId]))
}

async function committedAtMs(page: Page, table: TableIdentifier, snapshotId: string): Promise<number> {
  const { timeline } = await fetchTableDetail(page.request, table)
  return timeline.find((snapshot) => snapshot.snapshotId === snapshotId)?.committedAtMs ?? 0
}
