// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import { keys } from '@/lib/client/keys'
import { getBulkChange, listBulkChangeTables, runBulkChange } from '@/lib/contract/bulk-changes'
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

function show(
  counts: Partial<typeof NO_COUNTS>,
  {
    run = ENDED,
    canRun = true,
    canCommitProposals = false,
    tables = [row('one', 'ready')],
  }: { run?: Run; canRun?: boolean; canCommitProposals?: boolean; tables?: object[] } = {},
) {
  call.mockImplementation((endpoint: unknown) => {
    if (endpoint === getBulkChange) {
      return {
        selection: { namespace: ['demo'], depth: 'nested', owner: 'web' },
        changes: [{ kind: 'set-property', key: 'owner', value: 'ops' }],
        startedBy: 'ada',
        startedAtMs: 1_000,
        counts: { ...NO_COUNTS, ...counts },
        run,
        step: 'write',
        canRun,
        canCommitProposals,
      }
    }
    if (endpoint === listBulkChangeTables) return { tables, totalCount: tables.length, nextOffset: null }
    if (endpoint === runBulkChange) return { runId: 'R2' }
    if (endpoint === cancelRun) return { run: { ...run, isCancelRequested: true } }
    if (endpoint === getSession) return SESSION
    throw new Error('unexpected')
  })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.session(), SESSION)
  render(
    <QueryClientProvider client={client}>
      <BulkChangePage on={{ catalog: 'local', bulkChangeId: 'B1' }} />
    </QueryClientProvider>,
  )
}
const sent = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)

it('After a preview, the page changes the tables that differ, and proposes under one title where it has to', async () => {
  show({ ready: 2, 'ready-to-propose': 1, unchanged: 4 })
  expect(await screen.findByRole('heading', { name: 'Change of 7 tables' })).toBeTruthy()
  expect(screen.getByText('in local / demo and namespaces in it')).toBeTruthy()
  const button = screen.getByRole('button', { name: 'Change 2 tables, propose for 1' })
  expect(button).toHaveProperty('disabled', true)
  await userEvent.type(screen.getByRole('textbox', { name: 'Title of the proposals' }), 'As agreed')
  await userEvent.click(button)
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({
    step: 'write',
    proposal: { title: 'As agreed', note: expect.stringContaining('/catalogs/local/bulk-changes/B1') },
  })
})

it('The page says what an undo leaves before it queues one', async () => {
  show({ changed: 3, unchanged: 1, failed: 1 }, { tables: [row('one', 'changed', { auditId: 'A1' })] })
  expect((await screen.findByRole('link', { name: 'changed' })).getAttribute('href')).toContain('entry=A1')
  await userEvent.click(await screen.findByRole('button', { name: 'Undo batch…' }))
  expect(screen.getByRole('status').textContent).toContain('There is nothing to undo in 2 other tables.')
  await userEvent.click(screen.getByRole('button', { name: 'Undo 3 tables' }))
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({ step: 'undo' })
})

it('While its run is open, the page can only stop it', async () => {
  show({ changed: 2, ready: 5 }, { run: RUN })
  await userEvent.click(await screen.findByRole('button', { name: 'Stop, keep 2 done' }))
  await waitFor(() => expect(sent(cancelRun)).toHaveLength(1))
  expect(screen.queryByRole('button', { name: /^Change / })).toBeNull()
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

it('Another user who may write the tables commits all proposals at once', async () => {
  show({ proposed: 3 }, { canRun: false, canCommitProposals: true })
  await userEvent.click(await screen.findByRole('button', { name: 'Commit 3 proposals' }))
  await waitFor(() => expect(sent(runBulkChange)).toHaveLength(1))
  expect(sent(runBulkChange)[0]).toMatchObject({ step: 'commit-proposals' })
})
