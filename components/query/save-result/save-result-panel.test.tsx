// @vitest-environment happy-dom
import { cleanup, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listCatalogs } from '@/lib/contract/catalogs'
import { listNamespaces, listTables } from '@/lib/contract/namespaces'
import { getChangePolicy } from '@/lib/contract/proposals'
import { listNextTimes, runSchedule, type Schedule } from '@/lib/contract/jobs'
import { repeatResult, saveResult } from '@/lib/contract/loads/saved-results'
import { getTable, type TableDetail } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import type { QueryRequest, ResultColumn } from '@/lib/query/engine'
import type { Role } from '@/lib/permissions'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { SaveResultPanel } from './save-result-panel'

const call = stubApi()
const push = vi.fn()
const REQUEST: QueryRequest = {
  sql: 'select id, seen from demo.flights where id > $least',
  cursor: 3,
  connection: 'local',
  connections: ['local'],
  maxRows: 10_000,
  asOf: { ref: 'audit' },
  parameters: [{ name: 'least', type: 'number', isList: false, text: '9007199254740993' }],
}
const QUERY = {
  sql: REQUEST.sql,
  cursor: 3,
  connection: 'local',
  asOf: { ref: 'audit' },
  parameters: REQUEST.parameters,
}
const COLUMNS: readonly ResultColumn[] = [
  { name: 'id', type: 'long', sqlType: 'BIGINT' },
  { name: 'seen', type: 'timestamp_ns', sqlType: 'TIMESTAMP_NS' },
]
const READ = { identifier: SAMPLE_IDENTIFIER, asOf: {}, snapshotId: null, committedAtMs: null, views: [] }
const FIELDS = COLUMNS.map(({ name, type }, i) => ({ id: i + 1, name, required: false, type }))

let requiresProposal: boolean
let detail: TableDetail
let save: () => unknown
beforeEach(() => {
  push.mockReset()
  requiresProposal = false
  detail = { ...SAMPLE_DETAIL, schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS } }
  save = () => ({ run: SAMPLE_RUN })
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy)
      return { requiresProposal, requiredBy: requiresProposal ? ['demo'] : null, enginesBlockedBy: null }
    if (endpoint === listCatalogs) return { catalogs: [] }
    if (endpoint === listNamespaces) return { namespaces: [], isTruncated: false, skippedCount: 0 }
    if (endpoint === listTables) return { tables: ['flights'], totalCount: 1, nextOffset: null }
    if (endpoint === getTable) return detail
    if (endpoint === saveResult) return save()
    if (endpoint === repeatResult) return { schedule: SAVED }
    if (endpoint === runSchedule) return { run: SAMPLE_RUN }
    if (endpoint === listNextTimes) return { nextAtMs: [] }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

type PanelOptions = { columns?: readonly ResultColumn[]; role?: Role; request?: QueryRequest }

function renderPanel({ columns = COLUMNS, role = 'editor', request = REQUEST }: PanelOptions = {}) {
  renderInTable(
    <SaveResultPanel
      request={request}
      result={{ columns, tablesRead: [READ] }}
      connections={['local']}
      onClose={() => {}}
    />,
    { role, router: { push }, hasShortPauses: true },
  )
}

const SAVED: Schedule = {
  id: 'schedule-1',
  kind: 'save-result',
  title: 'Silver',
  detail: 'the result of a query',
  readsOn: true,
  table: SAMPLE_IDENTIFIER,
  owner: 'ann',
  isOwn: true,
  startsBy: 'hand',
  cron: '',
  timeZone: '',
  watchedTables: [],
  isEnabled: true,
  pausedBecause: null,
  nextRunsAtMs: [],
  lastRun: null,
  lastSkippedAtMs: null,
  version: 1,
  createdAtMs: 0,
  changedAtMs: 0,
  canChange: true,
  canRun: true,
  canTakeOver: false,
}

const inputsOf = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)
const field = (name: string) => screen.getByLabelText(name, { selector: 'input' })
const saveButton = () => screen.getByRole('button', { name: 'Save as table' })

async function chooseExisting(table = 'flights') {
  await userEvent.click(screen.getByRole('radio', { name: 'Existing table' }))
  await enterText(field('Table'), table)
}

it('A result becomes a new table with the columns that are listed, by the request that is shown, and leads to its run', async () => {
  renderPanel()
  expect(saveButton()).toHaveProperty('disabled', true)
  expect(field('Namespace')).toHaveProperty('value', 'demo')
  const columns = screen.getByRole('region', { name: 'Columns of the new table' })
  expect(
    within(columns)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['idlong', 'seentimestamp_ns'])
  await enterText(field('Table'), 'seen')
  await enterText(field('Partition by'), 'month(seen)')
  await userEvent.click(await enabledButton('Save as table'))
  const create = {
    schema: JSON.stringify({
      type: 'struct',
      'schema-id': 0,
      'identifier-field-ids': [],
      fields: [
        { id: 1, name: 'id', required: false, type: 'long' },
        { id: 2, name: 'seen', required: false, type: 'timestamp_ns' },
      ],
    }),
    partitionBy: 'month(seen)',
    formatVersion: 3,
  }
  const [{ idempotencyKey, ...sent }] = inputsOf(saveResult)
  expect({ ...sent, create: { ...sent.create, schema: JSON.parse(sent.create.schema) } }).toEqual({
    ...SAMPLE_IDENTIFIER,
    table: 'seen',
    query: QUERY,
    create: { ...create, schema: expect.objectContaining({ fields: JSON.parse(create.schema).fields }) },
  })
  expect(idempotencyKey).toMatch(/^.{16,}$/)
  expect(screen.getByText(/tables\/seen\/saved-results/).textContent).toContain('"formatVersion": 3')
  expect(push).toHaveBeenCalledWith(paths.run(SAMPLE_RUN.id))
})

it('Rows of an existing table are replaced only after its name was typed', async () => {
  renderPanel()
  await chooseExisting()
  await enabledButton('Save as table')
  const columns = screen.getByRole('region', { name: 'Columns of the table' })
  expect(within(columns).getAllByRole('listitem')[0]?.textContent).toBe('id longfrom long')
  await enterText(field('Branch'), 'audit')
  await userEvent.click(field('Operation'))
  await userEvent.click(await screen.findByRole('option', { name: 'Replace all rows' }))
  const confirm = await screen.findByLabelText(/Type demo[.]flights to confirm/)
  expect(screen.getByRole('button', { name: 'Save and replace' })).toHaveProperty('disabled', true)
  await enterText(confirm, 'demo.flights')
  await userEvent.click(await enabledButton('Save and replace'))
  expect(inputsOf(saveResult)).toMatchObject([
    { query: QUERY, landing: { operation: 'replace-table', branch: 'audit' }, confirmedName: 'demo.flights' },
  ])
  expect(inputsOf(saveResult)[0]).not.toHaveProperty('create')
  expect(inputsOf(saveResult)[0]).not.toHaveProperty('maxRejectedRows')
})

it('Rows of the result may be rejected by an existing table, up to a number', async () => {
  renderPanel()
  await chooseExisting()
  await enterText(field('Rejected rows that do not stop the run'), '1200')
  await userEvent.click(await enabledButton('Save as table'))
  expect(inputsOf(saveResult)).toMatchObject([{ query: QUERY, maxRejectedRows: 1200 }])
})

it.each<[string, () => Parameters<typeof renderPanel>[0], RegExp]>([
  [
    'columns that the table lacks',
    () => {
      detail = { ...detail, schema: { ...detail.schema, fields: FIELDS.slice(0, 1) } }
      return {}
    },
    /The table has no column seen/,
  ],
  [
    'a required column that the result lacks',
    () => {
      const needed = { id: 9, name: 'needed', required: true, type: 'int' as const }
      detail = { ...detail, schema: { ...detail.schema, fields: [...FIELDS, needed] } }
      return {}
    },
    /has no column needed, which the table requires/,
  ],
  [
    'a policy of two people',
    () => {
      requiresProposal = true
      return {}
    },
    /need two people[.] Save the result as a new table/,
  ],
  ['a user who may not write', () => ({ role: 'viewer' }), /You may not write demo[.]flights/],
  [
    'two columns of one name',
    () => ({ columns: [...COLUMNS, { name: 'ID', type: 'long', sqlType: 'BIGINT' }] }),
    /id and ID differ only in case/,
  ],
])('Nothing is saved into an existing table with %s', async (_what, prepare, sentence) => {
  renderPanel(prepare())
  await chooseExisting()
  expect((await screen.findByText(sentence)).textContent).toMatch(sentence)
  expect(saveButton()).toHaveProperty('disabled', true)
})

it('A refusal is shown, and the same choice can be sent again under another key', async () => {
  save = () => {
    throw new AppError('already-exists', 'demo.seen already exists.')
  }
  renderPanel()
  await enterText(field('Table'), 'seen')
  await userEvent.click(await enabledButton('Save as table'))
  expect((await screen.findByRole('alert')).textContent).toContain('demo.seen already exists.')
  await userEvent.click(await enabledButton('Save as table'))
  const keys = inputsOf(saveResult).map(({ idempotencyKey }) => idempotencyKey)
  expect(new Set(keys).size).toBe(2)
  expect(push).not.toHaveBeenCalled()
})

const { asOf: _none, ...CURRENT } = REQUEST

async function chooseRepeat(label: string) {
  await userEvent.click(screen.getByRole('combobox', { name: 'Repeat' }))
  await userEvent.click(await screen.findByRole('option', { name: label, hidden: true }))
}

it('A result that repeats is saved with its name, its times and the tables of which it reads appended rows only', async () => {
  renderPanel({ request: { ...CURRENT, sql: 'select id, seen from demo.flights where seen < $Slot_Time' } })
  await chooseExisting()
  await chooseRepeat('Every night at 2:00')
  expect(saveButton()).toHaveProperty('disabled', true)
  await enterText(field('Name of the saved result'), 'Silver')
  await userEvent.click(screen.getByRole('checkbox', { name: 'Only rows of demo.flights appended since the last run' }))
  expect(screen.getByRole('region', { name: 'Parameters of a run' }).textContent).toContain(
    '$slot_time when it was due',
  )
  await userEvent.click(await enabledButton('Save as table'))
  await waitFor(() => expect(push).toHaveBeenCalledWith(paths.run(SAMPLE_RUN.id)))
  const [{ idempotencyKey, ...sent }] = inputsOf(repeatResult)
  expect(sent).toMatchObject({
    ...SAMPLE_IDENTIFIER,
    name: 'Silver',
    startsBy: 'times',
    cron: '0 2 * * *',
    timeZone: expect.any(String),
    landing: { operation: 'append', branch: null },
    incremental: [{ table: SAMPLE_IDENTIFIER, onOtherChanges: 'stop' }],
  })
  expect(inputsOf(runSchedule)).toEqual([{ schedule: 'schedule-1', idempotencyKey: `${idempotencyKey}-run` }])
  expect(inputsOf(saveResult)).toEqual([])
})

it('Appended rows cannot replace a table, and the panel says so', async () => {
  renderPanel({ request: CURRENT })
  await chooseExisting()
  await userEvent.click(screen.getByRole('combobox', { name: 'Operation' }))
  await userEvent.click(await screen.findByRole('option', { name: 'Replace all rows', hidden: true }))
  await chooseRepeat('Only when I start it')
  await userEvent.click(screen.getByRole('checkbox', { name: 'Only rows of demo.flights appended since the last run' }))
  expect(screen.getByText(/cannot replace all rows/)).toBeDefined()
})

it('A result that starts after changes of its tables watches those that it reads, without its target', async () => {
  renderPanel({ request: CURRENT })
  await chooseExisting()
  await chooseRepeat('After its tables changed')
  await enterText(field('Name of the saved result'), 'Silver')
  // It reads only the table that it writes.
  expect(screen.getByText(/reads no other table/)).toBeDefined()
  await userEvent.clear(field('Table'))
  await enterText(field('Table'), 'silver')
  await userEvent.click(screen.getByRole('checkbox', { name: 'Start the first run now' }))
  await userEvent.click(await enabledButton('Save as table'))
  await waitFor(() => expect(push).toHaveBeenCalledWith(paths.jobs()))
  expect(inputsOf(repeatResult)).toMatchObject([{ startsBy: 'tables', watchedTables: [SAMPLE_IDENTIFIER] }])
  expect(inputsOf(runSchedule)).toEqual([])
})
