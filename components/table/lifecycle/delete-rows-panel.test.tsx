// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { getChangePolicy } from '@/lib/contract/proposals'
import { reviewRowDeletion, type RowDeletionReview, startRowDeletion } from '@/lib/contract/table/row-deletions'
import type { TableDetail } from '@/lib/contract/table/tables'
import { paths } from '@/lib/paths/paths'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { DeleteRowsPanel } from './delete-rows-panel'
import { TableActions } from './table-actions'
// Loaded when they are needed: here before a test waits for them.
import '@/components/table/rows/filter/row-filter'
import './table-menu-items'

const call = stubApi()

const REVIEW: RowDeletionReview = {
  where: 'delay > 60',
  branch: 'main',
  snapshotId: '13',
  mode: 'merge-on-read',
  deleteFormat: 'deletion-vectors',
  wholeFileCount: 2,
  wholeFileBytes: 2_000,
  wholeRowCount: 1_000,
  candidateFileCount: 3,
  readFileCount: 3,
  matchingFileCount: 1,
  matchingFileBytes: 500,
  matchingRowCount: 234,
  isComplete: true,
}
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 7, name: 'delay', type: 'int' as const, required: false }],
}
const DETAIL: TableDetail = { ...SAMPLE_DETAIL, schema: SCHEMA }
/** By the id of the column. */
const WHERE = '{"type":"gt","term":{"type":"reference","id":7},"value":60}'

let review: RowDeletionReview
let push: ReturnType<typeof vi.fn<(href: string) => void>>

beforeEach(() => {
  review = REVIEW
  push = vi.fn<(href: string) => void>()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === reviewRowDeletion) return review
    if (endpoint === startRowDeletion) return { run: SAMPLE_RUN }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const renderPanel = (search: string, detail: TableDetail = DETAIL) =>
  renderInTable(<DeleteRowsPanel table={SAMPLE_IDENTIFIER} onClose={vi.fn()} />, { search, detail, router: { push } })

it('The rows that pass the filter are deleted after their review and the typed name', async () => {
  renderPanel('where=delay > 60')
  expect(await screen.findByText('delay > 60')).toBeTruthy()
  expect(screen.getByText('1,234 rows')).toBeTruthy()
  expect(await screen.findByRole('button', { name: 'Delete 1,234 rows' })).toHaveProperty('disabled', true)
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Delete 1,234 rows'))
  await vi.waitUntil(() => push.mock.calls.length > 0, { timeout: 20_000 })
  expect(push).toHaveBeenCalledWith(paths.run(SAMPLE_RUN.id))
  expect(call.mock.calls.find(([endpoint]) => endpoint === startRowDeletion)?.[1]).toMatchObject({
    where: WHERE,
    confirmedName: 'demo.flights',
    idempotencyKey: expect.any(String),
  })
})

it('A count that was not finished says so', async () => {
  review = { ...REVIEW, isComplete: false, readFileCount: 1 }
  renderPanel('where=delay > 60')
  expect(await screen.findByRole('button', { name: 'Delete at least 1,234 rows' })).toBeTruthy()
  expect(screen.getByText('1 of 3 files')).toBeTruthy()
})

it('A filter that no row passes deletes nothing', async () => {
  review = { ...REVIEW, wholeFileCount: 0, wholeRowCount: 0, matchingFileCount: 0, matchingRowCount: 0 }
  renderPanel('where=delay > 60')
  expect(await screen.findByText('No row matches.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Delete/ })).toBeNull()
})

it('The rows of a branch are deleted from that branch', async () => {
  const shown = { ...SAMPLE_DETAIL.shown, ref: { name: 'audit', type: 'branch' as const }, isCurrent: false }
  renderPanel('where=delay > 60', { ...DETAIL, shown })
  await screen.findByText('1,234 rows')
  expect(call.mock.calls.find(([endpoint]) => endpoint === reviewRowDeletion)?.[1]).toMatchObject({
    where: WHERE,
    branch: 'audit',
  })
})

async function offers(
  detail: TableDetail,
  { search = 'where=delay > 60', tab = 'data' }: { search?: string; tab?: 'data' | 'schema' } = {},
): Promise<boolean> {
  cleanup()
  renderInTable(
    <TableActions table={SAMPLE_IDENTIFIER} detail={{ ...detail, abilities: ['commit-table', 'drop-table'] }} />,
    {
      detail,
      search,
      pathname: paths.table(SAMPLE_IDENTIFIER, tab),
    },
  )
  await userEvent.click(await screen.findByRole('button', { name: 'Table actions' }))
  await screen.findAllByRole('menuitem')
  return screen.queryByRole('menuitem', { name: 'Delete matching rows…' }) !== null
}

it('The menu offers it for the filtered rows of a branch, to users who may propose it', async () => {
  expect(await offers(DETAIL)).toBe(true)
  expect(await offers(DETAIL, { search: '' })).toBe(false)
  expect(await offers(DETAIL, { tab: 'schema' })).toBe(false)
  expect(await offers({ ...SAMPLE_PAST, schema: SCHEMA })).toBe(false)
})
