// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { commitChanges } from '@/lib/contract/table/changes'
import { getChangePolicy } from '@/lib/contract/proposals'
import { listRefs, previewRefMove, type RefDetail, type RefMoveImpact } from '@/lib/contract/table/refs'
import { AppError } from '@/lib/errors'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { RefFormPanel } from './ref-form-panel'
import { RefMovePanel } from './ref-move-panel'

const call = stubApi()

afterEach(() => {
  cleanup()
  localStorage.clear()
})

const LIMITS = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
const DISTANCE = { committedAtMs: 3_000, aheadCount: 0, behindCount: 0 }
const REFS: readonly RefDetail[] = [
  { name: 'main', type: 'branch', snapshotId: '13', ...DISTANCE, ...LIMITS },
  { name: 'q1', type: 'tag', snapshotId: '11', ...DISTANCE, ...LIMITS },
]
const FIGURES = { now: 30, removed: 20, restored: 0, after: 10 }
const IMPACT: RefMoveImpact = {
  branch: 'main',
  type: 'branch',
  fromSnapshotId: '13',
  fromCommittedAtMs: 3_000,
  toSnapshotId: '12',
  toCommittedAtMs: 2_000,
  rows: FIGURES,
  dataFiles: FIGURES,
  deleteFiles: FIGURES,
  bytes: FIGURES,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  currentFilesProblem: null,
  removedSnapshotCount: 1,
  addedSnapshotCount: 0,
  otherRefs: [],
  unreferencedSnapshotIds: ['13'],
  unreferencedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}
const INTENT = { kind: 'roll-back', fromSnapshotId: '13', toSnapshotId: '12', safetyTag: null }

const previewedTags: unknown[] = []
function answer(refs = REFS, impact = IMPACT): void {
  previewedTags.length = 0
  call.mockImplementation(async (endpoint: unknown, input: { safetyTagName?: string; name?: string }) => {
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === listRefs) {
      const found = refs.filter((ref) => ref.name === input.name)
      return { totalCount: found.length, refs: found, nextOffset: null }
    }
    if (endpoint !== previewRefMove) throw new Error('unexpected call')
    previewedTags.push(input.safetyTagName)
    return { intent: INTENT, impact, needsConfirmation: true }
  })
}

const rename = () => renderInTable(<RefFormPanel form="rename" of="q1" onClose={() => {}} />)
const name = () => screen.findByRole('textbox', { name: 'Name' })
const add = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Add to changes' })

it('says which name a branch or a tag cannot get, before it is among the changes', async () => {
  answer()
  rename()
  await userEvent.clear(await name())
  await userEvent.type(await name(), 'main')
  expect(screen.getByText('The table already has a branch main.')).toBeTruthy()
  expect(add().disabled).toBe(true)
  await userEvent.clear(await name())
  await userEvent.click(await name())
  await userEvent.paste('a\tb')
  expect(screen.getByText(/must not have line breaks or other control characters/)).toBeTruthy()
  expect(add().disabled).toBe(true)
})

it('says that the table has no such tag when it has none', async () => {
  answer()
  renderInTable(<RefFormPanel form="rename" of="gone" onClose={() => {}} />)
  expect(await screen.findByText('The table has no branch or tag gone.')).toBeTruthy()
})

it('opens with the new name that a tag is to get, and takes it back by the old one', async () => {
  answer()
  rename()
  await userEvent.type(await name(), '-2026')
  await userEvent.click(add())
  await waitFor(() => expect(storedText()).toContain('q1-2026'))
  cleanup()
  rename()
  expect(await name()).toHaveProperty('value', 'q1-2026')
  await userEvent.clear(await name())
  await userEvent.type(await name(), 'q1')
  await userEvent.click(add())
  await waitFor(() => expect(storedText()).not.toContain('q1-2026'))
})

it('offers main no age of its own, and only the removal of one that it has', async () => {
  const retention = () => renderInTable(<RefFormPanel form="retention" of="main" onClose={() => {}} />)
  answer()
  retention()
  expect(await screen.findByRole('textbox', { name: 'Keep snapshots for' })).toBeTruthy()
  expect(screen.queryByRole('textbox', { name: 'Keep the branch for' })).toBeNull()
  cleanup()
  answer(REFS.map((ref) => (ref.name === 'main' ? { ...ref, maxRefAgeMs: 86_400_000 } : ref)))
  retention()
  const age = await screen.findByRole('textbox', { name: 'Keep the branch for' })
  expect(age).toHaveProperty('value', '1 day')
  expect(add().disabled).toBe(false)
  await userEvent.clear(age)
  await userEvent.type(age, '2 days')
  expect(screen.getByText(/main never expires/)).toBeTruthy()
  expect(add().disabled).toBe(true)
  await userEvent.clear(age)
  await userEvent.click(add())
  await waitFor(() => expect(storedText()).toContain('set-ref-retention'))
})

it('says that the name of a safety tag is taken, and keeps the impact in sight', async () => {
  answer()
  renderInTable(
    <RefMovePanel branch="main" to="snapshot:12" onChoose={() => {}} onClose={() => {}} onDone={() => {}} />,
  )
  const tag = await screen.findByRole('textbox', { name: 'Safety tag name' })
  await userEvent.clear(tag)
  await userEvent.type(tag, 'q1')
  expect(screen.getByText('The table already has a tag q1.')).toBeTruthy()
  await userEvent.type(screen.getByLabelText(/^Type/), 'demo.flights')
  expect(screen.getByRole('button', { name: 'Roll back' })).toHaveProperty('disabled', true)
  await userEvent.type(tag, '-before')
  await waitFor(() => expect(previewedTags).toContain('q1-before'))
  expect(previewedTags).not.toContain('q1')
  expect(screen.getByRole('table', { name: 'Impact' })).toBeTruthy()
  await enabledButton('Roll back')
})

it.each([
  ['Roll back', 'Restored', { removedSnapshotCount: 1, addedSnapshotCount: 0 }],
  ['Fast-forward', 'Added', { removedSnapshotCount: 0, addedSnapshotCount: 1 }],
  ['Move', 'Added', { removedSnapshotCount: 1, addedSnapshotCount: 1 }],
])('%s calls the rows that main gains %s', async (action, gained, counts) => {
  answer(REFS, { ...IMPACT, ...counts })
  renderInTable(
    <RefMovePanel branch="main" to="snapshot:12" onChoose={() => {}} onClose={() => {}} onDone={() => {}} />,
  )
  const impact = await screen.findByRole('table', { name: 'Impact' })
  expect(screen.getByRole('complementary', { name: `${action} main` })).toBeTruthy()
  const names = within(impact).getAllByRole('columnheader')
  expect(names.map(({ textContent }) => textContent)).toEqual(['Figure', 'Now', 'Removed', gained, 'After'])
})

it('rolls back a branch whose current snapshot cannot be read, and says what is not known', async () => {
  const unknown = { now: null, removed: null, restored: null, after: 10 }
  const currentFilesProblem = 'The manifest list snap-13.avro cannot be read: it is not an Avro file'
  answer(REFS, { ...IMPACT, rows: unknown, currentFilesProblem })
  renderInTable(
    <RefMovePanel branch="main" to="snapshot:12" onChoose={() => {}} onClose={() => {}} onDone={() => {}} />,
  )
  expect(await screen.findByText(/current snapshot cannot be counted: The manifest list snap-13.avro/)).toBeTruthy()
  const rows = screen.getByRole('row', { name: /^Rows/ })
  expect(within(rows).getAllByTitle('not known')).toHaveLength(3)
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
  expect(screen.getByRole('button', { name: 'Roll back' })).toHaveProperty('disabled', false)
})

it('says that another commit came first, and that nothing was changed', async () => {
  answer()
  const preview = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint !== commitChanges) return preview?.(endpoint, input)
    throw new AppError('commit-conflict', 'main was at snapshot 13, and is at 14.')
  })
  const onDone = vi.fn()
  renderInTable(<RefMovePanel branch="main" to="snapshot:12" onChoose={() => {}} onClose={() => {}} onDone={onDone} />)
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Roll back'))
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('This does not fit the table as it is now')
  expect(note.textContent).toContain('main was not changed.')
  expect(onDone).not.toHaveBeenCalled()
})

/** Everything that the browser stores. */
function storedText(): string {
  return Object.keys(localStorage)
    .map((key) => localStorage.getItem(key))
    .join('\n')
}
