// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import type { ChangeReview } from '@/lib/contract/table/changes'
import { previewLoad } from '@/lib/contract/loads/loads'
import { listCatalogs } from '@/lib/contract/catalogs'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { reviewChanges } from '@/lib/contract/table/changes'
import {
  commitProposal,
  getChangePolicy,
  getProposal,
  type Proposal,
  returnProposal,
  withdrawProposal,
} from '@/lib/contract/proposals'
import { getRewritePreview } from '@/lib/contract/table/rewrites'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses } from '@/lib/contract/table/uses'
import { reviewTableDrop, reviewTableRename } from '@/lib/contract/lifecycle/tables'
import { reviewCherryPick } from '@/lib/contract/table/cherry-picks'
import { type ExpiryPreview, previewExpiry, previewExpiryUndo } from '@/lib/contract/table/expiry'
import { type HistoryEntry, listHistory, previewUndo } from '@/lib/contract/table/history'
import { listPublications } from '@/lib/contract/table/publications'
import { previewRefMove, type RefMoveImpact } from '@/lib/contract/table/refs'
import type { Intent } from '@/lib/changes/intents/intent'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-table-action'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_DROP_REVIEW } from '@/testing/components/sample-drop-review'
import { SAMPLE_REVIEW } from '@/testing/components/sample-review'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PREVIEW } from '@/testing/contract/sample-preview'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { sampleUse } from '@/testing/contract/sample-use'
import { ProposalPage } from './proposal-page'

const call = stubApi()
const replace = vi.fn()

const DAY_MS = 86_400_000
const INTENTS: Intent[] = [{ kind: 'set-property', key: 'owner', value: 'zoe', base: 'ada' }]
const PROPOSAL: Proposal = {
  proposalId: 'p1',
  title: 'Name the owner',
  note: 'as agreed',
  action: { kind: 'change-table', intents: INTENTS },
  proposedBy: 'vera',
  isOwn: false,
  createdAtMs: Date.now() - DAY_MS,
  expiresAtMs: Date.now() + 29 * DAY_MS,
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  auditId: null,
}
const REVIEW: ChangeReview = { ...SAMPLE_REVIEW, warnings: ['Writers that set the owner overwrite it.'] }
const decided = (change: Partial<Proposal>): Proposal => ({
  ...PROPOSAL,
  state: 'committed',
  decidedBy: 'bob',
  decidedAtMs: Date.now(),
  auditId: 'a7',
  ...change,
})
let proposal: Proposal
let review: ChangeReview
let requiresProposal: boolean
let commit: () => unknown
const answers = new Map<unknown, unknown>()
const refusals = new Map<unknown, AppError>()

beforeEach(() => {
  localStorage.clear()
  answers.clear()
  refusals.clear()
  proposal = PROPOSAL
  review = REVIEW
  requiresProposal = false
  commit = () => {
    proposal = decided({ decidedBy: 'ada' })
    return { auditId: 'a7', metadataLocation: 'm' }
  }
  call.mockImplementation(async (endpoint: unknown, input: { comment?: string }) => {
    if (endpoint === getProposal) return { proposal }
    if (endpoint === reviewChanges) return review
    if (endpoint === getChangePolicy)
      return { requiresProposal, requiredBy: requiresProposal ? ['demo'] : null, enginesBlockedBy: null }
    if (endpoint === commitProposal) return commit()
    if (endpoint === returnProposal) {
      proposal = decided({ state: 'returned', decidedBy: 'ada', comment: input.comment ?? '', auditId: null })
      return { proposal }
    }
    if (endpoint === withdrawProposal) {
      proposal = decided({ state: 'withdrawn', decidedBy: 'ada', auditId: null })
      return { proposal }
    }
    const refusal = refusals.get(endpoint)
    if (refusal) throw refusal
    if (answers.has(endpoint)) return answers.get(endpoint)
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

function renderPage(role: Role = 'editor') {
  renderInTable(<ProposalPage entry={SAMPLE_IDENTIFIER} proposalId="p1" />, {
    role,
    router: { replace },
    pathname: window.location.pathname,
  })
}

const inputsOf = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)
const button = (name: string) => screen.findByRole('button', { name })

it('shows what is proposed and what it would do today, and commits it', async () => {
  renderPage()
  expect((await screen.findByRole('heading', { name: 'Name the owner' })).tagName).toBe('H3')
  expect(screen.getByText('as agreed')).toBeTruthy()
  expect(screen.getByText('vera')).toBeTruthy()
  expect(await screen.findByText('Writers that set the owner overwrite it.')).toBeTruthy()
  expect(screen.getByRole('tabpanel', { name: 'REST request' }).textContent).toContain('"requirements"')
  await userEvent.click(await enabledButton('Commit'))
  expect(await screen.findByRole('link', { name: 'entry in the history' })).toHaveProperty(
    'href',
    expect.stringContaining('/history?entry=a7'),
  )
  expect(inputsOf(commitProposal)).toEqual([
    {
      ...SAMPLE_IDENTIFIER,
      proposalId: 'p1',
      reviewed: { kind: 'change-table', requestDigest: 'd1' },
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  ])
  expect(screen.queryByText(/while this page was open/)).toBeNull()
  expect(screen.queryByRole('button', { name: 'Commit' })).toBeNull()
})

it('folds the request on a phone, so that the decision is next to the review', async () => {
  const query = Object.assign(new EventTarget(), { matches: true })
  vi.stubGlobal('matchMedia', () => query)
  onTestFinished(() => void vi.unstubAllGlobals())
  renderPage()
  const summary = await screen.findByText('The exact request')
  const folded = summary.closest('details')
  expect(folded?.open).toBe(false)
  expect(folded?.querySelector('[role=tabpanel]')?.textContent).toContain('"requirements"')
  await userEvent.click(summary)
  expect(folded?.open).toBe(true)
  query.matches = false
  act(() => void query.dispatchEvent(new Event('change')))
  expect(screen.getByRole('tabpanel', { name: 'REST request' }).closest('details')).toBeNull()
})

it('sends a commit with unknown outcome again under the same key', async () => {
  const succeed = commit
  commit = () => {
    throw new AppError('commit-state-unknown', 'The catalog did not answer.')
  }
  renderPage()
  await userEvent.click(await enabledButton('Commit'))
  expect((await screen.findByRole('alert')).textContent).toContain('The catalog did not answer.')
  commit = succeed
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
  const [first, second] = inputsOf(commitProposal)
  expect(second.idempotencyKey).toBe(first.idempotencyKey)
})

it('says when the outcome of its own commit is known', async () => {
  commit = () => {
    proposal = decided({ decidedBy: 'ada' })
    throw new AppError('server-unreachable', 'No answer.')
  }
  renderPage()
  await userEvent.click(await enabledButton('Commit'))
  expect(await screen.findByText('The outcome is known now: ada committed this proposal.')).toBeTruthy()
  expect(screen.queryByText(/while this page was open/)).toBeNull()
  expect(screen.queryByRole('alert')).toBeNull()
})

it('says that another user decided while the page was open', async () => {
  commit = () => {
    proposal = decided({ state: 'returned', comment: 'Use a team name.', auditId: null })
    throw new AppError('version-conflict', 'The proposal is no longer open.')
  }
  renderPage()
  await userEvent.click(await enabledButton('Commit'))
  expect(await screen.findByText('bob sent this proposal back while this page was open.')).toBeTruthy()
  expect(screen.getByText('Use a team name.')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.queryByRole('button', { name: 'Commit' })).toBeNull()
})

it('A proposal is not committed by its proposer where changes need two people', async () => {
  requiresProposal = true
  proposal = { ...PROPOSAL, isOwn: true }
  renderPage()
  expect(await screen.findByText(/another user has to commit your proposal/)).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
  expect(screen.queryByRole('button', { name: 'Send back…' })).toBeNull()
  await userEvent.click(await button('Withdraw'))
  expect(await screen.findByText('withdrawn')).toBeTruthy()
  expect(screen.queryByText(/while this page was open/)).toBeNull()
  expect(inputsOf(commitProposal)).toEqual([])
})

it('A proposal is committed by another user where changes need two people', async () => {
  requiresProposal = true
  renderPage()
  await userEvent.click(await enabledButton('Commit'))
  expect(await screen.findByRole('link', { name: 'entry in the history' })).toBeTruthy()
})

it('A proposal is sent back with a comment, and not without one', async () => {
  renderPage()
  await userEvent.click(await enabledButton('Send back…'))
  const form = screen.getByRole('form', { name: 'Send back' })
  const field = within(form).getByRole('textbox', { name: /What vera should know/ })
  expect(document.activeElement).toBe(field)
  const send = within(form).getByRole('button', { name: 'Send back' })
  await userEvent.type(field, '   ')
  expect(send).toHaveProperty('disabled', true)
  await enterText(field, 'Use a team name.')
  await userEvent.click(send)
  expect((await screen.findByText('Use a team name.')).tagName).toBe('BLOCKQUOTE')
  expect(inputsOf(returnProposal)).toMatchObject([{ proposalId: 'p1', comment: 'Use a team name.' }])
})

it('shows conflicts with all values, and is copied to the tray instead of being edited', async () => {
  review = {
    ...REVIEW,
    conflicts: [{ index: 0, base: 'ada', current: 'eve', requested: 'zoe', rebased: null }],
  }
  renderPage()
  const conflicts = await screen.findByRole('region', { name: 'Conflicts' })
  expect(
    within(conflicts)
      .getAllByRole('definition')
      .map(({ textContent }) => textContent),
  ).toEqual(['ada', 'eve', 'zoe'])
  expect(within(conflicts).queryAllByRole('button')).toEqual([])
  expect(await button('Commit')).toHaveProperty('disabled', true)
  await userEvent.click(await button('Copy to tray'))
  expect(await button('In the tray')).toHaveProperty('disabled', true)
  expect(JSON.stringify(Object.values(localStorage))).toContain('zoe')
})

it('A proposal is only read by users who may not commit', async () => {
  renderPage('viewer')
  expect(await screen.findByText('You need the editor role to commit a proposal.')).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
  expect(screen.queryByRole('button', { name: 'Send back…' })).toBeNull()
  expect(screen.queryByRole('button', { name: 'Withdraw' })).toBeNull()
})

it('asks for the name of the table where a branch loses snapshots', async () => {
  review = { ...REVIEW, needsConfirmation: true }
  renderPage()
  const field = await screen.findByLabelText(/^Type/)
  const confirm = await button('Commit')
  expect(confirm).toHaveProperty('disabled', true)
  await enterText(field, 'demo.flights')
  await userEvent.click(confirm)
  await screen.findByRole('link', { name: 'entry in the history' })
  expect(inputsOf(commitProposal)).toMatchObject([{ confirmedName: 'demo.flights' }])
})

it('A proposal that is decided is not reviewed again', async () => {
  proposal = decided({})
  renderPage()
  expect(await screen.findByText('committed')).toBeTruthy()
  expect(screen.queryByText(/while this page was open/)).toBeNull()
  expect(inputsOf(reviewChanges)).toEqual([])
})

it('A proposal that is not there leads back to the others', async () => {
  call.mockImplementation(async () => {
    throw new AppError('not-found', 'This table has no such proposal.')
  })
  renderPage()
  expect((await screen.findByRole('alert')).textContent).toContain('This table has no such proposal.')
  expect(screen.getByRole('link', { name: 'Back to the proposals' })).toBeTruthy()
})

const EXPIRY: ProposedAction = { kind: 'expire', maxAgeMs: DAY_MS, retainLast: 1, removeFilesAfterMs: null }
const NO_FIGURES = {
  snapshots: 0,
  manifestLists: 0,
  manifests: 0,
  dataFiles: 0,
  deleteFiles: 0,
  statisticsFiles: 0,
  dataBytes: 0,
  metadataBytes: 0,
  unsizedFiles: 0,
}
const DRY_RUN: ExpiryPreview = {
  intent: {
    kind: 'expire-snapshots',
    snapshotIds: ['11', '12'],
    refNames: [],
    refs: [{ name: 'main', snapshotId: '13' }],
    removeFilesAfterMs: null,
  },
  criteria: { nowMs: 5_000, olderThanMs: 4_000, retainLast: 1 },
  snapshots: { main: 1, others: 0, removed: 2 },
  refs: [{ name: 'main', type: 'branch', isRemoved: false }],
  timeline: [
    { fromMs: 1_000, toMs: 1_000, main: 0, others: 0, removed: 1, refs: [] },
    { fromMs: 3_000, toMs: 4_000, main: 1, others: 1, removed: 1, refs: [{ name: 'main', type: 'branch' }] },
  ],
  timeTravelFromMs: { now: 1_000, after: 3_000 },
  files: {
    main: { ...NO_FIGURES, snapshots: 1 },
    others: NO_FIGURES,
    removed: { ...NO_FIGURES, snapshots: 2 },
    retained: { fileCount: 0, sizeBytes: 0 },
    nested: null,
  },
  filesProblem: null,
  readers: [],
  request: { path: '/v1/x', body: '{}' },
  requiredBy: null,
}

const REWRITE = {
  fileCount: 5,
  fileBytes: 5_120,
  readFileCount: 5,
  differingFileCount: 3,
  differingFileBytes: 3_072,
  positionDeletedFileCount: 0,
  equalityDeletedFileCount: 0,
  deleteFormat: 'position-deletes',
  maxFilesPerRun: 1_000,
  maxBytesPerRun: 1_000_000,
  skipped: [],
  differingColumnCount: 1,
  trialColumnCount: 0,
  trialStoredBytes: 0,
  trialProjectedBytes: 0,
  trialErrorBytes: 0,
  bytesPerSecond: null,
  isSpeedOfTable: false,
  isSpeedOfCodecs: false,
  speedCodecs: null,
  storagePrice: null,
}

it('shows the dry run of a proposed expiry as of now, and commits exactly that', async () => {
  proposal = { ...PROPOSAL, action: EXPIRY }
  answers.set(previewExpiry, DRY_RUN)
  renderPage()
  expect(await screen.findByText(/^Expire snapshots older than .+, at least 1 of each branch stay/)).toBeTruthy()
  expect(await screen.findByRole('table', { name: 'Impact' })).toBeTruthy()
  const { kind, ...choice } = EXPIRY
  expect(inputsOf(previewExpiry)).toEqual([{ ...SAMPLE_IDENTIFIER, ...choice }])
  await enterText(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
  expect(inputsOf(commitProposal)).toMatchObject([
    { confirmedName: 'demo.flights', reviewed: { kind, nowMs: 5_000, intent: DRY_RUN.intent } },
  ])
  expect(screen.queryByRole('button', { name: 'Copy to tray' })).toBeNull()
})

it('commits nothing when a proposed expiry would remove nothing any more', async () => {
  proposal = { ...PROPOSAL, action: EXPIRY }
  answers.set(previewExpiry, { ...DRY_RUN, intent: null })
  renderPage()
  expect(await screen.findByText('Nothing would expire.')).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
})

const MOVED_ROW = { now: 30, removed: 0, restored: 20, after: 50 }
const IMPACT: RefMoveImpact = {
  branch: 'main',
  type: 'branch',
  fromSnapshotId: '13',
  fromCommittedAtMs: 3_000,
  toSnapshotId: '21',
  toCommittedAtMs: 4_000,
  rows: MOVED_ROW,
  dataFiles: MOVED_ROW,
  deleteFiles: MOVED_ROW,
  bytes: MOVED_ROW,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  currentFilesProblem: null,
  removedSnapshotCount: 0,
  addedSnapshotCount: 2,
  otherRefs: [],
  unreferencedSnapshotIds: [],
  unreferencedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}

const MOVE = {
  kind: 'fast-forward',
  refName: 'main',
  fromSnapshotId: '13',
  toRefName: 'audit',
  toSnapshotId: '21',
}
function answerPublication(refusal: 'checks' | null) {
  proposal = { ...PROPOSAL, action: { kind: 'publish', snapshotId: '21', branch: 'audit' } }
  const publication = {
    branch: 'audit',
    wapId: null,
    snapshotId: '21',
    committedAtMs: 4_000,
    aheadCount: 1,
    behindCount: 0,
    rows: { added: 5, removed: 0 },
    nextPick: null,
    refusal,
    checks: [],
    run: null,
  }
  answers.set(listPublications, {
    mainSnapshotId: '13',
    checks: [],
    isEnabled: true,
    totalCount: 1,
    publications: [publication],
  })
  answers.set(previewRefMove, { intent: MOVE, impact: IMPACT, needsConfirmation: false })
}

it('says once that the table changed, with the changes of others, when the proposal still fits', async () => {
  const base: HistoryEntry = {
    auditId: 'a5',
    atMs: PROPOSAL.createdAtMs + 1000,
    actor: 'eric',
    source: 'console',
    job: null,
    via: null,
    action: 'drop-column',
    snapshotId: null,
    snapshots: [],
    changes: [{ kind: 'column', name: 'score', before: 'double', after: null }],
    published: null,
    outcome: null,
    proposal: null,
    isUndoable: false,
    undoBlocker: 'not-recorded',
    isExpiry: false,
  }
  const entries = [
    base,
    { ...base, auditId: 'a4', action: 'propose', changes: [], actor: 'vera' },
    { ...base, auditId: 'a3', action: 'add-column', atMs: PROPOSAL.createdAtMs - 1000 },
  ]
  answers.set(listHistory, { entries, nextBefore: null })
  commit = () => {
    review = { ...REVIEW, requestDigest: 'd2' }
    throw new AppError('commit-conflict', 'Another commit came first.')
  }
  renderPage()
  await userEvent.click(await enabledButton('Commit'))
  const note = (await screen.findByText(/The table changed since; the request below is new/)).closest('[role=status]')
  expect((await screen.findByText(/1 change since it was proposed/)).closest('[role=status]')).toBe(note)
  expect(note?.textContent).toContain('Drop column by eric')
  expect(note?.textContent).toContain('Removed column score, was double')
  expect(note?.textContent).not.toContain('Add column')
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.queryByText('The changes fit the table as it is now.')).toBeNull()
  commit = () => ({ auditId: 'a7', metadataLocation: 'm' })
  await userEvent.click(await enabledButton('Commit'))
  await waitFor(() => expect(inputsOf(commitProposal)).toHaveLength(2))
  expect(inputsOf(commitProposal)[1]).toMatchObject({ reviewed: { requestDigest: 'd2' } })
})

it('starts a proposed rewrite of files after showing what it would do to the table as it is', async () => {
  proposal = { ...PROPOSAL, action: { kind: 'rewrite-files' } }
  answers.set(getRewritePreview, REWRITE)
  commit = () => {
    proposal = { ...decided({ decidedBy: 'ada' }), action: { kind: 'rewrite-files' }, runId: 'r7' }
    return { auditId: 'a7', metadataLocation: null }
  }
  renderPage()
  expect(await screen.findByText('3 files, 3.00 KiB')).toBeTruthy()
  await userEvent.click(await enabledButton('Start the rewrite'))
  expect((await screen.findByRole('link', { name: 'in Jobs' })).getAttribute('href')).toBe('/jobs/r7')
  expect(inputsOf(commitProposal)).toHaveLength(1)
})

it('starts no rewrite when every file is as its columns are set', async () => {
  proposal = { ...PROPOSAL, action: { kind: 'rewrite-files' } }
  answers.set(getRewritePreview, { ...REWRITE, differingFileCount: 0, differingFileBytes: 0 })
  renderPage()
  expect(await screen.findByText(/is as its columns are set/)).toBeTruthy()
  expect(await button('Start the rewrite')).toHaveProperty('disabled', true)
})

it('starts a proposed load after showing its file and how it is read', async () => {
  const sha256 = 'ab'.repeat(32)
  const action = {
    kind: 'load',
    input: 's3://lake/inbox/may.csv',
    format: 'csv',
    ignoreExtra: true,
    maxRejectedRows: 5,
    sizeBytes: 2048,
    sha256,
  } as const
  proposal = { ...PROPOSAL, action }
  commit = () => {
    proposal = { ...decided({ decidedBy: 'ada' }), action, runId: 'r7' }
    return { auditId: 'a7', metadataLocation: null }
  }
  renderPage()
  expect(await screen.findByText('Load may.csv')).toBeTruthy()
  const valueOf = (name: string) => screen.getByText(name).nextSibling?.textContent
  expect(valueOf('File')).toBe('may.csv')
  expect(valueOf('Location')).toBe('s3://lake/inbox/may.csv')
  expect(valueOf('Size')).toBe('2.00 KiB')
  expect(valueOf('Format')).toBe('CSV')
  expect(valueOf('SHA-256')).toBe(sha256)
  expect(valueOf('Rows that do not fit')).toBe('are skipped, 5 rows at most')
  expect(valueOf('Other columns')).toBe('are skipped')
  await userEvent.click(await enabledButton('Start the load'))
  const link = await screen.findByRole('link', { name: 'page of the load' })
  expect(link.getAttribute('href')).toBe('/ingest/runs/r7')
  expect(inputsOf(commitProposal)).toHaveLength(1)
})

it('shows each file of a proposed load with its location and digest', async () => {
  const digests = ['ab', 'cd'].map((digits) => digits.repeat(32))
  const [sha256 = '', otherSha256 = ''] = digests
  proposal = {
    ...PROPOSAL,
    action: {
      kind: 'load',
      input: 's3://lake/inbox/may.csv',
      sizeBytes: 2048,
      sha256,
      otherFiles: [{ input: { location: 'landing', path: '2026/june.csv' }, sizeBytes: 1024, sha256: otherSha256 }],
      format: 'csv',
      ignoreExtra: true,
      maxRejectedRows: 0,
    },
  }
  renderPage()
  expect(await screen.findByText('Load may.csv and 1 other file')).toBeTruthy()
  const files = screen.getByText('Files').nextSibling
  expect(files?.textContent).toBe(
    `s3://lake/inbox/may.csv 2.00 KiB, SHA-256 ${sha256}landing/2026/june.csv 1.00 KiB, SHA-256 ${otherSha256}`,
  )
  expect(screen.getByText('Size').nextSibling?.textContent).toBe('2 files, 3.00 KiB')
})

it('starts a proposed load of uploads after showing all that differs from the usual options', async () => {
  const action: ProposedAction = {
    kind: 'load-uploads',
    uploads: Array.from({ length: 12 }, (_, i) => ({ uploadId: `u${i}`, fileName: `${i}.csv`, sizeBytes: 1024 })),
    format: 'csv',
    csv: { ...CSV_DEFAULTS, delimiter: ';' },
    mapping: {
      columns: { id: { field: 'nr' }, city: { value: 'Berlin' }, day: { field: 'day' } },
      ignoredFields: ['mail'],
    },
    ignoreExtra: false,
    maxRejectedRows: 5,
    maxRejectedShare: 0.1,
    landing: { operation: 'replace-table', branch: 'audit' },
    correctsRun: 'r1',
  }
  proposal = { ...PROPOSAL, action }
  answers.set(listCatalogs, { catalogs: [] })
  answers.set(previewLoad, {
    ...SAMPLE_PREVIEW,
    columns: [{ name: 'id', type: 'long', rejectedCount: 1, problem: null }],
    rows: [{ line: 2, values: ['9007199254740993'] }],
    rejects: [{ file: null, line: 3, column: 'id', value: 'x', reason: 'is not a number', text: 'x', part: null }],
    rowsRead: 2,
    rowsRejected: 1,
  })
  renderPage()
  expect(await screen.findByText('Replace all rows by 0.csv and 11 other files on audit')).toBeTruthy()
  const valueOf = (name: string) => screen.getByText(name).nextSibling?.textContent
  expect(valueOf('Files')).toContain('9.csv 1.00 KiB')
  expect(screen.getByText('2 more files').parentElement?.textContent).toContain('11.csv')
  expect(valueOf('Size')).toBe('12 files, 12.0 KiB')
  expect(valueOf('Operation')).toBe('replace all rows of audit')
  expect(valueOf('delimiter')).toBe(';')
  expect(screen.queryByText('encoding')).toBeNull()
  expect(valueOf('Columns')).toBe('id: the field nrcity: in every row Berlin')
  expect(valueOf('Ignored fields')).toBe('mail')
  expect(valueOf('Rows that do not fit')).toBe('are skipped, 5 rows and 10% of all rows at most')
  expect(screen.getByRole('link', { name: 'the rejected rows of an earlier load' })).toHaveProperty(
    'href',
    expect.stringContaining('r1'),
  )
  expect(await screen.findByText('1 of the 2 rows of 0.csv would be rejected.')).toBeTruthy()
  expect(screen.getByText('9007199254740993')).toBeTruthy()
  expect(inputsOf(previewLoad)).toMatchObject([
    { input: { uploadId: 'u0' }, proposalId: 'p1', mapping: action.mapping },
  ])
  expect(await button('Load and replace')).toHaveProperty('disabled', true)
  await enterText(screen.getByRole('textbox'), 'demo.flights')
  await userEvent.click(await enabledButton('Load and replace'))
  await waitFor(() => expect(inputsOf(commitProposal)).toMatchObject([{ confirmedName: 'demo.flights' }]))
})

it('says which files of a proposed load are gone, and does not start it', async () => {
  const action: ProposedAction = {
    kind: 'load-uploads',
    uploads: ['a', 'b'].map((name) => ({ uploadId: name, fileName: `${name}.csv`, sizeBytes: 1024 })),
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
  }
  proposal = { ...PROPOSAL, action, lostFiles: ['b.csv'] }
  answers.set(listCatalogs, { catalogs: [] })
  renderPage()
  expect(
    await screen.findByText('b.csv has expired or was removed. Send the proposal back, and propose the load again.'),
  ).toBeTruthy()
  expect(await button('Start the load')).toHaveProperty('disabled', true)
  expect(screen.queryByText(/fit the table as it is now/)).toBeNull()
  expect(inputsOf(previewLoad)).toEqual([])
})

it('publishes what is proposed', async () => {
  answerPublication(null)
  renderPage()
  expect(await screen.findByText('Publish audit at snapshot 21')).toBeTruthy()
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
  expect(inputsOf(commitProposal)).toMatchObject([{ reviewed: { kind: 'publish', mainSnapshotId: '13' } }])
})

it('publishes nothing until the checks have passed', async () => {
  answerPublication('checks')
  renderPage()
  expect(await screen.findByRole('table', { name: 'Impact' })).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
})

function answerPick(isHistoryExpired: boolean): void {
  proposal = { ...PROPOSAL, action: { kind: 'cherry-pick', snapshotId: '21', branch: 'main' } }
  answers.set(reviewCherryPick, {
    ...IMPACT,
    branch: 'main',
    tip: { snapshotId: '13', committedAtMs: 3_000 },
    snapshotId: '21',
    committedAtMs: 4_000,
    operation: 'append',
    wapId: null,
    kind: 'replay',
    isHistoryExpired,
    request: null,
    scripts: SAMPLE_REVIEW.scripts,
  })
}

it('picks onto a branch that may have had the changes once the user says that the rows are not there', async () => {
  answerPick(true)
  renderPage()
  await userEvent.click(await screen.findByRole('checkbox', { name: /main does not have these rows$/, checked: false }))
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
  expect(inputsOf(commitProposal)).toMatchObject([
    { reviewed: { kind: 'cherry-pick', tipSnapshotId: '13', allowsUnknownAncestry: true } },
  ])
})

it('picks nothing onto a branch that may have had the changes while the user has not said so', async () => {
  answerPick(true)
  renderPage()
  expect(await screen.findByText('Confirm above that main does not have the rows.')).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
})

it('picks what is proposed onto the branch as it is', async () => {
  answerPick(false)
  renderPage()
  expect(await screen.findByText('Cherry-pick snapshot 21 onto main')).toBeTruthy()
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
  expect(inputsOf(commitProposal).map((input) => input.reviewed)).toEqual([
    { kind: 'cherry-pick', tipSnapshotId: '13' },
  ])
})

it('drops what a proposed drop shows of the table as it is, once the name was typed, and leads to the namespace', async () => {
  proposal = { ...PROPOSAL, action: { kind: 'drop', isPurge: true } }
  answers.set(reviewTableDrop, SAMPLE_DROP_REVIEW)
  renderPage()
  expect(await screen.findByText('Drop the table and remove its files')).toBeTruthy()
  expect(await screen.findByText(/^Files: delete after .*Until then the table can be restored/)).toBeTruthy()
  expect(screen.getByText('Branches and tags')).toBeTruthy()
  const drop = await button('Drop and remove files')
  expect(drop).toHaveProperty('disabled', true)
  await enterText(screen.getByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(drop)
  await waitFor(() => expect(replace).toHaveBeenCalledWith('/catalogs/local/namespaces/demo'))
  expect(inputsOf(commitProposal)).toMatchObject([
    {
      confirmedName: 'demo.flights',
      reviewed: { kind: 'drop', metadataLocation: SAMPLE_DROP_REVIEW.metadataLocation },
    },
  ])
})

it('A proposed drop of files that may not be removed now is not carried out', async () => {
  proposal = { ...PROPOSAL, action: { kind: 'drop', isPurge: true } }
  answers.set(reviewTableDrop, { ...SAMPLE_DROP_REVIEW, purgeProblem: 'demo.copy is in its folder.' })
  renderPage()
  expect(await screen.findByText('demo.copy is in its folder.')).toBeTruthy()
  expect(await button('Drop and remove files')).toHaveProperty('disabled', true)
})

it('makes a proposed move and leads to the new name, unless the name is taken', async () => {
  proposal = { ...PROPOSAL, action: { kind: 'rename', toNamespace: ['air'], toTable: 'trips' } }
  const free = {
    request: SAMPLE_DROP_REVIEW.drop.request,
    statements: SAMPLE_DROP_REVIEW.drop.statements,
    nameProblem: null,
    renameProblem: null,
    warnings: [],
  }
  const noUses = { uses: [], isTruncated: false, missingCatalogs: [] }
  answers.set(listTableUses, noUses)
  answers.set(listTableClients, NO_CLIENTS)
  answers.set(reviewTableRename, { ...free, nameProblem: 'There is already a table or view air.trips.' })
  renderPage()
  expect(await screen.findByText('Rename to air.trips')).toBeTruthy()
  expect(await screen.findByText('There is already a table or view air.trips.')).toBeTruthy()
  expect(await button('Rename')).toHaveProperty('disabled', true)
  cleanup()
  answers.set(reviewTableRename, free)
  renderPage()
  await userEvent.click(await enabledButton('Rename'))
  await waitFor(() =>
    expect(replace).toHaveBeenCalledWith('/catalogs/local/namespaces/air/tables/trips/history/proposals/p1'),
  )
  cleanup()
  proposal = { ...PROPOSAL, action: { kind: 'rename', toNamespace: ['air'], toTable: 'trips' } }
  answers.set(listTableUses, { ...noUses, uses: [sampleUse()] })
  renderPage()
  await enterText(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Rename'))
  await waitFor(() => expect(inputsOf(commitProposal).at(-1)).toMatchObject({ confirmedName: 'demo.flights' }))
})

it('names what reads a column, and asks for the name before a proposed drop of it', async () => {
  const intents: Intent[] = [{ kind: 'drop-column', fieldId: 1, column: ['delay'] }]
  proposal = { ...PROPOSAL, action: { kind: 'change-table', intents } }
  answers.set(listTableUses, {
    uses: [sampleUse({ name: 'Delays', columns: ['delay'] })],
    isTruncated: false,
    missingCatalogs: [],
  })
  renderPage()
  expect((await screen.findByText('Delays')).closest('li')?.textContent).toContain('Fails at its next run.')
  expect(await button('Commit')).toHaveProperty('disabled', true)
  await enterText(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Commit'))
  await waitFor(() => expect(inputsOf(commitProposal).at(-1)).toMatchObject({ confirmedName: 'demo.flights' }))
})

it('shows the impact of a proposed rollback on the table as it is', async () => {
  const rollBack = { kind: 'roll-back', fromSnapshotId: '13', toSnapshotId: '21', safetyTag: null } as const
  const intents = [{ ...rollBack, safetyTag: { name: 'before', maxRefAgeMs: null } }]
  proposal = { ...PROPOSAL, action: { kind: 'change-table', intents } }
  answers.set(previewRefMove, { intent: rollBack, impact: IMPACT, needsConfirmation: true })
  renderPage()
  const impact = await screen.findByRole('region', { name: 'Impact: Roll main back to snapshot 21' })
  expect(await within(impact).findByRole('table', { name: 'Impact' })).toBeTruthy()
  expect(within(impact).getByText(/is created on the current snapshot/).textContent).toContain('before')
})

it('shows what a proposed undo of an expiry brings back, or why it no longer can', async () => {
  proposal = { ...PROPOSAL, action: { kind: 'undo-expiry', auditId: 'a4', newName: null } }
  const undo = { method: 'restore', snapshotCount: 2, metadataLocation: 'm0', removal: null, requiredBy: null }
  answers.set(previewExpiryUndo, { ...undo, problem: 'The table has received a commit since.' })
  renderPage()
  expect(await screen.findByText(/It cannot be undone any more\. The table has received a commit since\./)).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
  cleanup()

  answers.set(previewExpiryUndo, { ...undo, problem: null })
  renderPage()
  expect(await screen.findByText(/gets 2 snapshots back, with the branches/)).toHaveProperty(
    'textContent',
    expect.stringMatching(/as a new version\. It is rejected if the table changes first\.$/),
  )
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
  expect(inputsOf(commitProposal)).toHaveLength(1)
})

const UNDO: ProposedAction = {
  kind: 'undo',
  auditId: 'a3',
  undone: 'set-properties',
  safetyTag: { name: 'before-undo', maxRefAgeMs: null },
}

it('shows what the table returns to by a proposed undo, and commits it', async () => {
  proposal = { ...PROPOSAL, action: UNDO }
  answers.set(previewUndo, {
    action: 'set-properties',
    properties: [{ name: 'owner', now: 'zoe', after: 'ada' }],
    intents: [],
    impact: IMPACT,
    needsConfirmation: false,
    request: { path: '/v1/x', body: '{}' },
  })
  renderPage()
  expect((await screen.findByRole('list', { name: 'Properties' })).textContent).toBe('owner zoe → ada')
  expect(screen.getByRole('table', { name: 'Impact' })).toBeTruthy()
  expect(screen.getByText(/is created on the current snapshot/).textContent).toContain('before-undo')
  expect(screen.getByRole('link', { name: 'what is undone, in the history' })).toHaveProperty(
    'href',
    expect.stringContaining('entry=a3'),
  )
  expect(inputsOf(previewUndo)).toEqual([{ ...SAMPLE_IDENTIFIER, auditId: 'a3', safetyTagName: 'before-undo' }])
  await userEvent.click(await enabledButton('Commit'))
  await screen.findByRole('link', { name: 'entry in the history' })
})

it('commits no undo of what was changed since, and says so', async () => {
  proposal = { ...PROPOSAL, action: UNDO }
  refusals.set(previewUndo, new AppError('commit-conflict', 'owner was changed since.'))
  renderPage()
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('owner was changed since.')
  expect(note.textContent).toContain('A proposal can only be committed unchanged: send it back or withdraw it')
  expect(await button('Commit')).toHaveProperty('disabled', true)
})
