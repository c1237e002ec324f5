// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { dropTable, listPurgedFiles, type PurgedFiles, reviewTableDrop } from '@/lib/contract/lifecycle/tables'
import { getChangePolicy } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_DROP_REVIEW } from '@/testing/components/sample-drop-review'
import { stubApi } from '@/testing/components/stub-api'
import { DropPanel } from './drop-panel'

const call = stubApi()

const PROBLEM = 'demo.copy has a folder in common with this table.'
const LISTED: PurgedFiles = {
  kinds: [{ kind: 'data', fileCount: 2, sizeBytes: 20 }],
  files: [],
  retainedFileCount: 0,
  outsideFileCount: 1,
  missingCount: 1,
  isTruncated: false,
  isCatalogPurge: true,
}

/** The review with the files, sent when a test resolves it. */
let review: PromiseWithResolvers<string | null>
/** Why the table cannot be dropped at all. */
let dropProblem: string | null

beforeEach(() => {
  review = Promise.withResolvers()
  dropProblem = null
  call.mockImplementation(async (endpoint: unknown, input: { keepsFiles?: string }) => {
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === listPurgedFiles) return LISTED
    if (endpoint !== reviewTableDrop) throw new Error('unexpected call')
    const purgeProblem = input.keepsFiles === undefined ? await review.promise : null
    return { ...SAMPLE_DROP_REVIEW, canRestore: false, dropProblem, purgeAfterMs: 0, purgeProblem }
  })
})
afterEach(cleanup)

const renderPanel = () => renderInTable(<DropPanel table={SAMPLE_IDENTIFIER} onClose={vi.fn()} />, { role: 'editor' })
const choose = async (name: string) =>
  userEvent.click(await screen.findByRole('radio', { name: new RegExp(`^${name}`) }))
const confirm = async () => userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
const button = (name: string) => screen.findByRole('button', { name })

it('The removal of files waits until it is known whether other tables share a folder', async () => {
  renderPanel()
  await choose('Delete')
  await confirm()
  expect(await screen.findByText('Looking for tables that share a folder with this one')).toBeTruthy()
  expect(await button('Drop and remove files')).toHaveProperty('disabled', true)
  review.resolve(null)
  await enabledButton('Drop and remove files')
  expect(screen.queryByText('Looking for tables that share a folder with this one')).toBeNull()
})

it('The removal of files in a shared folder is not offered, while the drop without them is', async () => {
  renderPanel()
  await choose('Delete')
  review.resolve(PROBLEM)
  expect(await screen.findByText(PROBLEM)).toBeTruthy()
  expect(await button('Drop and remove files')).toHaveProperty('disabled', true)
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  expect(screen.queryByLabelText('Files that are removed')).toBeNull()
  await choose('Keep')
  await confirm()
  await enabledButton('Drop')
  expect(screen.queryByText(PROBLEM)).toBeNull()
})

it('The drop of a protected table says so, and is not offered', async () => {
  dropProblem = 'The table is protected.'
  renderPanel()
  expect(await screen.findByText(/The table is protected/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Drop' })).toBeNull()
})

it('A drop that is refused because the table has changed says so in the panel', async () => {
  renderPanel()
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint !== dropTable) return answer?.(endpoint, input)
    throw new AppError('version-conflict', 'demo.flights has changed since you reviewed it.')
  })
  await confirm()
  await userEvent.click(await enabledButton('Drop'))
  expect((await screen.findByRole('alert')).textContent).toContain('has changed since you reviewed')
  expect(await button('Drop')).toBeTruthy()
})

it('The list of files says what the catalog decides, what it may remove elsewhere, and what is missing', async () => {
  renderPanel()
  review.resolve(null)
  await choose('Delete')
  expect(await screen.findByText(/^The catalog decides what it removes\./)).toBeTruthy()
  expect(screen.getByText(/^1 of these files is outside of the table’s own folders/)).toBeTruthy()
  expect(screen.getByText(/^1 manifest or manifest list is gone\./)).toBeTruthy()
})
