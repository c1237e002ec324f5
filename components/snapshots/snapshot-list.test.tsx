// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listSnapshots, type RollbackImpact, previewRollback, type Snapshot } from '@/lib/contract/snapshots'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { SnapshotList } from './snapshot-list'

const call = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api/call', () => ({ call }))
vi.mock('next/navigation', () => ({ usePathname: () => '/' }))

const none = { added: null, removed: null }
const SNAPSHOTS = [
  toSnapshot('13', '12', { refs: [{ name: 'main', type: 'branch' }] }),
  toSnapshot('21', '12', { refs: [{ name: 'a-branch-with-a-long-name', type: 'branch' }], isOnMain: false }),
  toSnapshot('12', '11', { refs: [{ name: 'at-12', type: 'branch' }] }),
  toSnapshot('11', null, { refs: [{ name: 'q1', type: 'tag' }] }),
]
const row = { now: 30, removed: 20, restored: 0, after: 10 }
const IMPACT: RollbackImpact = {
  fromSnapshotId: '13',
  fromCommittedAtMs: 3_000,
  toSnapshotId: '11',
  toCommittedAtMs: 1_000,
  rows: row,
  dataFiles: row,
  deleteFiles: row,
  bytes: row,
  schemaNow: 0,
  schemaThen: 0,
  columnsThenNull: [],
  stepCount: 2,
  stepCountForward: 0,
  otherRefs: [],
  unreachedSnapshotIds: [],
  unreachedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}

beforeEach(() => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listSnapshots) {
      return { mainSnapshotId: '13', totalCount: SNAPSHOTS.length, snapshots: SNAPSHOTS, nextOffset: null }
    }
    if (endpoint === previewRollback) return IMPACT
    throw new Error('unexpected call')
  })
})
afterEach(() => {
  cleanup()
  call.mockReset()
})

it('opens the rollback of the address, with the safety tag before the commit', async () => {
  renderInTable(<SnapshotList />, { search: '?rollback=11' })
  const panel = await screen.findByRole('complementary', { name: 'Roll back main' })
  const tag = await within(panel).findByRole('checkbox', { name: /safety tag/ })
  const request = within(panel).getByRole('region', { name: 'The commit' })
  expect(tag.compareDocumentPosition(request)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
})

it.each([
  ['abc', '“abc” is not a snapshot id.'],
  ['123', 'The table has no snapshot 123.'],
])('says that the snapshot of a rollback in the address does not exist, with the way back: %s', async (id, detail) => {
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint !== previewRollback) return answer?.(endpoint)
    throw new AppError('not-found', 'The table has no snapshot 123.', { facts: { snapshotId: '123' } })
  })
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<SnapshotList />, { search: `?rollback=${id}`, onUrlUpdate })
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('No such snapshot')
  expect(note.textContent).toContain(detail)
  expect(note.textContent).toContain('Choose a snapshot from the list.')
  expect(note.textContent).not.toMatch(/Explore|renamed|request/)
  await userEvent.click(within(note).getByRole('button', { name: 'Back to the snapshots' }))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('')
})

it('draws the steps that a rollback would leave, and rings its target', async () => {
  renderInTable(<SnapshotList />, { search: '?rollback=11' })
  await screen.findByRole('complementary', { name: 'Roll back main' })
  const steps = [...document.querySelectorAll('svg[data-step]')].map((graph) => graph.getAttribute('data-step'))
  expect(steps).toEqual(['left', 'other', 'left', 'target'])
})

it('keeps an open panel in the address, and returns the focus to its button when it closes', async () => {
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<SnapshotList />, { onUrlUpdate })
  await userEvent.click(await screen.findByRole('button', { name: 'Roll back to 12' }))
  await screen.findByRole('complementary', { name: 'Roll back main' })
  expect(onUrlUpdate.mock.lastCall?.[0]).toMatchObject({ queryString: '?rollback=12', options: { history: 'push' } })
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Roll back to 12' })))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('')
  await userEvent.click(screen.getByText('11'))
  await screen.findByRole('complementary', { name: 'Snapshot' })
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('?opened=11')
})

it('gives a branch the colour of its lane, and its chip the whole name', async () => {
  renderInTable(<SnapshotList />)
  const chipOf = async (name: string) => (await screen.findByTitle(name)).style.borderColor
  expect(await chipOf('branch main')).toBe('var(--c1)')
  expect(await chipOf('branch at-12')).toBe('var(--c1)')
  expect(await chipOf('branch a-branch-with-a-long-name')).toBe('var(--c2)')
})

it('offers no rollback while the page looks back, and says that the list is of now', async () => {
  renderInTable(<SnapshotList />, { detail: SAMPLE_PAST, search: '?rollback=11' })
  expect(await screen.findByText('The list is as of now.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Roll back/ })).toBeNull()
  expect(screen.queryByRole('complementary')).toBeNull()
})

function toSnapshot(snapshotId: string, parentSnapshotId: string | null, change: Partial<Snapshot>): Snapshot {
  return {
    snapshotId,
    parentSnapshotId,
    sequenceNumber: 1,
    committedAtMs: 1_000,
    operation: 'append',
    writer: null,
    schemaId: 0,
    summary: {},
    refs: [],
    isOnMain: true,
    rows: none,
    files: none,
    bytes: none,
    ...change,
  }
}
