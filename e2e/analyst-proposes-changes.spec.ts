import type { Page } from '@playwright/test'
import { labTable, paths, type TableIdentifier } from './support/addresses'
import { expect, test } from './support/fixtures'
import { apiPath, fetchJson, fetchTableDetail } from './support/lake'
import { createTripsTable, tripsCsv } from './support/cli'
import { createEmptyTable } from './support/empty-table'
import { typeName } from './support/panels'
import { fillSql } from './support/sql-editor'

const CODEC = 'write.parquet.compression-codec'

async function chooseCodec(page: Page, table: TableIdentifier, codec: string): Promise<void> {
  await page.goto(paths.table(table, 'settings'))
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: codec, exact: true }).click()
  await page.getByRole('region', { name: 'Pending changes' }).getByRole('button', { name: 'Review' }).click()
}

/** Proposes the tray from its open review. Returns the address of the proposal. */
async function propose(page: Page, title: string): Promise<string> {
  await page.getByRole('button', { name: 'Propose…' }).click()
  const form = page.getByRole('form', { name: 'Proposal' })
  await expect(form.getByRole('textbox', { name: 'Title' })).toBeFocused()
  await page.keyboard.type(title)
  await form.getByRole('textbox', { name: /Note/ }).fill('As agreed on Monday.')
  await form.getByRole('button', { name: 'Propose', exact: true }).click()
  const notice = page.getByRole('status').filter({ hasText: 'Proposed:' })
  await expect(page.getByRole('region', { name: 'Pending changes' })).toBeHidden()
  return (await notice.getByRole('link', { name: title }).getAttribute('href')) ?? ''
}

const codecOf = async (page: Page, table: TableIdentifier) =>
  (await fetchTableDetail(page.request, table)).properties[CODEC]
const commit = (page: Page) => page.getByRole('button', { name: 'Commit', exact: true })

test('An analyst proposes a change, and an engineer commits it', { tag: '@journey' }, async ({ page, openPageAs }) => {
  const table = labTable('proposed')
  await createEmptyTable('proposed')
  await chooseCodec(page, table, 'gzip')
  await expect(commit(page)).toBeDisabled()
  await expect(commit(page)).toHaveAccessibleDescription(/You need the editor role to commit/)
  const proposal = await propose(page, 'Trips as gzip')
  expect(await codecOf(page, table)).toBe('zstd')
  await page.getByRole('link', { name: 'Trips as gzip' }).click()
  await expect(page).toHaveURL(new RegExp(`${proposal}$`))
  await expect(page.getByText('As agreed on Monday.')).toBeVisible()
  await expect(page.getByRole('tabpanel', { name: 'REST request' })).toContainText('"gzip"')
  await expect(page.getByRole('tab', { name: /^History/ })).toContainText('1')
  await expect(commit(page)).toBeDisabled()

  const engineer = await openPageAs('editor')
  await engineer.goto(paths.home())
  await engineer.getByRole('link', { name: /proposals? waits? for you/ }).click()
  await engineer.getByRole('region', { name: 'Waiting for you' }).getByRole('link', { name: 'Trips as gzip' }).click()
  await engineer.getByRole('tab', { name: 'Spark SQL' }).click()
  await expect(engineer.getByRole('tabpanel', { name: 'Spark SQL' })).toContainText('gzip')
  await commit(engineer).click()
  await engineer.getByRole('link', { name: 'entry in the history' }).click()
  const entry = engineer.getByRole('row', { selected: true })
  await expect(entry).toContainText('Set properties')
  await expect(entry).toContainText('proposed by viewer')
  expect(await codecOf(engineer, table)).toBe('gzip')

  await page.reload()
  await expect(page.getByText('committed', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Withdraw' })).toHaveCount(0)
})

test('Where changes need two people, an engineer proposes and another user commits', async ({ page, openPageAs }) => {
  test.slow()
  const table = { catalog: 'local', namespace: ['guarded'], table: 'trips' }
  await createTripsTable('guarded.trips', tripsCsv(1n, 5))
  const admin = await openPageAs('admin')
  await admin.goto(paths.namespace('local', ['guarded']))
  await admin.getByRole('button', { name: 'Namespace actions' }).click()
  await admin.getByRole('menuitem', { name: 'Change policy…' }).click()
  await admin.getByRole('switch', { name: /^Require a second person for changes/ }).click()
  await admin.getByRole('button', { name: 'Save' }).click()
  await expect(admin.getByText('changes need two people', { exact: true })).toBeVisible()

  const engineer = await openPageAs('editor')
  await chooseCodec(engineer, table, 'gzip')
  await expect(engineer.getByText(/Changes of tables in guarded need two people: propose them/)).toBeVisible()
  await expect(commit(engineer)).toBeDisabled()
  const proposal = await propose(engineer, 'Guarded trips as gzip')
  await engineer.getByRole('link', { name: 'Guarded trips as gzip' }).click()
  await expect(engineer.getByText(/another user has to commit your proposal/)).toBeVisible()
  await expect(commit(engineer)).toBeDisabled()
  const direct = await engineer.request.post(`${apiPath(table)}/changes`, {
    data: { intents: [{ kind: 'set-property', key: 'owner', value: 'x', base: null }] },
  })
  expect(direct.status()).toBe(403)

  // A viewer reads the rule and the proposal, and cannot decide.
  await page.goto(proposal)
  await expect(page.getByText('You need the editor role to commit a proposal.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Send back…' })).toHaveCount(0)

  await admin.goto(proposal)
  await commit(admin).click()
  await expect(admin.getByRole('link', { name: 'entry in the history' })).toBeVisible()
  expect(await codecOf(admin, table)).toBe('gzip')
  await admin.getByRole('link', { name: 'entry in the history' }).click()
  await expect(admin.getByText('Changes of tables in guarded need two people, an undo too.')).toBeVisible()

  // The undo needs two people, too.
  await admin.getByRole('button', { name: /^Propose undo Set properties/ }).click()
  const panel = admin.getByRole('complementary', { name: 'Undo: Set properties' })
  await expect(panel.getByRole('list', { name: 'Properties' })).toContainText('gzip → zstd')
  await expect(panel.getByRole('button', { name: 'Undo', exact: true })).toBeDisabled()
  const undo = await propose(admin, 'Back to zstd')
  await engineer.goto(undo)
  await expect(engineer.getByRole('list', { name: 'Properties' })).toContainText('gzip → zstd')
  await commit(engineer).click()
  await expect(engineer.getByRole('link', { name: 'entry in the history' })).toBeVisible()
  expect(await codecOf(engineer, table)).toBe('zstd')

  // So does the end of the rule: the admin proposes it, and the engineer agrees.
  await admin.goto(`${paths.namespace('local', ['guarded'])}?action=policy`)
  await admin.getByRole('switch', { name: /^Require a second person for changes/ }).click()
  await expect(admin.getByText(/The policy demands two people for this, too/)).toBeVisible()
  await expect(admin.getByRole('button', { name: 'Save' })).toBeDisabled()
  const off = await propose(admin, 'The trips are public now')
  await engineer.goto(off)
  await expect(engineer.getByText(/a user who may commit changes can do so alone/)).toBeVisible()
  await commit(engineer).click()
  await expect(engineer.getByText('committed', { exact: true })).toBeVisible()
  const { requiresProposal } = await fetchJson<{ requiresProposal: boolean }>(
    admin.request,
    `/api/v1${paths.namespace('local', ['guarded'])}/change-policy`,
  )
  expect(requiresProposal).toBe(false)

  // The viewer's page of the first proposal is still open.
  await expect(page.getByText('admin committed this proposal while this page was open.')).toBeVisible({
    timeout: 120_000,
  })
})

test('An analyst proposes a rename and a drop, and an engineer carries them out', async ({
  page,
  openPageAs,
  pageErrors,
}) => {
  const table = labTable('proposed_name')
  const renamed = labTable('agreed_name')
  await createTripsTable('lab.proposed_name', tripsCsv(1n, 5))
  await page.goto(`${paths.table(table)}?action=rename`)
  const rename = page.getByRole('complementary', { name: 'Rename or move' })
  await rename.getByLabel('Name', { exact: true }).fill('agreed_name')
  await expect(rename.getByRole('button', { name: 'Rename', exact: true })).toBeDisabled()
  const toRename = await propose(page, 'The agreed name')

  const engineer = await openPageAs('editor')
  await engineer.goto(toRename)
  await expect(engineer.getByRole('tabpanel', { name: 'REST request' })).toContainText('"agreed_name"')
  // Open pages ask for the newest commit and for the state of the proposal.
  pageErrors.allowError(/status of 404 .*[/]tables[/](proposed|agreed)_name\b/)
  await engineer.getByRole('button', { name: 'Rename', exact: true }).click()
  await expect(engineer.getByRole('heading', { name: 'lab.agreed_name' })).toBeVisible()
  await expect(engineer.getByRole('link', { name: 'entry in the history' })).toBeVisible()

  await page.goto(`${paths.table(renamed)}?action=drop`)
  const toDrop = await propose(page, 'No longer needed')
  await engineer.goto(toDrop)
  await expect(engineer.getByText(/^Files: keep/)).toBeVisible()
  // No page of the table is open when it is dropped.
  await page.goto(paths.home())
  await typeName(engineer, 'lab.agreed_name')
  await engineer.getByRole('button', { name: 'Drop', exact: true }).click()
  await expect(engineer).toHaveURL(new RegExp(`${paths.namespace('local', ['lab'])}$`))
  expect((await engineer.request.get(apiPath(renamed))).status()).toBe(404)
})

test('An analyst proposes a version of a view where two people are needed, and an engineer commits it', async ({
  page,
  openPageAs,
}) => {
  await createTripsTable('guarded-views.trips', tripsCsv(1n, 5))
  const view = { catalog: 'local', namespace: ['guarded-views'], view: 'kept' }
  const namespace = `/api/v1${paths.namespace(view.catalog, view.namespace)}`
  const admin = await openPageAs('admin')
  const created = await admin.request.post(`${namespace}/new-views/kept`, {
    data: {
      version: {
        representations: [{ dialect: 'duckdb', sql: 'select id from "guarded-views".trips' }],
        defaultCatalog: null,
        defaultNamespace: view.namespace,
        schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
      },
      properties: {},
      idempotencyKey: 'key-of-the-new-view-1',
    },
  })
  expect(created.ok(), await created.text()).toBe(true)
  const policy = await admin.request.put(`${namespace}/change-policy`, { data: { requiresProposal: true } })
  expect(policy.status()).toBe(200)

  await page.goto(paths.view(view))
  await page.getByRole('link', { name: 'Edit', exact: true }).click()
  await fillSql(
    page.getByRole('textbox', { name: 'Query in duckdb' }),
    'select id from "guarded-views".trips where id > 2',
  )
  const proposeButton = page.getByRole('button', { name: 'Propose…' })
  await expect(proposeButton).toBeEnabled()
  await expect(page.getByRole('button', { name: 'Commit version' })).toBeDisabled()
  await proposeButton.click()
  const form = page.getByRole('form', { name: 'Proposal' })
  await expect(form.getByRole('textbox', { name: 'Title' })).toHaveValue('Write a new version in duckdb')
  await form.getByRole('button', { name: 'Propose', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Write a new version in duckdb' })).toBeVisible()
  const toCommit = page.url()

  // The engineer may not act alone, and did not make the proposal.
  const engineer = await openPageAs('editor')
  const direct = await engineer.request.post(`/api/v1${paths.view(view)}/changes`, {
    headers: { 'sec-fetch-site': 'same-origin' },
    data: {
      edit: { kind: 'properties', changes: [{ name: 'comment', base: null, value: 'x' }] },
      idempotencyKey: 'key-of-one-person-1',
    },
  })
  expect(direct.status()).toBe(403)
  await engineer.goto(paths.home())
  await engineer.getByRole('link', { name: /proposals? waits? for you/ }).click()
  await engineer
    .getByRole('region', { name: 'Waiting for you' })
    .getByRole('link', { name: 'Write a new version in duckdb' })
    .click()
  await expect(engineer).toHaveURL(toCommit)
  await expect(engineer.getByRole('region', { name: 'Change of the SQL, duckdb' })).toContainText('where id > 2')
  await commit(engineer).click()
  await expect(engineer.getByText('committed', { exact: true })).toBeVisible()
  await engineer.goto(paths.view(view))
  await expect(engineer.getByRole('region', { name: 'SQL, duckdb' })).toContainText('where id > 2')
})
