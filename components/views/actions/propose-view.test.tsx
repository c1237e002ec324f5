// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { reviewViewDrop, reviewViewRename } from '@/lib/contract/lifecycle/views'
import { listNamespaces } from '@/lib/contract/namespaces'
import { getChangePolicy, proposeViewChange } from '@/lib/contract/proposals'
import type { ViewDetail } from '@/lib/contract/views'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable } from '@/testing/components/render-in-table'
import { SAMPLE_DROP_REVIEW } from '@/testing/components/sample-drop-review'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { DropViewPanel } from './drop-view-panel'
import { RenameViewPanel } from './rename-view-panel'

const call = stubApi()
afterEach(cleanup)

const VIEW = { catalog: 'local', namespace: ['demo'], view: 'busy_routes' }
const DETAIL: ViewDetail = {
  viewUuid: 'd20125c8-7284-442c-9aea-15fee620737c',
  formatVersion: 1,
  catalogKind: 'embedded',
  abilities: ['commit-view'],
  location: 'file:///lake/demo/busy_routes',
  metadataLocation: 'file:///lake/demo/busy_routes/metadata/1.json',
  properties: {},
  currentVersionId: 1,
  currentSinceMs: null,
  openProposalCount: 0,
  versions: [],
  versionCount: 0,
  schemas: [],
}
const { request, statements } = SAMPLE_DROP_REVIEW.drop

beforeEach(() => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy) return { requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null }
    if (endpoint === listNamespaces) return { namespaces: [], isTruncated: false, skippedCount: 0 }
    if (endpoint === reviewViewRename)
      return { request, statements, nameProblem: null, renameProblem: null, warnings: [] }
    if (endpoint === reviewViewDrop)
      return {
        metadataLocation: DETAIL.metadataLocation,
        problem: null,
        versionCount: 2,
        dialects: ['duckdb'],
        canRestore: true,
        dropProblem: null,
        request,
        statements,
      }
    if (endpoint === proposeViewChange)
      return { proposal: { ...SAMPLE_PROPOSAL, title: 'As agreed', action: { kind: 'drop-view' } } }
    throw new Error('unexpected call')
  })
})

async function propose() {
  await userEvent.click(await enabledButton('Propose…'))
  await userEvent.click(await enabledButton('Propose'))
  expect(await screen.findByRole('link', { name: 'As agreed' })).toBeTruthy()
}
const proposed = () => call.mock.calls.filter(([one]) => one === proposeViewChange).map(([, input]) => input)

it('proposes another name of a view where two people are needed', async () => {
  renderInTable(<RenameViewPanel view={VIEW} detail={DETAIL} onClose={vi.fn()} />, { role: 'viewer' })
  const name = await screen.findByLabelText('Name')
  await userEvent.clear(name)
  await userEvent.type(name, 'agreed')
  await waitFor(() => expect(call.mock.calls.some(([one]) => one === reviewViewRename)).toBe(true))
  expect(await screen.findByRole('button', { name: 'Rename' })).toHaveProperty('disabled', true)
  await propose()
  expect(proposed()).toMatchObject([
    { ...VIEW, action: { kind: 'rename-view', toNamespace: ['demo'], toView: 'agreed' } },
  ])
})

it('proposes the drop of a view, and asks for no name', async () => {
  renderInTable(<DropViewPanel view={VIEW} detail={DETAIL} onClose={vi.fn()} />, { role: 'viewer' })
  expect(await screen.findByRole('button', { name: 'Drop' })).toHaveProperty('disabled', true)
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  await propose()
  expect(proposed()).toMatchObject([{ ...VIEW, action: { kind: 'drop-view' } }])
})
