// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  listPublications,
  publish,
  type Publication,
  runDraftCheck,
  startChecks,
} from '@/lib/contract/table/publications'
import { chooseTimeZone } from '@/lib/time-zone'
import { findChange } from '@/lib/contract/table/changes'
import { commitCherryPick, reviewCherryPick, type CherryPickReview } from '@/lib/contract/table/cherry-picks'
import { listTableClients } from '@/lib/contract/table/clients'
import { previewRefMove } from '@/lib/contract/table/refs'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { AppError } from '@/lib/errors'
import { SnapshotList } from '@/components/table/snapshots/snapshot-list'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable } from '@/testing/components/render-in-table'
import { listedSnapshot } from '@/testing/components/sample-snapshot'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'

const call = stubApi()

const passed: Publication['checks'][number] = {
  name: 'origin is known',
  state: 'passed',
  staleReason: null,
  checkedAtMs: 1_000,
  durationMs: 88,
  rowCount: 0,
  isTruncated: false,
  columns: [],
  rows: [],
  isHidden: false,
  message: null,
}
const failed: Publication['checks'][number] = {
  ...passed,
  name: 'distance is positive',
  state: 'failed',
  rowCount: 2,
  columns: ['id', 'distance'],
  rows: [
    ['9007199254740993', '-1'],
    ['7', null],
  ],
}
const PUBLICATION: Publication = {
  branch: 'audit',
  wapId: null,
  snapshotId: '21',
  committedAtMs: 1_000,
  aheadCount: 1,
  behindCount: 0,
  rows: { added: 5, removed: 0 },
  refusal: 'checks',
  nextPick: { snapshotId: '21', refusal: null },
  checks: [failed, passed],
  run: null,
}
const row = { now: 30, removed: 0, restored: 5, after: 35 }
const IMPACT = {
  branch: 'main',
  type: 'branch',
  fromSnapshotId: '13',
  fromCommittedAtMs: 3_000,
  toSnapshotId: '21',
  toCommittedAtMs: 4_000,
  rows: row,
  dataFiles: row,
  deleteFiles: row,
  bytes: row,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  currentFilesProblem: null,
  removedSnapshotCount: 0,
  addedSnapshotCount: 1,
  otherRefs: [],
  unreferencedSnapshotIds: [],
  unreferencedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}
const script = { text: 'CALL …', commitCount: 1, missingCount: 0 }
const REVIEW: CherryPickReview = {
  branch: 'main',
  tip: { snapshotId: '13', committedAtMs: 3_000 },
  snapshotId: '21',
  committedAtMs: 4_000,
  operation: 'append',
  wapId: 'load-7',
  kind: 'replay',
  rows: row,
  dataFiles: row,
  deleteFiles: row,
  bytes: row,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  isHistoryExpired: false,
  otherRefs: [{ name: 'audit', type: 'branch' }],
  request: null,
  scripts: { spark: script, trino: { ...script, missingCount: 1 }, pyiceberg: { ...script, missingCount: 1 } },
}

const MOVE = {
  kind: 'fast-forward',
  refName: 'main',
  fromSnapshotId: '13',
  toRefName: 'audit',
  toSnapshotId: '21',
}
let publication: Publication
const commits: unknown[] = []

beforeEach(() => {
  // Clients are recorded by days in UTC.
  chooseTimeZone('UTC')
  publication = PUBLICATION
  commits.length = 0
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === listSnapshots)
      return {
        mainSnapshotId: '13',
        totalCount: 2,
        tableCount: 2,
        unreferencedCount: 0,
        operations: ['append'],
        writers: [],
        snapshots: [
          listedSnapshot({
            snapshotId: '21',
            parentSnapshotId: '13',
            isOnMain: false,
            branch: 'audit',
            cherryPickRefusal: null,
          }),
          listedSnapshot({ snapshotId: '13', cherryPickRefusal: 'on-branch' }),
        ],
        nextOffset: null,
      }
    if (endpoint === listPublications)
      return {
        mainSnapshotId: '13',
        checks: [
          { name: failed.name, sql: 'SELECT * FROM this_table WHERE distance < 0' },
          { name: passed.name, sql: 'SELECT * FROM this_table WHERE origin IS NULL' },
        ],
        isEnabled: true,
        totalCount: 1,
        publications: [publication],
      }
    if (endpoint === listTableClients) return { ...NO_CLIENTS, clients: [samplePyIceberg()] }
    if (endpoint === previewRefMove) return { intent: MOVE, impact: IMPACT, needsConfirmation: false }
    if (endpoint === reviewCherryPick) return REVIEW
    if (endpoint === publish || endpoint === commitCherryPick || endpoint === startChecks) {
      commits.push(input)
      return { auditId: 'a1', metadataLocation: 'm', snapshotId: '21', run: SAMPLE_RUN }
    }
    throw new Error('unexpected call')
  })
})
afterEach(() => {
  cleanup()
  chooseTimeZone(null)
})

const findCard = () => screen.findByRole('region', { name: 'Publish audit' })

it('shows failed checks first, and publishes nothing until all pass', async () => {
  renderInTable(<SnapshotList />)
  const card = await findCard()
  expect(card.textContent).toContain('1 ahead of main, 0 behind+5 rows1 of 2 checks failed')
  const lines = within(card).getAllByRole('listitem')
  expect(lines.map(({ textContent }) => textContent)).toEqual([
    'distance is positive2 rows, 88 ms',
    'origin is known0 rows, 88 ms',
  ])
  expect(card.textContent).toContain('It waits until every check passes on this snapshot.')
  expect(within(card).getByRole('button', { name: 'Publish audit…' }).hasAttribute('disabled')).toBe(true)
  await userEvent.click(within(card).getByRole('button', { name: 'Run the checks on audit' }))
  expect(commits).toMatchObject([{ snapshotId: '21' }])
  await userEvent.click(within(card).getByRole('button', { name: 'See the 2 rows' }))
  const panel = await screen.findByRole('complementary', { name: 'Results of the checks' })
  const rows = await within(panel).findByRole('region', { name: 'Rows of distance is positive' })
  expect(rows.textContent).toBe('iddistance9007199254740993-17null')
})

it('publishes what passed, from where the impact was seen', async () => {
  publication = { ...PUBLICATION, refusal: null, checks: [passed] }
  renderInTable(<SnapshotList />)
  await userEvent.click(within(await findCard()).getByRole('button', { name: 'Publish audit…' }))
  const panel = await screen.findByRole('complementary', { name: 'Publish audit' })
  const confirm = await within(panel).findByRole('button', { name: 'Publish' })
  expect(panel.textContent).toContain('1 check passed on exactly this snapshot. The entry in History names it.')
  await waitFor(() => expect(panel.textContent).toContain('PyIceberg 0.12.0 (wrote today, read today)'))
  await userEvent.click(confirm)
  const notice = (await screen.findByText('audit was published.')).closest('div')
  // An undo takes the commits off main again, so it asks for the name of the table first.
  expect(
    within(notice as HTMLElement)
      .getByRole('link', { name: 'Undo…' })
      .getAttribute('href'),
  ).toMatch(/\/history\?undo=/)
  expect(commits).toMatchObject([{ snapshotId: '21', branch: 'audit', mainSnapshotId: '13' }])
})

it('leaves the one primary button to the panel that publishes', async () => {
  publication = { ...PUBLICATION, refusal: null, checks: [passed] }
  renderInTable(<SnapshotList />)
  const open = within(await findCard()).getByRole('button', { name: 'Publish audit…' })
  expect(open.dataset['variant']).toBe('filled')
  await userEvent.click(open)
  await screen.findByRole('complementary', { name: 'Publish audit' })
  expect(open.dataset['variant']).toBe('default')
})

it('says that main has moved on, and offers the commit to cherry-pick', async () => {
  publication = { ...PUBLICATION, refusal: 'diverged', behindCount: 2, checks: [passed] }
  renderInTable(<SnapshotList />)
  const card = await findCard()
  expect(card.textContent).toContain('main has moved on by 2 snapshots')
  expect(within(card).getByRole('button', { name: 'Publish audit…' }).hasAttribute('disabled')).toBe(true)
  await userEvent.click(within(card).getByRole('button', { name: 'Cherry-pick 21…' }))
  const panel = await screen.findByRole('complementary', { name: 'Cherry-pick onto main' })
  const confirm = await within(panel).findByRole('button', { name: 'Cherry-pick' })
  expect(panel.textContent).toContain('Checks that passed on it say nothing about the rows that the branch got since.')
  await userEvent.click(confirm)
  expect(await screen.findByText('Snapshot 21 was cherry-picked onto main.')).toBeTruthy()
  expect(commits).toMatchObject([{ snapshotId: '21', branch: 'main', tipSnapshotId: '13' }])
})

it('offers no checks of a branch whose changes main has', async () => {
  publication = { ...PUBLICATION, refusal: 'diverged', behindCount: 2, nextPick: null }
  renderInTable(<SnapshotList />)
  const card = await findCard()
  expect(card.textContent).toContain('main has all its changes under other ids')
  expect(within(card).queryByRole('button', { name: 'Run the checks on audit' })).toBeNull()
  expect(within(card).queryByRole('list', { name: 'Checks of audit' })).toBeNull()
})

it('claims no distance where snapshots have expired, and offers neither to publish nor to cherry-pick', async () => {
  publication = {
    ...PUBLICATION,
    refusal: 'unknown',
    aheadCount: null,
    behindCount: null,
    rows: { added: null, removed: null },
    nextPick: null,
    checks: [passed],
  }
  renderInTable(<SnapshotList />)
  const card = await findCard()
  expect(card.textContent).toContain('auditnot known how far ahead of main1 check passed')
  expect(card.textContent).toContain('it is not known which of its changes main has')
  expect(within(card).getByRole('button', { name: 'Publish audit…' }).hasAttribute('disabled')).toBe(true)
  expect(within(card).queryByRole('button', { name: /^Cherry-pick/ })).toBeNull()
  expect(within(card).getByRole('link', { name: 'Compare with main' })).toBeTruthy()
})

it('says why changes cannot be picked, without the button, and asks when it is not known whether main had them', async () => {
  const answer = call.getMockImplementation()
  const doubled = 'main has a.parquet already. Picking the snapshot would double its rows.'
  let review: () => CherryPickReview = () => ({ ...REVIEW, isHistoryExpired: true })
  call.mockImplementation(async (endpoint: unknown, input: unknown) =>
    endpoint === reviewCherryPick ? review() : answer?.(endpoint, input),
  )
  const { unmount } = renderInTable(<SnapshotList />, { search: '?step=cherry-pick&of=21' })
  expect(await screen.findByText(/It is not known whether/)).toBeTruthy()
  const commit = () => screen.findByRole('button', { name: 'Cherry-pick' })
  expect(await commit()).toHaveProperty('disabled', true)
  const isMeant = screen.getByRole('checkbox', { name: 'I have compared the two: main does not have these rows' })
  await userEvent.click(isMeant)
  await enabledButton('Cherry-pick')
  await userEvent.click(isMeant)
  expect(await commit()).toHaveProperty('disabled', true)
  await userEvent.click(isMeant)
  await userEvent.click(await commit())
  await waitFor(() => expect(commits).toMatchObject([{ snapshotId: '21', allowsUnknownAncestry: true }]))
  unmount()
  review = () => {
    throw new AppError('commit-conflict', doubled)
  }
  renderInTable(<SnapshotList />, { search: '?step=cherry-pick&of=21' })
  const panel = await screen.findByRole('complementary', { name: 'Cherry-pick onto main' })
  expect(await within(panel).findByText(new RegExp(doubled))).toBeTruthy()
  expect(within(panel).queryByRole('button', { name: 'Cherry-pick' })).toBeNull()
})

it('asks again under the key of a cherry-pick that was made unheard, and takes another key after a refusal', async () => {
  const keys: unknown[] = []
  const failures = [new AppError('commit-state-unknown', 'Unknown.'), new AppError('commit-conflict', 'Moved.')]
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: { idempotencyKey?: string }) => {
    if (endpoint === findChange) return { outcome: 'committed', auditId: 'a1' }
    if (endpoint !== commitCherryPick) return answer?.(endpoint, input)
    keys.push(input.idempotencyKey)
    throw failures[keys.length - 1] ?? new AppError('commit-conflict', 'Moved.')
  })
  renderInTable(<SnapshotList />, { search: '?step=cherry-pick&of=21' })
  const panel = await screen.findByRole('complementary', { name: 'Cherry-pick onto main' })
  await userEvent.click(await within(panel).findByRole('button', { name: 'Cherry-pick' }))
  await waitFor(() => expect(keys).toHaveLength(2))
  await within(panel).findByText(/Moved\./)
  await waitFor(() =>
    expect(within(panel).getByRole('button', { name: 'Cherry-pick' })).toHaveProperty('disabled', false),
  )
  await userEvent.click(within(panel).getByRole('button', { name: 'Cherry-pick' }))
  await waitFor(() => expect(keys).toHaveLength(3))
  expect([keys[0] === keys[1], keys[1] === keys[2]]).toEqual([true, false])
})

it('says so when what can be published cannot be read', async () => {
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === listPublications) throw new AppError('file-damaged', 'A summary is damaged.')
    return answer?.(endpoint, input)
  })
  renderInTable(<SnapshotList />)
  expect((await screen.findByRole('alert')).textContent).toContain('A summary is damaged.')
  expect(screen.getByText('13')).toBeTruthy()
})

it('offers a viewer the results, and the publication to propose', async () => {
  renderInTable(<SnapshotList />, { role: 'viewer' })
  const card = await findCard()
  expect(within(card).queryByRole('button', { name: /^Run/ })).toBeNull()
  expect(within(card).getByRole('button', { name: /^Publish/ })).toBeTruthy()
  expect(within(card).getByRole('button', { name: 'See the 2 rows' })).toBeTruthy()
})

it('says why a snapshot cannot be cherry-picked', async () => {
  renderInTable(<SnapshotList />)
  await userEvent.click(await screen.findByRole('button', { name: '13 options' }))
  const item = await screen.findByRole('menuitem', { name: /^Cherry-pick onto main/ })
  expect([item.textContent, item.hasAttribute('disabled')]).toEqual(['Cherry-pick onto main…already on main', true])
})

it('runs a check before it is saved, on the chosen branch, and hides its result once the SQL is another', async () => {
  const answer = call.getMockImplementation()
  const drafts: unknown[] = []
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint !== runDraftCheck) return answer?.(endpoint, input)
    drafts.push(input)
    const { name: _, staleReason: __, checkedAtMs: ___, isHidden: ____, ...result } = failed
    return result
  })
  renderInTable(<SnapshotList />, { search: '?step=checks' })
  const panel = await screen.findByRole('complementary', { name: 'Checks' })
  const run = await within(panel).findByRole('button', { name: 'Try on main: the new check' })
  expect(run).toHaveProperty('disabled', true)
  const sql = within(panel).getByLabelText('SQL of the new check')
  await userEvent.type(sql, 'SELECT * FROM this_table')
  await userEvent.click(run)
  const rows = await within(panel).findByRole('region', { name: 'Rows of result on main' })
  expect(rows.textContent).toContain('9007199254740993')
  expect(within(panel).getByText('Not saved and not committed.')).toBeTruthy()
  expect(drafts).toMatchObject([{ table: 'flights', snapshotId: '13', sql: 'SELECT * FROM this_table' }])
  expect(localStorage.getItem('lakeshore.pending.u1')).toBeNull()
  await userEvent.type(sql, ' WHERE id < 0')
  expect(within(panel).queryByRole('region', { name: 'Rows of result on main' })).toBeNull()
})

it('edits checks as pending changes of properties', async () => {
  renderInTable(<SnapshotList />, { search: '?step=checks' })
  const panel = await screen.findByRole('complementary', { name: 'Checks' })
  const add = within(panel).getByRole('button', { name: 'Add to changes: new check' })
  await userEvent.type(within(panel).getByRole('textbox', { name: 'New check' }), 'ids are positive')
  await userEvent.type(within(panel).getByLabelText('SQL of the new check'), 'SELECT 1')
  expect(panel.textContent).toContain('A check reads the table as this_table.')
  expect(add.hasAttribute('disabled')).toBe(true)
  await userEvent.type(within(panel).getByLabelText('SQL of the new check'), ' FROM this_table')
  await userEvent.click(add)
  const pending = () => localStorage.getItem('lakeshore.pending.u1')
  await waitFor(() => expect(pending()).not.toBeNull())
  expect(JSON.parse(pending() ?? '')).toMatchObject([
    {
      changes: [
        {
          intent: {
            kind: 'set-property',
            key: 'lakeshore.check.ids are positive',
            value: 'SELECT 1 FROM this_table',
            base: null,
          },
        },
      ],
    },
  ])
  localStorage.clear()
})
