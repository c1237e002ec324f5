import type { Page } from '@playwright/test'
import { BIRDSTRIKES, EARTHQUAKES, FLIGHTS, labTable, paths, type TableIdentifier } from '../addresses'
import { listPublications, type Publications } from '@/lib/contract/table/publications'
import { createAuditedTable } from '../audited-table'
import { appendTrips, tripsCsv } from '../cli'
import { apiPath, fetchTableDetail } from '../lake'
import type { PageCase } from '../page-case'
import { panelNamed } from '../panels'
import { stubEndpoint } from '../stub-endpoint'

const STATEMENT = `CREATE TABLE lake.demo.legs (
  id BIGINT NOT NULL COMMENT 'of the leg',
  at TIMESTAMP,
  carrier STRUCT<code: STRING, tail: STRING>
) USING iceberg PARTITIONED BY (days(at)) TBLPROPERTIES ('team' = 'ops')`

/** On the lock of a column. */
const GUARD = /It can be renamed and moved, not dropped\.$/

const CHECKED_SNAPSHOT = '8744736658442914487'
const CHECK = {
  staleReason: null,
  checkedAtMs: Date.now() - 60_000,
  durationMs: 420,
  isTruncated: false,
  isHidden: false,
}
const CHECKED: Publications = {
  mainSnapshotId: '6951837462018273645',
  checks: [
    { name: 'fares are not negative', sql: 'SELECT id, city, fare FROM this_table WHERE fare < 0' },
    { name: 'cities are known', sql: 'SELECT city FROM this_table ANTI JOIN demo.cities USING (city)' },
    { name: 'ids are unique', sql: 'SELECT id FROM this_table GROUP BY id HAVING count(*) > 1' },
  ],
  isEnabled: true,
  totalCount: 1,
  publications: [
    {
      branch: 'audit',
      wapId: null,
      snapshotId: CHECKED_SNAPSHOT,
      committedAtMs: Date.now() - 3_600_000,
      aheadCount: 1,
      behindCount: 0,
      rows: { added: 5, removed: 0 },
      refusal: 'checks',
      nextPick: null,
      checks: [
        {
          ...CHECK,
          name: 'fares are not negative',
          state: 'failed',
          rowCount: 14,
          columns: ['id', 'city', 'fare'],
          rows: [
            ['104', 'Santa Cruz de Tenerife', '-4.25'],
            ['105', null, '-12345678901234567890.10'],
          ],
          message: null,
        },
        {
          ...CHECK,
          name: 'cities are known',
          state: 'not-run',
          rowCount: null,
          columns: [],
          rows: [],
          message: 'Catalog Error: Table with name cities does not exist!',
        },
        { ...CHECK, name: 'ids are unique', state: 'passed', rowCount: 0, columns: [], rows: [], message: null },
      ],
      run: null,
    },
  ],
}

/** Panels and pages that change or create tables, and the audit of it. */
export const CHANGE_CASES: readonly PageCase[] = [
  {
    name: 'table-schema-edit',
    address: paths.table(EARTHQUAKES, 'schema'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Add column' }).click()
      await page.getByRole('switch', { name: 'Hide unchanged' }).check({ force: true })
    },
    ready: (page) => page.getByRole('region', { name: 'Pending changes' }).getByText('new_column'),
  },
  {
    name: 'table-schema-review',
    address: paths.table(EARTHQUAKES, 'schema'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Add column' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
    },
    ready: (page) => panelNamed(page, /^Review/).getByText('assert-last-assigned-field-id'),
  },
  {
    name: 'table-schema-upgrade',
    address: paths.table(EARTHQUAKES, 'schema'),
    open: (page) => page.getByRole('button', { name: 'Add column' }).click(),
    ready: (page) => page.getByRole('button', { name: 'Upgrade to version 3' }),
  },
  {
    name: 'table-schema-guard',
    address: paths.table(EARTHQUAKES, 'schema'),
    open: (page) => page.getByRole('button', { name: GUARD }).hover(),
    ready: (page) => page.getByRole('tooltip', { name: GUARD }),
  },
  {
    name: 'table-schema-history',
    address: `${paths.table(FLIGHTS, 'schema')}?view=history`,
    ready: (page) => page.getByText(/^Current at/),
  },
  {
    name: 'table-about',
    address: `${paths.table(FLIGHTS)}?action=about`,
    ready: (page) => panelNamed(page, 'About this table').getByLabel('Description'),
  },
  {
    name: 'table-rewrite',
    address: `${paths.compressionStudio(BIRDSTRIKES)}?rewrite=true`,
    ready: (page) => panelNamed(page, 'Rewrite existing files').getByText('Looked at', { exact: true }),
  },
  {
    name: 'table-checks',
    address: `${paths.table(FLIGHTS, 'snapshots')}?step=checks`,
    ready: (page) => panelNamed(page, 'Checks').getByText('New check', { exact: true }),
  },
  {
    name: 'table-fast-forward',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await openAuditedTable(page)
      await page.getByText(/^\d+ refs$/).click()
      await page.getByRole('button', { name: 'audit options', exact: true }).click()
      await page.getByRole('menuitem', { name: /^Fast-forward main to here/ }).click()
    },
    ready: (page) => panelNamed(page, 'Fast-forward main').getByRole('table', { name: 'Impact' }),
  },
  {
    name: 'table-branch-to-publish',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: openAuditedTable,
    ready: (page) => page.getByRole('region', { name: 'Publish audit' }),
  },
  {
    name: 'table-publish',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await openAuditedTable(page)
      await page.getByRole('button', { name: 'Publish audit…' }).click()
    },
    ready: (page) => panelNamed(page, 'Publish audit').getByRole('table', { name: 'Impact' }),
  },
  {
    name: 'table-check-results',
    address: `${paths.table(FLIGHTS, 'snapshots')}?step=results&of=${CHECKED_SNAPSHOT}`,
    // The response is mocked, because runs of checks take their time.
    prepare: (page) => stubEndpoint(page, listPublications, { table: 'flights' }, CHECKED),
    ready: (page) => page.getByRole('region', { name: 'Rows of fares are not negative' }),
  },
  {
    name: 'table-cherry-pick',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await openAuditedTable(page, 'and main went on')
      await page
        .getByRole('region', { name: 'Publish audit' })
        .getByRole('button', { name: /^Cherry-pick/ })
        .click()
    },
    ready: (page) => panelNamed(page, 'Cherry-pick onto main').getByRole('table'),
  },
  {
    name: 'proposal-roll-back',
    address: paths.proposals(FLIGHTS),
    open: (page) =>
      openProposal(page, ({ onMain, newer }) => ({
        action: {
          kind: 'change-table',
          intents: [{ kind: 'roll-back', fromSnapshotId: newer, toSnapshotId: onMain, safetyTag: null }],
        },
      })),
    ready: (page) => page.getByRole('table', { name: 'Impact' }),
  },
  {
    name: 'proposal-expire',
    address: paths.proposals(FLIGHTS),
    open: (page) => openProposal(page, () => ({ action: { kind: 'expire', maxAgeMs: 0, retainLast: 1 } })),
    ready: (page) => page.getByRole('table', { name: 'Impact' }),
  },
  {
    name: 'proposal-cherry-pick',
    address: paths.proposals(FLIGHTS),
    open: (page) =>
      openProposal(page, ({ onAudit }) => ({
        action: { kind: 'cherry-pick', snapshotId: onAudit, branch: 'main' },
      })),
    ready: (page) => page.getByText('Cherry-pick snapshot').first(),
  },
  {
    name: 'proposal-publish',
    address: paths.proposals(FLIGHTS),
    open: openProposedPublication,
    ready: (page) => page.getByText('Publish audit at snapshot').first(),
  },
  {
    name: 'proposal-undo',
    address: paths.proposals(FLIGHTS),
    open: (page) =>
      openProposal(page, ({ auditId }) => ({
        action: { kind: 'undo', auditId, undone: 'set-properties', safetyTag: null },
      })),
    ready: (page) => page.getByRole('list', { name: 'Properties' }),
  },
  {
    name: 'proposal-rename',
    address: paths.proposals(FLIGHTS),
    open: (page) =>
      openProposal(page, () => ({
        action: { kind: 'rename', toNamespace: ['lab'], toTable: `agreed_${Date.now()}` },
      })),
    ready: (page) => page.getByRole('button', { name: 'Rename', exact: true }),
  },
  {
    name: 'proposal-drop',
    address: paths.proposals(FLIGHTS),
    open: (page) => openProposal(page, () => ({ action: { kind: 'drop', isPurge: true } })),
    ready: (page) => page.getByText(/^Files: delete after/),
  },
  {
    name: 'new-table',
    address: paths.newTable('local', ['demo']),
    open: async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('legs')
      await page.getByRole('button', { name: 'Add column' }).click()
    },
    ready: (page) => page.getByRole('complementary', { name: 'Review' }).getByText('1 column'),
  },
  {
    name: 'new-table-pasted',
    address: `${paths.newTable('local', ['demo'])}?source=paste`,
    open: (page) => page.getByRole('textbox', { name: 'The text' }).fill(STATEMENT),
    ready: (page) => page.getByRole('button', { name: 'Fill the form' }),
  },
  {
    name: 'new-table-from-file',
    address: `${paths.newTable('local', ['demo'])}?source=file`,
    open: async (page) => {
      const buffer = Buffer.from('id,zip,flown_at\n1,01234,2001-01-01T00:00:00Z\n2,,2001-01-02T00:00:00Z\n')
      await page.getByLabel('Files of your disk').setInputFiles({ name: 'legs.csv', mimeType: 'text/csv', buffer })
    },
    ready: (page) => page.getByText(/^Filled from legs\.csv/),
  },
  {
    name: 'new-table-like',
    address: `${paths.newTable('local', ['demo'])}?source=like`,
    open: (page) => page.getByRole('textbox', { name: 'Table', exact: true }).fill('earthq'),
    ready: (page) => page.getByRole('list', { name: 'Tables found' }).getByText('earthquakes'),
  },
  {
    name: 'table-register',
    address: `${paths.newTable('local', ['demo'])}?source=register`,
    ready: (page) => page.getByText('Name the table and its metadata file to see what the file describes.'),
  },
  {
    name: 'table-register-described',
    address: `${paths.newTable('local', ['demo'])}?source=register`,
    open: async (page) => {
      const { metadataLocation } = await fetchTableDetail(page.request, FLIGHTS)
      await page.getByLabel('Name', { exact: true }).fill('flights_again')
      await page.getByLabel('Metadata file').fill(metadataLocation)
    },
    ready: (page) => page.getByRole('region', { name: 'What the file describes' }).getByText('Last change'),
  },
  {
    name: 'audit',
    address: `${paths.audit()}?range=30d`,
    persona: 'admin',
    ready: (page) => page.getByRole('grid', { name: 'Audit' }).getByText('Append').first(),
  },
  {
    name: 'audit-entry',
    address: `${paths.audit({ ...FLIGHTS })}&action=append`,
    persona: 'admin',
    open: (page) => page.getByRole('grid', { name: 'Audit' }).getByRole('link').first().click(),
    ready: (page) => panelNamed(page, 'Append').getByText('Metadata after'),
  },
]

/** Each time another table, because the case of a wide and that of a narrow window may be open at once. */
async function openAuditedTable(page: Page, state?: 'and main went on'): Promise<void> {
  const table = labTable(`to_publish_${Date.now()}`)
  await createAuditedTable(page, table)
  if (state) await appendTrips(`lab.${table.table}`, tripsCsv(200n, 3))
  await page.goto(paths.table(table, 'snapshots'))
}

type ProposedOf = (facts: { onMain: string; onAudit: string; newer: string; auditId: string }) => object

/** Proposes a change of a new table, on which everything can be proposed, and opens its page. */
async function openProposal(page: Page, toProposed: ProposedOf): Promise<void> {
  const table = labTable(`proposed_${Date.now()}`)
  const snapshots = await createAuditedTable(page, table)
  const newer = await appendTrips(`lab.${table.table}`, tripsCsv(200n, 3))
  const setOwner = { kind: 'set-property', key: 'owner', value: 'weather team', base: null }
  const committed = await page.request.post(`${apiPath(table)}/changes`, { data: { intents: [setOwner] } })
  const { auditId } = (await committed.json()) as { auditId: string }
  await propose(page, table, toProposed({ ...snapshots, newer, auditId }))
}

/** Opens one of a table whose `main` has not moved: no branch could be published onto another `main`. */
async function openProposedPublication(page: Page): Promise<void> {
  const table = labTable(`proposed_${Date.now()}`)
  const { onAudit } = await createAuditedTable(page, table)
  await propose(page, table, { action: { kind: 'publish', snapshotId: onAudit, branch: 'audit' } })
}

async function propose(page: Page, table: TableIdentifier, proposed: object): Promise<void> {
  const data = { title: 'As agreed on Monday', note: 'The weather team asked for it.', ...proposed }
  const response = await page.request.post(`${apiPath(table)}/proposals`, { data })
  const { proposal } = (await response.json()) as { proposal: { proposalId: string } }
  await page.goto(paths.proposal(table, proposal.proposalId))
}
