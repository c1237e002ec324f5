// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, expect, it, vi } from 'vitest'
import type { HistoryEntry, UndoPreview } from '@/lib/contract/table/history'
import { listHistory, previewUndo, undoAction } from '@/lib/contract/table/history'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { SAMPLE_REF_MOVE } from '@/testing/contract/sample-ref-move'
import { HistoryList } from './history-list'

const call = stubApi()

afterEach(cleanup)

const ENTRY: HistoryEntry = {
  auditId: 'a1',
  atMs: 1_000,
  actor: 'bob',
  source: 'engine',
  job: null,
  via: { client: 'spark', token: 'nightly' },
  action: 'append',
  snapshots: [],
  snapshotId: '13',
  changes: [],
  published: null,
  outcome: null,
  proposal: null,
  isUndoable: true,
  undoBlocker: null,
  isExpiry: false,
}
const PREVIEW: UndoPreview = {
  action: 'append',
  properties: [],
  impact: SAMPLE_REF_MOVE,
  needsConfirmation: true,
  intents: [],
  request: { path: '/v1/x', body: '{}' },
}

function answer(preview: UndoPreview, entry: HistoryEntry = ENTRY) {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listHistory) return { entries: [entry], nextBefore: null }
    if (endpoint === previewUndo) return preview
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === undoAction) return { auditId: 'a2', metadataLocation: 'm', snapshotId: '12' }
    throw new Error('unexpected call')
  })
}
const undoCalls = () => call.mock.calls.filter(([endpoint]) => endpoint === undoAction).map(([, input]) => input)

it('shows what undoing a commit removes, and asks for the name of the table before it does', async () => {
  answer(PREVIEW)
  renderInTable(<HistoryList />)
  await userEvent.click(await screen.findByRole('button', { name: /^Undo Append/ }))
  const panel = await screen.findByRole('complementary', { name: 'Undo: Append' })
  expect(within(panel).getByRole('row', { name: /^Rows/ }).textContent).toContain('−20')
  expect(panel.textContent).toContain('Nothing has changed yet')
  const confirm = within(panel).getByRole('button', { name: 'Undo' })
  expect(confirm).toHaveProperty('disabled', true)
  expect(undoCalls()).toEqual([])
  await userEvent.type(within(panel).getByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(confirm)
  expect(undoCalls()).toMatchObject([
    { auditId: 'a1', confirmedName: 'demo.flights', safetyTag: { name: expect.stringMatching(/^before-undo-/) } },
  ])
  expect(await screen.findByText('Undone.')).toBeTruthy()
  expect(screen.queryByRole('complementary')).toBeNull()
  // Redoing it only restores what the undo removed.
  expect(screen.getByRole('button', { name: 'Redo' })).toBeTruthy()
})

/** The table as the server sees it: the request has the tag that the preview asks for. */
function answerWithTags(preview: UndoPreview) {
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: { safetyTagName?: string }) => {
    if (endpoint !== previewUndo) return others?.(endpoint)
    const request = { path: '/v1/x', body: JSON.stringify({ tag: input.safetyTagName ?? null }) }
    return { ...preview, request, impact: preview.impact && { ...preview.impact, request } }
  })
}
const shownRequest = (panel: HTMLElement) => within(panel).getByText(/"tag":/).textContent

it('shows the request with the safety tag that it sends', async () => {
  answer(PREVIEW)
  answerWithTags(PREVIEW)
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const panel = await screen.findByRole('complementary', { name: 'Undo: Append' })
  const name = within(panel).getByRole('textbox', { name: 'Safety tag name' })
  await userEvent.type(within(panel).getByLabelText(/^Type/), 'demo.flights')
  await userEvent.clear(name)
  await userEvent.type(name, 'kept')
  const confirm = within(panel).getByRole('button', { name: 'Undo' })
  // The request still has the earlier name.
  expect(confirm).toHaveProperty('disabled', true)
  await waitFor(() => expect(confirm).toHaveProperty('disabled', false))
  expect(shownRequest(panel)).toContain('"tag":"kept"')
  await userEvent.click(confirm)
  expect(undoCalls()).toMatchObject([{ auditId: 'a1', safetyTag: { name: 'kept' } }])
})

it('shows the request without a safety tag when none is requested', async () => {
  answer(PREVIEW)
  answerWithTags(PREVIEW)
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const panel = await screen.findByRole('complementary', { name: 'Undo: Append' })
  expect(shownRequest(panel)).toContain('"tag":"before-undo-')
  await userEvent.type(within(panel).getByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(within(panel).getByRole('checkbox', { name: /safety tag/ }))
  const confirm = within(panel).getByRole('button', { name: 'Undo' })
  await waitFor(() => expect(confirm).toHaveProperty('disabled', false))
  expect(shownRequest(panel)).toContain('"tag":null')
  await userEvent.click(confirm)
  expect(undoCalls()).toMatchObject([{ auditId: 'a1', safetyTag: null }])
})

it('shows a request without a safety tag where nothing is lost and none is offered', async () => {
  const preview: UndoPreview = {
    ...PREVIEW,
    action: 'roll-back',
    impact: { ...SAMPLE_REF_MOVE, removedSnapshotCount: 0, addedSnapshotCount: 1, unreferencedSnapshotIds: [] },
    needsConfirmation: false,
  }
  answer(preview)
  answerWithTags(preview)
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const panel = await screen.findByRole('complementary', { name: 'Undo: Roll back' })
  expect(shownRequest(panel)).toContain('"tag":null')
  await userEvent.click(within(panel).getByRole('button', { name: 'Undo' }))
  expect(undoCalls()[0]).not.toHaveProperty('safetyTag')
})

it('offers a safety tag when only a branch that it removes reaches snapshots', async () => {
  const drop = { kind: 'drop-ref', refName: 'audit', type: 'branch', snapshotId: '13', safetyTag: null } as const
  const preview: UndoPreview = { ...PREVIEW, action: 'create-ref', impact: null, intents: [drop] }
  answer(preview)
  answerWithTags(preview)
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const panel = await screen.findByRole('complementary', { name: /^Undo: / })
  expect(within(panel).getByRole('checkbox', { name: /safety tag/ })).toBeTruthy()
  expect(shownRequest(panel)).toContain('"tag":"before-undo-')
})

it('says what undoing a property does, and does it without a name', async () => {
  const properties = [{ name: 'codec', now: 'gzip', after: null }]
  answer({ ...PREVIEW, action: 'set-properties', properties, impact: null, needsConfirmation: false })
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const panel = await screen.findByRole('complementary', { name: 'Undo: Set properties' })
  expect(within(panel).getByRole('list', { name: 'Properties' }).textContent).toBe('codec gzip → not set')
  expect(within(panel).queryByLabelText(/^Type/)).toBeNull()
  await userEvent.click(within(panel).getByRole('button', { name: 'Undo' }))
  expect(undoCalls()).toMatchObject([{ auditId: 'a1' }])
})

it('says why an entry has no undo', async () => {
  const blockers = [
    'undone',
    'no-reverse',
    'changed-since',
    'too-late',
    'read-only',
    'not-recorded',
    'not-committed',
  ] as const
  const entries = blockers.map((undoBlocker): HistoryEntry => {
    return { ...ENTRY, auditId: undoBlocker, action: undoBlocker, isUndoable: false, undoBlocker }
  })
  answer(PREVIEW)
  const others = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown) =>
    endpoint === listHistory ? { entries, nextBefore: null } : others?.(endpoint),
  )
  renderInTable(<HistoryList />)
  await screen.findByText('undone')
  const reasons = blockers.map((_, i) => screen.getAllByRole('row')[i + 1]?.querySelector('td:last-child')?.textContent)
  expect(reasons).toEqual([
    'undone',
    'no undo',
    'cannot undo: changed since',
    'too late',
    'read-only',
    'not recorded',
    '',
  ])
  expect(screen.queryByRole('button', { name: /^Undo/ })).toBeNull()
})

it('calls the undo of an undo a redo', async () => {
  answer({ ...PREVIEW, action: 'undo' }, { ...ENTRY, action: 'undo' })
  renderInTable(<HistoryList />)
  await userEvent.click(await screen.findByRole('button', { name: /^Undo Undo/ }))
  expect(await screen.findByRole('complementary', { name: 'Redo an undone change' })).toBeTruthy()
})

it('offers no redo that would remove commits without a confirmation', async () => {
  const impact = { ...SAMPLE_REF_MOVE, removedSnapshotCount: 0, addedSnapshotCount: 1, unreferencedSnapshotIds: [] }
  answer({ ...PREVIEW, action: 'roll-back', impact, needsConfirmation: false })
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const panel = await screen.findByRole('complementary', { name: 'Undo: Roll back' })
  expect(panel.textContent).toContain('main moves forward 1 snapshot.')
  // The rows were on main before the roll back.
  expect(within(panel).getByRole('columnheader', { name: 'Restored' })).toBeTruthy()
  expect(within(panel).queryByLabelText(/safety tag/)).toBeNull()
  await userEvent.click(within(panel).getByRole('button', { name: 'Undo' }))
  expect(await screen.findByText('Undone.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Redo' })).toBeNull()
})

it('keeps the open undo in the address', async () => {
  answer(PREVIEW)
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<HistoryList />, { onUrlUpdate })
  await userEvent.click(await screen.findByRole('button', { name: /^Undo Append/ }))
  await waitFor(() => expect(onUrlUpdate).toHaveBeenCalled())
  expect(onUrlUpdate.mock.lastCall?.[0]).toMatchObject({ queryString: '?undo=a1', options: { history: 'push' } })
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe(''))
})

it('names columns and refs in plain words, and says what was not done in this console', async () => {
  answer(PREVIEW, {
    ...ENTRY,
    source: 'server',
    via: null,
    action: 'change-partition-spec',
    changes: [
      { kind: 'column', name: 'route', before: null, after: 'string' },
      { kind: 'ref', name: 'q1', before: null, after: '12' },
      { kind: 'layout', name: 'column name', before: 'qty', after: 'quantity' },
      { kind: 'layout', name: 'type of qty', before: 'int', after: 'long' },
    ],
  })
  renderInTable(<HistoryList />)
  const entry = (await screen.findByText('Change partition spec')).closest('tr')
  expect(entry?.textContent).toContain('job or command line')
  expect(entry?.textContent).toContain('Added column route string')
  expect(entry?.textContent).toContain('Created q1 at 12')
  // As in the notice after a commit.
  expect(entry?.textContent).toContain('and 2 more changes')
})

it('proposes an undo where changes need two people, with its safety tag', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listHistory) return { entries: [ENTRY], nextBefore: null }
    if (endpoint === getChangePolicy) return { requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null }
    if (endpoint === previewUndo) return PREVIEW
    if (endpoint === proposeChanges)
      return { proposal: { ...SAMPLE_PROPOSAL, proposalId: 'p9', title: 'Undo: Append' } }
    throw new Error('unexpected call')
  })
  renderInTable(<HistoryList />)
  expect(await screen.findByText('Changes of tables in demo need two people, an undo too.')).toBeTruthy()
  await userEvent.click(await screen.findByRole('button', { name: /^Propose undo Append/ }))
  const panel = await screen.findByRole('complementary', { name: 'Undo: Append' })
  expect(within(panel).getByRole('button', { name: 'Undo' })).toHaveProperty('disabled', true)
  await userEvent.click(within(panel).getByRole('button', { name: 'Propose…' }))
  expect(within(panel).getByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'Undo: Append')
  await userEvent.click(within(panel).getByRole('button', { name: 'Propose' }))
  expect(await screen.findByRole('link', { name: 'Undo: Append' })).toBeTruthy()
  expect(undoCalls()).toEqual([])
  expect(call.mock.calls.find(([endpoint]) => endpoint === proposeChanges)?.[1]).toMatchObject({
    action: {
      kind: 'undo',
      auditId: 'a1',
      undone: 'append',
      safetyTag: { name: expect.stringMatching(/^before-undo-/), maxRefAgeMs: expect.anything() },
    },
  })
})

it('offers a viewer an undo to propose only', async () => {
  answer(PREVIEW)
  renderInTable(<HistoryList />, { role: 'viewer' })
  await userEvent.click(await screen.findByRole('button', { name: /^Propose undo Append/ }))
  const panel = await screen.findByRole('complementary', { name: 'Undo: Append' })
  expect(within(panel).getByRole('button', { name: 'Undo' })).toHaveProperty('disabled', true)
  expect(panel.textContent).toContain('You need the editor role to commit.')
  expect(within(panel).getByRole('button', { name: 'Propose…' })).toHaveProperty('disabled', false)
})

it('names the proposal that a commit is of, and marks the entry of the address', async () => {
  answer(PREVIEW, {
    ...ENTRY,
    action: 'set-properties',
    proposal: { proposalId: 'p1', title: 'Name the owner', proposedBy: 'vera' },
  })
  renderInTable(<HistoryList />, { search: '?entry=a1' })
  const link = await screen.findByRole('link', { name: 'Name the owner' })
  expect(link).toHaveProperty('href', expect.stringContaining('/history/proposals/p1'))
  const row = link.closest('tr')
  expect(row?.textContent).toContain('proposed by vera')
  expect(row?.getAttribute('aria-selected')).toBe('true')
})

it('offers no undo while the page looks back', async () => {
  answer(PREVIEW)
  renderInTable(<HistoryList />, { detail: SAMPLE_PAST, search: '?undo=a1' })
  expect(await screen.findByText('bob')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Undo/ })).toBeNull()
  expect(screen.queryByRole('complementary')).toBeNull()
})

it('says that the entry of an undo in the address does not exist, with the way back', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listHistory) return { entries: [ENTRY], nextBefore: null }
    throw new AppError('not-found', 'There is no such entry.', { facts: { auditId: '01BOGUS' } })
  })
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<HistoryList />, { search: '?undo=01BOGUS', onUrlUpdate })
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('No such entry in the history')
  expect(note.textContent).toContain('Choose an entry from the list.')
  expect(note.textContent).not.toMatch(/Explore|renamed/)
  await userEvent.click(within(note).getByRole('button', { name: 'Back to the history' }))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('')
})

it('says that a later change is in the way of an undo, without a retry', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listHistory) return { entries: [ENTRY], nextBefore: null }
    throw new AppError('commit-conflict', 'The column email was renamed since.')
  })
  renderInTable(<HistoryList />, { search: '?undo=a1' })
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('It cannot be undone now')
  expect(note.textContent).toContain('Undo the later change first')
  expect(note.textContent).not.toMatch(/commit again|Try again/)
})

it('marks characters that change the direction of text, so that the ids after a name read as they are', async () => {
  answer(PREVIEW, { ...ENTRY, changes: [{ kind: 'ref', name: 'tag\u202ex', before: null, after: '12' }] })
  renderInTable(<HistoryList />)
  const entry = (await screen.findByText('bob')).closest('tr')
  expect(entry?.textContent).toContain('Created tag[U+202E]x at 12')
})
