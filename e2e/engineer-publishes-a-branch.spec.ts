import type { Locator, Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { appendTrips, tripsCsv } from './support/cli'
import { expect, test } from './support/fixtures'
import { apiPath, fetchTableDetail } from './support/lake'
import { createAuditedTable } from './support/audited-table'
import { typeName } from './support/panels'
import { commitTray, status } from './support/tray'

/** Write-audit-publish and cherry-picks, as each user meets them. */

test.describe('An engineer', () => {
  test.use({ persona: 'editor' })

  test('saves a check, runs it on a branch, mends it, and publishes the branch', { tag: '@journey' }, async ({
    page,
  }) => {
    const table = labTable('published')
    const { onMain, onAudit } = await createAuditedTable(page, table)
    await page.goto(paths.table(table, 'snapshots'))
    const card = cardOf(page, 'audit')
    await expect(card).toContainText('1 ahead of main, 0 behind')
    await expect(card).toContainText('No checks yet')
    await card.getByRole('button', { name: 'Add checks' }).click()
    const checks = page.getByRole('complementary', { name: 'Checks' })
    await checks.getByRole('textbox', { name: 'New check', exact: true }).fill('ids are below 104')
    await checks
      .getByRole('textbox', { name: 'SQL of the new check' })
      .fill('SELECT id, fare FROM this_table WHERE id >= 104')
    await checks.getByRole('combobox', { name: 'Branch to try the new check on' }).click()
    await page.getByRole('option', { name: 'audit', exact: true }).click()
    await checks.getByRole('button', { name: 'Try on audit: the new check' }).click()
    await expect(checks.getByRole('region', { name: 'Rows of result on audit' })).toContainText('1044.25', {
      timeout: 240_000,
    })
    await checks.getByRole('button', { name: 'Add to changes: new check' }).click()
    await expect(checks.getByRole('form', { name: 'Check ids are below 104' })).toContainText('not committed')
    await commitTray(page)

    await expect(card).toContainText('not run on this snapshot')
    const publish = card.getByRole('button', { name: 'Publish audit…' })
    await expect(publish).toBeDisabled()
    await card.getByRole('button', { name: 'Run the checks on audit' }).click()
    await expect(card).toContainText('1 of 1 check failed', { timeout: 240_000 })
    await expect(publish).toBeDisabled()
    await card.getByRole('button', { name: 'See the row' }).click()
    const results = page.getByRole('complementary', { name: 'Results of the checks' })
    await expect(results.getByRole('region', { name: 'Rows of ids are below 104' })).toContainText('1044.25')
    await page.keyboard.press('Escape')

    // The server refuses the request that the button does not offer.
    const refused = await page.request.post(`${apiPath(table)}/publications`, {
      data: { snapshotId: onAudit, branch: 'audit', mainSnapshotId: onMain },
    })
    expect([refused.status(), ((await refused.json()) as { code: string }).code]).toEqual([409, 'commit-conflict'])

    // Another text of the check makes its result stale.
    await page.getByRole('button', { name: 'Checks', exact: true }).click()
    const edited = page.getByRole('form', { name: 'Check ids are below 104' })
    await edited.getByRole('textbox').fill('SELECT id, fare FROM this_table WHERE id > 104')
    await edited.getByRole('button', { name: 'Add to changes: ids are below 104' }).click()
    await commitTray(page)
    await expect(card).toContainText('stale: the check was changed since')
    await card.getByRole('button', { name: 'Run the checks on audit' }).click()
    await expect(card).toContainText('1 check passed', { timeout: 240_000 })
    await publish.click()
    const panel = page.getByRole('complementary', { name: 'Publish audit' })
    await expect(panel.getByRole('table', { name: 'Impact' })).toContainText('+5')
    await expect(panel).toContainText('1 check passed on exactly this snapshot.')
    await expect(panel).toContainText('No client is recorded in the last 30 days.')
    await expect(panel).toContainText('assert-ref-snapshot-id')
    await panel.getByRole('button', { name: 'Publish' }).click()
    await expect(status(page, 'audit was published.').getByRole('link', { name: 'Undo…' })).toBeVisible()
    await expect(card).toBeHidden()
    expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(15)
    await page.getByRole('tab', { name: 'History' }).click()
    const entry = page.getByRole('row').filter({ hasText: 'Publish' })
    await expect(entry).toContainText('1 check passed: ids are below 104')
    await expect(entry.getByRole('button', { name: /^Undo/ })).toBeVisible()
  })
})

test.describe('An admin', () => {
  test.use({ persona: 'admin' })

  test('cherry-picks a commit of a branch that main has left behind, and undoes it', async ({ page, pageErrors }) => {
    pageErrors.expectError(/status of 409/)
    const table = labTable('picked')
    const { onAudit } = await createAuditedTable(page, table)
    const newer = await appendTrips('lab.picked', tripsCsv(200n, 3))
    await page.goto(paths.table(table, 'snapshots'))
    const card = cardOf(page, 'audit')
    await expect(card).toContainText('main has moved on by 1 snapshot')
    await expect(card.getByRole('button', { name: 'Publish audit…' })).toBeDisabled()
    await page.getByRole('button', { name: `${newer} options`, exact: true }).click()
    await expect(page.getByRole('menuitem', { name: /^Cherry-pick onto main/ })).toContainText('already on main')
    await page.keyboard.press('Escape')
    await card.getByRole('button', { name: `Cherry-pick ${onAudit}…` }).click()
    const panel = page.getByRole('complementary', { name: 'Cherry-pick onto main' })
    await expect(panel.getByRole('row', { name: /^Rows/ })).toContainText('13')
    await expect(panel.getByRole('row', { name: /^Rows/ })).toContainText('18')
    await panel.getByRole('tab', { name: 'Spark SQL' }).click()
    await expect(panel.getByRole('region', { name: 'Spark SQL' })).toContainText(
      `system.cherrypick_snapshot(table => '\`lab\`.\`picked\`', snapshot_id => ${onAudit})`,
    )
    // Another writer commits while the panel is open.
    await appendTrips('lab.picked', tripsCsv(300n, 1))
    await panel.getByRole('button', { name: 'Cherry-pick' }).click()
    await expect(panel.getByRole('alert')).toContainText('main was at snapshot')
    // The figures are now those of the new tip.
    await expect(panel.getByRole('row', { name: /^Rows/ })).toContainText('19')
    await panel.getByRole('button', { name: 'Cherry-pick' }).click()
    await expect(status(page, `Snapshot ${onAudit} was cherry-picked onto main.`)).toBeVisible()
    expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(19)
    await page.getByRole('button', { name: `${onAudit} options`, exact: true }).click()
    await expect(page.getByRole('menuitem', { name: /^Cherry-pick onto main/ })).toContainText('main has its changes')
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'History' }).click()
    const entries = page.getByRole('row').filter({ hasText: 'Cherry pick' })
    await expect(entries).toHaveCount(1)
    await entries.getByRole('button', { name: /^Undo/ }).click()
    const undo = page.getByRole('complementary', { name: /^Undo/ })
    await typeName(undo, 'lab.picked')
    await undo.getByRole('button', { name: 'Undo' }).click()
    await expect(status(page, 'Undone.')).toBeVisible()
    expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(14)
  })
})

test('An analyst sees what waits to be published, may propose it, and may change nothing', async ({
  page,
  openPageAs,
}) => {
  const table = labTable('looked-at-audit')
  const editor = await openPageAs('editor')
  const { onMain, onAudit } = await createAuditedTable(editor, table)
  await editor.close()
  await page.goto(paths.table(table, 'snapshots'))
  const card = cardOf(page, 'audit')
  await expect(card).toContainText('1 ahead of main, 0 behind')
  await expect(card.getByRole('button', { name: /^(Run|Add)/ })).toHaveCount(0)
  // To propose it.
  await card.getByRole('button', { name: 'Publish audit…' }).click()
  const panel = page.getByRole('complementary', { name: 'Publish audit' })
  await expect(panel).toContainText('You need the editor role to commit.')
  await expect(panel.getByRole('button', { name: 'Publish', exact: true })).toBeDisabled()
  await expect(panel.getByRole('button', { name: 'Propose…' })).toBeEnabled()
  // The panel leaves the list less room than the buttons above it need.
  await page.setViewportSize({ width: 1024, height: 700 })
  const checks = page.getByRole('button', { name: 'Checks', exact: true })
  await expect
    .poll(async () => {
      const [button, side] = [await checks.boundingBox(), await panel.boundingBox()]
      return button && side && button.x + button.width <= side.x
    }, 'whether the last button ends before the panel')
    .toBe(true)
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(() => card.evaluate(findMisplaced), 'parts that cover others on a phone').toEqual([])
  const requests = {
    publications: { snapshotId: onAudit, branch: 'audit', mainSnapshotId: onMain },
    'publications/checks': { snapshotId: onAudit },
    'cherry-picks': { snapshotId: onAudit, tipSnapshotId: onMain },
  }
  for (const [path, data] of Object.entries(requests)) {
    const response = await page.request.post(`${apiPath(table)}/${path}`, { data })
    expect([path, response.status()]).toEqual([path, 403])
  }
})

/** The card, if it runs past the page, and the lines that tie it to the graph, if they leave its row or cross it. */
function findMisplaced(card: Element): string[] {
  const row = card.closest('tr')?.getBoundingClientRect()
  const lines = card.closest('tr')?.querySelector('svg')?.getBoundingClientRect()
  if (!row || !lines) return ['no lines']
  const { left, right } = card.getBoundingClientRect()
  return [
    ...(right > innerWidth ? ['card'] : []),
    // They cover the line below the row above.
    ...(lines.top < row.top - 1 || lines.bottom > row.bottom + 1 || lines.right > left ? ['lines'] : []),
  ]
}

function cardOf(page: Page, branch: string): Locator {
  return page.getByRole('region', { name: `Publish ${branch}` })
}
