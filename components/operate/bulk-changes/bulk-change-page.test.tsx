// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, expect, it } from 'vitest'
import { keys } from '@/lib/client/keys'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import {
  type BulkStep,
  type BulkValues,
  getBulkChange,
  getBulkValues,
  listBulkChangeTables,
  runBulkChange,
  stopBulkChange,
} from '@/lib/contract/bulk-changes'
import { cancelRun, type Run } from '@/lib/contract/jobs'
import { getSession } from '@/lib/contract/session'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { sampleSession } from '@/testing/contract/sample-session'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { BulkChangePage } from './bulk-change-page'

const call = stubApi()
afterEach(cleanup)

const SESSION = sampleSession('editor')
const NO_COUNTS = {
  waiting: 0,
  ready: 0,
  'ready-to-propose': 0,
  unchanged: 0,
  failed: 0,
  unknown: 0,
  left: 0,
  changed: 0,
  proposed: 0,
  undoing: 0,
  undone: 0,
  'not-undone': 0,
}
const RUN: Run = {
  ...SAMPLE_RUN,
  kind: 'change-tables',
  title: 'Change 3 tables in local',
  table: null,
  bulkChange: { catalog: 'local', bulkChangeId: 'B1' },
  progress: null,
}
const ENDED: Run = { ...RUN, state: 'succeeded', finishedAtMs: 9_000 }
const row = (table: string, state: string, more: object = {}) => ({
  namespace: ['demo'],
  table,
  state,
  values: [{ key: 'owner', before: null, after: 'ops' }],
  warnings: [],
  problem: null,
  auditId: null,
  proposalId: null,
  atMs: 1_000,
  ...more,
})

const ON = { catalog: 'local', bulkChangeId: 'B1' }
type Answer = {
  run?: Run
  canRun?: boolean
  canCommitProposals?: boolean
  tables?: object[]
  step?: BulkStep
  changes?: BulkChange[]
  values?: BulkValues[]
  changedCount?: number
}

function answer(
  counts: Partial<typeof NO_COUNTS>,
  {
    run = ENDED,
    canRun = true,
    canCommitProposals = false,
    tables = [row('one', 'ready')],
    step = 'write',
    changes = [{ kind: 'set-property', key: 'owner', value: 'ops' }],
    values = [],
    changedCount = counts.changed ?? 0,
  }: Answer = {},
) {
  call.mockImplementation((endpoint: unknown) => {
    if (endpoint === getBulkChange) {
      return {
        selection: { namespace: ['demo'], depth: 'nested', owner: 'web', minBytes: 1_073_741_824 },
        changes,
        startedBy: 'ada',
        startedAtMs: 1_000,
        counts: { ...NO_COUNTS, ...counts },
        changedCount,
        namespaces: [
          { namespace: ['demo'], namespaceCount: 1, tableCount: 3, cells: ['failed', 'changed', 'changed'] },
          { namespace: null, namespaceCount: 4, tableCount: 9, cells: ['waiting'] },
        ],
        run,
        step,
        canRun,
        canCommitProposals,
      }
    }
    if (endpoint === listBulkChangeTables) return { tables, totalCount: tables.length, nextOffset: null }
    if (endpoint === getBulkValues) return { values }
    if (endpoint === stopBulkChange) return {}
    if (endpoint === runBulkChange) return { runId: 'R2' }
    if (endpoint === cancelRun) return { run: { ...run, isCancelRequested: true } }
    if (endpoint === getSession) return SESSION
    throw new Error('unexpected')
  })
}

function show(counts: Partial<typeof NO_COUNTS>, more: Answer = {}, query = ''): QueryClient {
  answer(counts, more)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.session(), SESSION)
  render(
    <QueryClientProvider client={client}>
      <BulkChangePage on={ON} />
    </QueryClientProvider>,
    { query },
  )
  return client
}
const readAgain = (client: QueryClient) => client.refetchQueries({ queryKey: keys.bulkChange(ON), exact: true })
const sent = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)

it('After a preview, the page changes the tables that differ, and proposes under one title where it has to', async () => {
  show({ ready: 2, 'ready-to-propose': 1, unchanged: 4 })
  expect(await screen.findByRole('heading', { name: 'Set owner on 7 tables' })).toBeTruthy()
  expect(screen.getByText('in local / demo and namespaces in it')).toBeTruthy()
  const button = screen.getByRole('button', { name: 'Change 2 tables, propose for 1' })
  expect(button).toHaveProperty('disabled', true)
  await enterText(screen.getByRole('textbox', { name: 'Title of the proposal' }), 'As agreed')
  await userEvent.click(button)
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({
    step: 'write',
    proposal: { title: 'As agreed', note: expect.stringContaining('/catalogs/local/bulk-changes/B1') },
  })
})

it('The page says for every table what an undo does before it queues one', async () => {
  show({ changed: 3, proposed: 2, unchanged: 1, failed: 1 }, { tables: [row('one', 'changed', { auditId: 'A1' })] })
  expect((await screen.findByRole('link', { name: 'changed' })).getAttribute('href')).toContain('entry=A1')
  const effects = screen.getByRole('list', { name: 'Effects of an undo' })
  expect(
    within(effects)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual([
    '3 get their earlier values back, in one commit per table',
    '2 are in an open proposal, which is withdrawn',
    '2 have nothing to undo: 1 already so, 1 failed',
  ])
  await userEvent.click(await screen.findByRole('button', { name: 'Undo batch…' }))
  await userEvent.click(screen.getByRole('button', { name: 'Undo 5 tables' }))
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({ step: 'undo' })
})

const effectsOf = async (counts: Partial<typeof NO_COUNTS>, more: Answer = {}) => {
  show(counts, more)
  const effects = await screen.findByRole('list', { name: 'Effects of an undo' })
  const texts = within(effects)
    .getAllByRole('listitem')
    .map(({ textContent }) => textContent)
  cleanup()
  return texts
}

it('The effects of an undo agree with the number of tables, and a preview has changed none', async () => {
  expect(await effectsOf({ ready: 300 }, { step: 'preview' })).toEqual([
    '300 have nothing to undo yet: the change has not run on them',
  ])
  expect(await effectsOf({ changed: 1, proposed: 1, unchanged: 1, undone: 1, unknown: 1 })).toEqual([
    '1 gets its earlier values back, in one commit',
    '1 is in an open proposal, which is withdrawn',
    '1 has an unknown outcome, so the undo leaves it',
    '1 is undone already',
    '1 has nothing to undo: already so',
  ])
  const changes: BulkChange[] = [{ kind: 'move', toNamespace: ['archive'] }]
  expect(await effectsOf({ changed: 1, failed: 2, left: 3 }, { changes })).toEqual([
    '1 is moved back',
    '5 have nothing to undo: 2 failed, 3 not reached',
  ])
})

it('After a refusal, the page does not say that another undo puts the table back', async () => {
  expect(await effectsOf({ undone: 2, 'not-undone': 1 }, { step: 'undo' })).toEqual([
    '1 was not undone, for the reason in the list; another undo retries it',
    '2 are undone already',
  ])
})

it('While its run is open, the page can only pause or stop it, and says what a stop leaves', async () => {
  show({ changed: 2, ready: 5 }, { run: RUN })
  expect(await screen.findByText(/Stop leaves the 5 tables to go as they are/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Stop, keep 2 done' }))
  await waitFor(() => expect(sent(stopBulkChange)).toEqual([ON]))
  await userEvent.click(await screen.findByRole('button', { name: 'Pause' }))
  await waitFor(() => expect(sent(cancelRun)).toHaveLength(1))
  expect(screen.queryByRole('button', { name: /^(Change|Undo|Continue)/ })).toBeNull()
})

it('While its run writes, the page says what Stop and undo does before it sends it as one request', async () => {
  show({ changed: 2, ready: 5 }, { run: RUN })
  await userEvent.click(await screen.findByRole('button', { name: 'Stop and undo…' }))
  expect(sent(runBulkChange)).toHaveLength(0)
  const panel = screen.getByRole('region', { name: 'Undo batch' })
  expect(panel.textContent).toContain('2 get their earlier values back, in one commit per table')
  expect(panel.textContent).toContain('The run stops after its tables under way. Then another run undoes these')
  await userEvent.click(screen.getByRole('button', { name: 'Stop and undo' }))
  await waitFor(() =>
    expect(sent(runBulkChange)).toEqual([
      { ...ON, step: 'undo', stopsOpenRun: true, idempotencyKey: expect.any(String) },
    ]),
  )
  expect(sent(stopBulkChange)).toHaveLength(0)
})

it('After a reload, the page says that the undo waits for the stopped run', async () => {
  show({ changed: 2, left: 5 }, { run: { ...RUN, state: 'queued' }, step: 'undo' })
  expect(await screen.findByText('stopping, to be undone')).toBeTruthy()
  expect(screen.getByText(/undo begins when the stopped run has finished/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: /undo/i })).toBeNull()
  cleanup()
  show({ undoing: 2, left: 5 }, { run: { ...RUN, state: 'queued' }, step: 'undo' })
  expect(await screen.findByRole('button', { name: 'Stop' })).toBeTruthy()
  expect(screen.queryByText('stopping, to be undone'), 'any other undo').toBeNull()
})

it('Stop and undo is not offered for a preview, an undo, or the run of another user', async () => {
  for (const [step, canRun] of [
    ['preview', true],
    ['undo', true],
    ['write', false],
  ] as const) {
    show({ ready: 5 }, { run: RUN, step, canRun })
    await screen.findByRole('button', { name: 'Pause' })
    expect(screen.queryByRole('button', { name: 'Stop and undo…' })).toBeNull()
    cleanup()
  }
})

it('After a stop, the page continues no run, and previews the tables again that were left', async () => {
  show({ changed: 2, left: 5 }, { run: { ...ENDED, state: 'cancelled' } })
  expect(await screen.findByText('stopped, 5 tables left as they were')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^(Continue|Change)/ })).toBeNull()
  expect(
    screen.getByText('Tables that the stopped run did not reach were not changed. Preview again to change them.'),
  ).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Preview again' }))
  await waitFor(() => expect(sent(runBulkChange)[0]).toMatchObject({ step: 'preview' }))
})

it('After a stop of an undo, the page says how many tables are not undone, and retries them', async () => {
  show({ undone: 3, 'not-undone': 9 }, { step: 'undo', run: { ...ENDED, state: 'cancelled' } })
  expect(await screen.findByText('stopped, 9 tables not undone')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Continue/ })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Undo batch…' }))
  await userEvent.click(screen.getByRole('button', { name: 'Retry the undo of 9 tables' }))
  await waitFor(() => expect(sent(runBulkChange)[0]).toMatchObject({ step: 'undo' }))
})

it('A paused run continues with the tables that are left, under the title that its proposals have', async () => {
  show({ changed: 2, ready: 4, 'ready-to-propose': 1 }, { run: { ...ENDED, state: 'cancelled' } })
  expect(await screen.findByText('paused')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Change / })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Continue with 5 tables' }))
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({ step: 'write', isContinued: true })
})

it('A paused preview can be continued, and the tables that it has read can be changed', async () => {
  show({ waiting: 3, ready: 2 }, { run: { ...ENDED, state: 'cancelled' }, step: 'preview' })
  expect(await screen.findByRole('button', { name: 'Change 2 tables' })).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Continue with 3 tables' }))
  await waitFor(() => expect(sent(runBulkChange)[0]).toMatchObject({ step: 'preview', isContinued: true }))
})

it('The page names the namespaces of the list and the conditions that gave it', async () => {
  show({ changed: 2, failed: 1, waiting: 9 })
  const namespaces = await screen.findByRole('list', { name: 'Namespaces' })
  expect(
    within(namespaces)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['demo 3', '4 other namespaces 9'])
  expect(screen.getByText(/^size ≥ 1\D.*GiB$|^size ≥ 1 GiB$/)).toBeTruthy()
})

it('The page says which values the tables had before', async () => {
  const before = [
    { value: null, tableCount: 88 },
    { value: 'web', tableCount: 71 },
  ]
  const values = [{ key: 'owner', after: 'ops', before, otherCount: 34, unchangedCount: 21 }]
  show({ changed: 193, unchanged: 21 }, { values })
  const earlier = await screen.findByRole('list', { name: 'Earlier values' })
  expect(
    within(earlier)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['not set 88', 'web 71', 'other values 34', 'already so 21'])
})

it('A drop waits until the number of the tables and their catalog are typed', async () => {
  show(
    { ready: 2, changed: 1 },
    { changes: [{ kind: 'drop' }], tables: [row('gone', 'changed', { auditId: 'A1', values: [] })] },
  )
  expect(await screen.findByRole('heading', { name: 'Drop 3 tables' })).toBeTruthy()
  const button = screen.getByRole('button', { name: 'Drop 2 tables' })
  const field = screen.getByRole('textbox', { name: 'Type drop 2 tables in local to confirm' })
  await enterText(field, 'drop 3 tables in local')
  expect(button).toHaveProperty('disabled', true)
  await userEvent.clear(field)
  await enterText(field, 'drop 2 tables in local')
  await userEvent.click(button)
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({ step: 'write', confirmation: 'drop 2 tables in local' })
  expect(screen.queryByRole('link', { name: 'demo.gone' }), 'it has no page').toBeNull()
  expect(screen.getByRole('link', { name: 'changed' }).getAttribute('href')).toBe('/audit/A1')
})

const FINANCE = { kind: 'group', id: 'g1', name: 'finance' } as const

it.each<[text: string, button: string, BulkChange]>([
  ['move 1 table in local', 'Move 1 table', { kind: 'move', toNamespace: ['archive'] }],
  ['grant on 1 table in local', 'Change grants on 1 table', { kind: 'grant', holder: FINANCE, role: 'editor' }],
  ['revoke on 1 table in local', 'Change grants on 1 table', { kind: 'grant', holder: FINANCE, role: null }],
])('A change waits until %s is typed', async (text, label, change) => {
  show({ ready: 1 }, { changes: [change], step: 'preview' })
  const button = await screen.findByRole('button', { name: label })
  expect(button).toHaveProperty('disabled', true)
  await enterText(screen.getByRole('textbox', { name: `Type ${text} to confirm` }), text)
  await userEvent.click(button)
  await waitFor(() => expect(sent(runBulkChange)[0]).toMatchObject({ step: 'write', confirmation: text }))
})

it('Another user confirms the number of the tables before a proposed move', async () => {
  const changes: BulkChange[] = [{ kind: 'move', toNamespace: ['archive'] }]
  show({ proposed: 3 }, { changes, canRun: false, canCommitProposals: true })
  const text = 'move 3 tables in local'
  const button = await screen.findByRole('button', { name: 'Commit the proposal for 3 tables' })
  expect(button).toHaveProperty('disabled', true)
  await enterText(screen.getByRole('textbox', { name: `Type ${text} to confirm` }), text)
  await userEvent.click(button)
  await waitFor(() => expect(sent(runBulkChange)[0]).toMatchObject({ step: 'commit-proposals', confirmation: text }))
})

it('A moved table is linked where it is now', async () => {
  show(
    { changed: 1 },
    {
      changes: [{ kind: 'move', toNamespace: ['archive'] }],
      tables: [row('one', 'changed', { auditId: 'A1', values: [] })],
    },
  )
  expect(await screen.findByRole('heading', { name: 'Move 1 table to archive' })).toBeTruthy()
  expect((await screen.findByRole('link', { name: 'demo.one' })).getAttribute('href')).toContain('archive')
})

it('A change of grants names the holder and the earlier roles, and its entries are in the audit', async () => {
  const change: BulkChange = { kind: 'grant', holder: { kind: 'group', id: 'g1', name: 'finance' }, role: 'editor' }
  const key = 'role of finance'
  const before = [{ value: 'viewer', tableCount: 2 }]
  show(
    { changed: 2, unchanged: 1 },
    {
      changes: [change],
      values: [{ key, after: 'editor', before, otherCount: 0, unchangedCount: 1 }],
      tables: [row('one', 'changed', { auditId: 'A1', values: [{ key, before: 'viewer', after: 'editor' }] })],
    },
  )
  expect(await screen.findByRole('heading', { name: 'Grant editor to finance on 3 tables' })).toBeTruthy()
  const earlier = await screen.findByRole('list', { name: 'Earlier values' })
  expect(earlier.textContent).toBe('viewer 2already so 1')
  expect((await screen.findByRole('link', { name: 'changed' })).getAttribute('href')).toBe('/audit/A1')
  const effects = screen.getByRole('list', { name: 'Effects of an undo' })
  expect(effects.textContent).toContain('2 get the role again that the holder had')
})

it('The page lists the tables of one result, with the reason of a failure', async () => {
  show({ failed: 1, unchanged: 6 }, { tables: [row('one', 'failed', { problem: 'It was changed since.' })] })
  const results = await screen.findByRole('group', { name: 'Result' })
  await userEvent.click(within(results).getByRole('button', { name: 'failed 1' }))
  await waitFor(() => expect(sent(listBulkChangeTables).at(-1)).toMatchObject({ state: 'failed' }))
  expect(await screen.findByText('It was changed since.')).toBeTruthy()
})

it('To another user, the page offers no run', async () => {
  show({ changed: 3 }, { canRun: false })
  expect(await screen.findByText(/Only ada, who started this change/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Undo batch…' })).toBeNull()
})

it('Another user who may write the tables commits the proposal for all of them', async () => {
  show({ proposed: 3 }, { canRun: false, canCommitProposals: true })
  await userEvent.click(await screen.findByRole('button', { name: 'Commit the proposal for 3 tables' }))
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({ step: 'commit-proposals' })
})

it.each<BulkChange>([
  { kind: 'set-property', key: 'owner', value: 'ops' },
  { kind: 'drop' },
  { kind: 'move', toNamespace: ['archive'] },
])('After a preview, the heading of a $kind says that nothing was changed', async (change) => {
  show({ ready: 2 }, { step: 'preview', changes: [change] })
  expect(await screen.findByText('previewed, nothing changed yet')).toBeTruthy()
  expect(screen.queryByText('succeeded')).toBeNull()
})

it('After a preview of tables that an earlier run left, the heading does not say that nothing was changed', async () => {
  show({ ready: 1, changed: 2 }, { step: 'preview' })
  expect(await screen.findByText('previewed')).toBeTruthy()
})

it('After a run that changed tables, the heading says that it succeeded, or how many tables failed', async () => {
  show({ changed: 2 }, { step: 'write' })
  expect(await screen.findByText('succeeded')).toBeTruthy()
  cleanup()
  show({ changed: 2, failed: 1 }, { step: 'write', run: { ...ENDED, warnings: { tablesFailed: 1 } } })
  const state = await screen.findByText('finished, 1 table failed')
  expect(state.parentElement?.getAttribute('data-state')).toBe('warned')
  cleanup()
  // They failed in the preview, so the run that wrote the others has no warning.
  show({ changed: 2, failed: 2 }, { step: 'write' })
  expect(await screen.findByText('finished, 2 tables failed')).toBeTruthy()
  cleanup()
  show({ ready: 2, failed: 1 }, { step: 'preview' })
  expect((await screen.findByText('previewed, nothing changed yet, 1 table failed')).className).toContain('warn')
})

it('After an undo, the results count a table that was not undone as changed', async () => {
  show({ undone: 11, 'not-undone': 1, failed: 2 }, { step: 'undo', changedCount: 1 })
  const label = await screen.findByText('Changed')
  expect(label.parentElement?.textContent).toBe('Changed1')
  expect(screen.getByText('Undone').parentElement?.textContent).toBe('Undone111 not undone')
})

it('After an undo, the heading says how many tables were restored', async () => {
  show({ undone: 11, 'not-undone': 1, failed: 3 }, { step: 'undo' })
  expect(await screen.findByText('undone: 11 of 12 tables restored')).toBeTruthy()
  expect(screen.queryByText('succeeded')).toBeNull()
})

it('The list of tables follows the counts of the change', async () => {
  const client = show({ changed: 1 }, { tables: [row('one', 'changed', { auditId: 'A1' })] })
  expect(await screen.findByRole('link', { name: 'changed' })).toBeTruthy()
  answer({ undone: 1 }, { tables: [row('one', 'undone', { auditId: 'A1' })] })
  await readAgain(client)
  expect(await screen.findByRole('link', { name: 'undone' })).toBeTruthy()
})

it('The list of tables is read again when the run ends, also with the counts of the last poll', async () => {
  const client = show({ undone: 1 }, { step: 'undo', run: RUN, tables: [row('one', 'undoing', { auditId: 'A1' })] })
  expect(await screen.findByRole('link', { name: 'to be undone' })).toBeTruthy()
  answer({ undone: 1 }, { step: 'undo', tables: [row('one', 'undone', { auditId: 'A1' })] })
  await readAgain(client)
  expect(await screen.findByRole('link', { name: 'undone' })).toBeTruthy()
})

it.each<[BulkStep, boolean]>([
  ['preview', false],
  ['write', true],
  ['commit-proposals', true],
  ['undo', true],
])('When a run of the step %s ends, namespaces and tables of the catalog are read again: %s', async (step, isRead) => {
  const client = show({ ready: 1 }, { step, run: RUN })
  await screen.findByRole('button', { name: 'Pause' })
  const lists: readonly (readonly unknown[])[] = [namespacesQuery('local', null), tablesQuery('local', ['demo'])].map(
    ({ queryKey }) => queryKey,
  )
  for (const queryKey of lists) client.setQueryData(queryKey, {})
  const areStale = () => lists.map((queryKey) => client.getQueryState(queryKey)?.isInvalidated)
  await readAgain(client)
  expect(areStale(), 'it has not ended').toEqual([false, false])
  answer({ changed: 1 }, { step })
  await readAgain(client)
  expect(areStale()).toEqual([isRead, isRead])
})

it('says that the result of the address does not exist, and lists all tables', async () => {
  show({ changed: 2 }, {}, '?state=zz')
  expect(await screen.findByText('“zz” in ?state= is not a result. All tables are listed.')).toBeTruthy()
})
