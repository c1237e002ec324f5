// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { getRewrite, getRewritePreview, type RewritePreview } from '@/lib/contract/table/rewrites'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { ExistingFiles } from './existing-files'

const call = stubApi()
const PREVIEW: RewritePreview = {
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

beforeEach(() => {
  localStorage.clear()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getRewrite) return { run: null }
    if (endpoint === getRewritePreview) return PREVIEW
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === proposeChanges) return { proposal: { ...SAMPLE_PROPOSAL, title: 'Smaller files' } }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

/** As the studio draws it. */
function Offered() {
  const { isOffered } = useCanEdit()
  return <ExistingFiles canChange={isOffered === true} hasPendingChanges={false} />
}

it('A user who may only propose is offered the rewrite, and proposes it', async () => {
  renderInTable(<Offered />, { role: 'viewer' })
  await userEvent.click(await screen.findByRole('button', { name: 'Rewrite now…' }))
  const start = await screen.findByRole('button', { name: 'Rewrite 3 files' })
  expect(start).toHaveProperty('disabled', true)
  expect(screen.getByText(/Another user can commit what you propose/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Propose…' }))
  await userEvent.click(screen.getByRole('button', { name: 'Propose' }))
  expect(await screen.findByRole('link', { name: 'Smaller files' })).toBeTruthy()
  const sent = call.mock.calls.find(([endpoint]) => endpoint === proposeChanges)?.[1]
  expect(sent).toMatchObject({ ...SAMPLE_IDENTIFIER, action: { kind: 'rewrite-files' } })
})

it('says what settings and a rewrite apply to', async () => {
  renderInTable(<Offered />)
  expect(
    await screen.findByText(
      'Settings apply to new files. A rewrite applies them to existing files, with the same rows.',
    ),
  ).toBeTruthy()
})
