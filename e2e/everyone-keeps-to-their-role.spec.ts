import type { APIRequestContext } from '@playwright/test'
import { ROUTES, labTable, paths } from './support/addresses'
import { createTripsTable, tripsCsv } from './support/cli'
import { createLab } from './support/empty-table'
import { expect, test } from './support/fixtures'
import { apiPath, fetchTableDetail } from './support/lake'
import { typeName } from './support/panels'
import { commitTray } from './support/tray'

/**
 * Requests that the pages of a role do not offer, sent by hand; and the flows that admins go through like engineers.
 */

type Attempt = { method?: 'POST' | 'PUT' | 'GET'; path: string; data?: object }

const LAB = '/api/v1/catalogs/local/namespaces/lab'

/** Each is refused: where the resource is visible with 403. */
async function expectRefused(request: APIRequestContext, attempts: Record<string, Attempt>): Promise<void> {
  for (const [what, { method = 'POST', path, data }] of Object.entries(attempts)) {
    const response = await request.fetch(path, { method, ...(data && { data }) })
    expect([what, response.status(), await response.text()]).toEqual([what, 403, expect.stringContaining('forbidden')])
  }
}

test('An analyst changes nothing by hand, in any flow', async ({ page }) => {
  const table = labTable('kept-by-hand')
  await createTripsTable('lab.kept-by-hand', tripsCsv(1n, 5))
  const before = await fetchTableDetail(page.request, table)
  const { snapshotId } = before.shown
  const path = apiPath(table)
  const changes = (intent: object): Attempt => ({
    path: `${path}/changes`,
    data: { intents: [intent], confirmedName: 'lab.kept-by-hand' },
  })
  const retention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
  const history = await page.request.get(`${path}/history`)
  const { entries } = (await history.json()) as { entries: { auditId: string | null }[] }
  const view = `/api/v1${paths.view(ROUTES)}`
  await expectRefused(page.request, {
    schema: changes({ kind: 'set-column-doc', fieldId: 1, column: ['id'], doc: 'x', base: '' }),
    layout: changes({ kind: 'remove-partition-field', name: 'x', fieldId: 1000 }),
    settings: changes({ kind: 'set-property', key: 'owner', value: 'x', base: null }),
    refs: changes({ kind: 'create-ref', refName: 'x', type: 'tag', snapshotId, retention }),
    rewrite: { path: `${path}/rewrites`, data: {} },
    load: {
      path: `${path}/loads`,
      data: { inputs: [{ location: 'landing', path: 'trips.csv' }], format: 'csv' },
    },
    'deletion of rows': {
      path: `${path}/row-deletions`,
      data: { where: 'id = 1', confirmedName: 'lab.kept-by-hand' },
    },
    'saved result': {
      path: `${path}/saved-results`,
      data: { query: { sql: 'select 1 as id', cursor: 0, connection: 'local' } },
    },
    undo: { path: `${path}/history/${entries[0]?.auditId ?? ''}/undo`, data: {} },
    rename: { path: `${path}/rename`, data: { toNamespace: 'lab', toTable: 'mine' } },
    drop: {
      path: `${path}/drop`,
      data: { isPurge: true, confirmedName: 'lab.kept-by-hand', metadataLocation: before.metadataLocation },
    },
    'dropped tables': { method: 'GET', path: `${LAB}/dropped-tables` },
    'new namespace': { path: '/api/v1/catalogs/local/namespaces', data: { namespace: 'mine' } },
    'drop of a namespace': { path: `${LAB}/drop`, data: { confirmedName: 'lab' } },
    'properties of a namespace': {
      path: `${LAB}/properties`,
      data: { changes: [{ name: 'owner', base: null, value: 'x' }] },
    },
    'rename of a view': { path: `${view}/rename`, data: { toNamespace: 'demo', toView: 'mine' } },
    'policy of changes': { method: 'PUT', path: `${LAB}/change-policy`, data: { requiresProposal: false } },
  })
  expect(await fetchTableDetail(page.request, table)).toEqual(before)
})

test.describe('An engineer', () => {
  test.use({ persona: 'editor' })

  test('is no admin: users, grants, the audit, policies and the search index are refused', async ({ page }) => {
    await createLab()
    await page.goto('/')
    const navigation = page.getByRole('navigation', { name: 'Main' })
    await expect(navigation.getByRole('link', { name: 'Query' })).toBeVisible()
    await expect(navigation.getByRole('link', { name: 'Audit' })).toHaveCount(0)
    await page.goto(paths.audit())
    await expect(page.getByText('Only admins see the audit of everything.')).toBeVisible()
    await expectRefused(page.request, {
      users: { method: 'GET', path: '/api/v1/users' },
      groups: { path: '/api/v1/groups', data: { name: 'mine' } },
      grants: { path: '/api/v1/grants', data: { holder: { kind: 'everyone' }, role: 'admin', catalog: 'local' } },
      audit: { method: 'GET', path: '/api/v1/audit' },
      'export of the audit': { method: 'GET', path: '/api/v1/audit/export?format=csv' },
      'policy of changes': { method: 'PUT', path: `${LAB}/change-policy`, data: { requiresProposal: true } },
      'search index': { path: '/api/v1/catalogs/local/search-index', data: {} },
    })
  })
})

test.describe('An admin', () => {
  test.use({ persona: 'admin' })

  test('changes columns, layout and settings, renames, drops and restores a table as an engineer does', async ({
    page,
    pageErrors,
  }) => {
    const table = labTable('of-an-admin')
    await createTripsTable('lab.of-an-admin', tripsCsv(1n, 5))
    await page.goto(paths.table(table, 'settings'))
    await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
    await page.getByRole('option', { name: 'gzip', exact: true }).click()
    await page.getByRole('tab', { name: /^Layout/ }).click()
    await page.getByRole('button', { name: 'Add sort field' }).click()
    await page.getByRole('tab', { name: /^Schema/ }).click()
    await page.getByRole('button', { name: 'Add column' }).click()
    await expect(page.getByRole('region', { name: 'Pending changes' })).toContainText('3 changes')
    await commitTray(page)
    await page.getByRole('tab', { name: 'History' }).click()
    const entry = page.getByRole('row').filter({ hasText: 'Change table' })
    await expect(entry).toContainText('admin')
    await expect(entry.getByRole('button', { name: /^Undo/ })).toBeVisible()

    await page.getByRole('button', { name: 'Table actions' }).click()
    await page.getByRole('menuitem', { name: 'Rename or move…' }).click()
    const rename = page.getByRole('complementary', { name: 'Rename or move' })
    await rename.getByLabel('Name', { exact: true }).fill('of-the-admin')
    // The page may be asking for the newest commit.
    pageErrors.allowError(/status of 404 .*[/]tables[/]of-(an|the)-admin\b/)
    await rename.getByRole('button', { name: 'Rename' }).click()
    await expect(page.getByRole('heading', { name: 'lab.of-the-admin' })).toBeVisible()
    await page.getByRole('button', { name: 'Table actions' }).click()
    await page.getByRole('menuitem', { name: 'Drop…' }).click()
    const drop = page.getByRole('complementary', { name: 'Drop table' })
    await typeName(drop, 'lab.of-the-admin')
    await drop.getByRole('button', { name: 'Drop', exact: true }).click()
    const dropped = page.getByRole('complementary', { name: 'Dropped tables' })
    await dropped.getByRole('button', { name: 'Restore of-the-admin', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'lab.of-the-admin' })).toBeVisible()
    expect((await fetchTableDetail(page.request, labTable('of-the-admin'))).figures.rowCount).toBe(5)

    const created = await page.request.post('/api/v1/catalogs/local/namespaces', { data: { namespace: 'of_an_admin' } })
    expect(created.status()).toBe(200)
    const gone = await page.request.post('/api/v1/catalogs/local/namespaces/of_an_admin/drop', {
      data: { confirmedName: 'of_an_admin' },
    })
    expect(gone.status()).toBe(200)
  })
})
