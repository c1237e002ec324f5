// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  commitViewProposal,
  getViewProposal,
  listViewProposals,
  type ProposedViewAction,
  returnViewProposal,
  type ViewProposal,
} from '@/lib/contract/proposals'
import {
  listViewUses,
  reviewViewDrop,
  reviewViewEdit,
  reviewViewRename,
  type ViewEditReview,
} from '@/lib/contract/lifecycle/views'
import type { TableUse } from '@/lib/contract/table/uses'
import { getChangePolicy } from '@/lib/contract/proposals'
import { getView, type ViewDetail, type ViewVersion } from '@/lib/contract/views'
import type { Role } from '@/lib/permissions'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleUse } from '@/testing/contract/sample-use'
import { ProposalPage } from './proposal-page'
import { ProposalsPage } from './proposals-page'

const call = stubApi()
const replace = vi.fn()

const VIEW = { catalog: 'local', namespace: ['demo'], view: 'routes' }
const schema = { schemaId: 0, identifierFieldIds: [], fields: [] }
const defaults = { defaultCatalog: null, defaultNamespace: ['demo'] }
const version = (versionId: number, sql: string): ViewVersion => ({
  versionId,
  createdAtMs: 1_700_000_000_000,
  schemaId: 0,
  writer: null,
  summary: {},
  ...defaults,
  representations: [
    { type: 'sql', dialect: 'spark', sql },
    { type: 'sql', dialect: 'trino', sql: 'SELECT kept' },
  ],
})
const DETAIL: ViewDetail = {
  viewUuid: 'd20125c8-7284-442c-9aea-15fee620737c',
  formatVersion: 1,
  catalogKind: 'embedded',
  abilities: ['commit-view', 'rename-view', 'drop-view'],
  location: 'file:///lake/demo/routes',
  metadataLocation: 'file:///lake/demo/routes/metadata/2.json',
  properties: {},
  currentVersionId: 2,
  currentSinceMs: null,
  openProposalCount: 1,
  versions: [version(2, 'SELECT before'), version(1, 'SELECT first')],
  versionCount: 2,
  schemas: [schema],
}
const NEW_SQL: ProposedViewAction = {
  kind: 'change-view',
  edit: {
    kind: 'replace',
    baseVersionId: 2,
    retainedDialects: ['trino'],
    representations: [{ dialect: 'spark', sql: 'SELECT after' }],
    ...defaults,
    schema,
  },
}
const statements = { spark: 'DROP VIEW x', trino: 'DROP VIEW x', pyiceberg: 'x' }
const request = { method: 'DELETE', path: '/v1/x', body: null }
let proposal: ViewProposal
let uses: TableUse[]
let editReview: Pick<ViewEditReview, 'request' | 'lostColumns'>
let blockers: { part: 'version'; message: string; dialect: null }[]

const proposed = (action: ProposedViewAction, change: Partial<ViewProposal> = {}): ViewProposal => ({
  proposalId: 'p1',
  title: 'As agreed',
  note: 'on Monday',
  proposedBy: 'vera',
  isOwn: false,
  createdAtMs: Date.now() - 60_000,
  expiresAtMs: Date.now() + 86_400_000,
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  auditId: null,
  action,
  ...change,
})

beforeEach(() => {
  blockers = []
  uses = []
  editReview = { request: null, lostColumns: [] }
  proposal = proposed(NEW_SQL)
  replace.mockReset()
  call.mockImplementation(async (endpoint: unknown, input: { comment?: string }) => {
    if (endpoint === getViewProposal) return { proposal }
    if (endpoint === listViewProposals) return { proposals: [proposal] }
    if (endpoint === getView) return DETAIL
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === reviewViewEdit)
      return { ...editReview, scripts: null, blockers, warnings: ['Trino keeps its SQL.'], conflict: null }
    if (endpoint === reviewViewRename)
      return { request, statements, nameProblem: null, renameProblem: null, warnings: [] }
    if (endpoint === reviewViewDrop)
      return {
        metadataLocation: DETAIL.metadataLocation,
        problem: null,
        versionCount: 2,
        dialects: ['spark'],
        canRestore: true,
        dropProblem: null,
        request,
        statements,
      }
    if (endpoint === listViewUses) return { uses, isTruncated: false, missingCatalogs: [] }
    if (endpoint === commitViewProposal) {
      proposal = { ...proposal, state: 'committed', decidedBy: 'ada', decidedAtMs: Date.now(), auditId: 'a7' }
      return { auditId: 'a7', metadataLocation: null }
    }
    if (endpoint === returnViewProposal) {
      proposal = {
        ...proposal,
        state: 'returned',
        decidedBy: 'ada',
        decidedAtMs: Date.now(),
        comment: input.comment ?? '',
      }
      return { proposal }
    }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const show = (role: Role = 'editor') =>
  renderInTable(<ProposalPage entry={VIEW} proposalId="p1" />, {
    role,
    router: { replace },
    pathname: window.location.pathname,
  })
const inputsOf = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)
const button = (name: string) => screen.findByRole('button', { name })

it('shows how the view would differ, and commits that', async () => {
  show()
  expect(await screen.findByText('Write a new version in spark')).toBeTruthy()
  const diff = await screen.findByRole('region', { name: 'Change of the SQL, spark' })
  expect(diff.textContent).toContain('removed: SELECT before')
  expect(diff.textContent).toContain('added: SELECT after')
  expect(screen.queryByRole('region', { name: 'Change of the SQL, trino' })).toBeNull()
  expect(await screen.findByText('Trino keeps its SQL.')).toBeTruthy()
  await userEvent.click(await enabledButton('Commit'))
  expect(await screen.findByText('committed')).toBeTruthy()
  expect(inputsOf(commitViewProposal)).toEqual([
    { ...VIEW, proposalId: 'p1', confirmedName: undefined, idempotencyKey: expect.any(String) },
  ])
})

it('leads an admin to the entry of its commit in the audit', async () => {
  proposal = proposed(NEW_SQL, { state: 'committed', decidedBy: 'eric', decidedAtMs: Date.now(), auditId: 'a7' })
  show('admin')
  expect(await screen.findByRole('link', { name: 'entry in the audit' })).toHaveProperty(
    'href',
    expect.stringMatching(/\/audit\/a7$/),
  )
  cleanup()
  show('editor')
  expect(await screen.findByText('Write a new version in spark')).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'entry in the audit' })).toBeNull()
})

it('commits nothing that no longer fits, and says why', async () => {
  blockers = [{ part: 'version', message: 'The view reads itself.', dialect: null }]
  show()
  expect(await screen.findByText('The view reads itself.')).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
})

it('A proposal is decided by users who may', async () => {
  show('viewer')
  expect(await screen.findByText('You need the editor role to commit a proposal.')).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
  expect(screen.queryByRole('button', { name: 'Send back…' })).toBeNull()
})

it('A proposal is sent back with a comment', async () => {
  show()
  await userEvent.click(await button('Send back…'))
  await userEvent.type(screen.getByRole('textbox', { name: /What vera should know/ }), 'Not yet.')
  await userEvent.click(await button('Send back'))
  expect(await screen.findByText('Not yet.')).toBeTruthy()
  expect(inputsOf(returnViewProposal)).toEqual([{ ...VIEW, proposalId: 'p1', comment: 'Not yet.' }])
})

it('shows the properties of a proposed change, before and after', async () => {
  const changes = [{ name: 'comment', base: null, value: 'busy' }]
  proposal = proposed({ kind: 'change-view', edit: { kind: 'properties', changes } })
  show()
  const row = (await screen.findByText('busy')).closest('tr')
  expect(row?.textContent).toMatch(/comment.*not set.*busy/)
})

it('shows both versions of a proposed roll back', async () => {
  proposal = proposed({ kind: 'change-view', edit: { kind: 'roll-back', baseVersionId: 2, versionId: 1 } })
  show()
  const diff = await screen.findByRole('region', { name: 'From version 2 to 1, spark' })
  expect(diff.textContent).toContain('added: SELECT first')
})

it('says which tables the same SQL would read, when a proposal changes where its names are looked up', async () => {
  const edit = {
    kind: 'replace' as const,
    baseVersionId: 2,
    retainedDialects: ['spark', 'trino'],
    representations: [],
    schema,
  }
  proposal = proposed({
    kind: 'change-view',
    edit: { ...edit, defaultCatalog: 'local', defaultNamespace: ['team'] },
  })
  show()
  expect(
    await screen.findByText('The SQL stays as it is, but names without a namespace or a catalog mean other tables.'),
  ).toBeTruthy()
  expect(screen.queryByText('The SQL stays as it is.')).toBeNull()
  const valueOf = (label: string) => screen.getByText(label).nextElementSibling?.textContent
  expect(valueOf('Names without a namespace')).toBe('demo → team')
  expect(valueOf('Names without a catalog')).toBe('the catalog of the view → local')
  cleanup()
  proposal = proposed({ kind: 'change-view', edit: { ...edit, ...defaults } })
  show()
  expect(await screen.findByText('The SQL stays as it is.')).toBeTruthy()
  expect(screen.queryByText(/^Names without/)).toBeNull()
})

it('says where names are looked up, when the version before is gone', async () => {
  const edit = { kind: 'replace' as const, baseVersionId: 7, retainedDialects: ['spark'], representations: [], schema }
  proposal = proposed({ kind: 'change-view', edit: { ...edit, defaultCatalog: null, defaultNamespace: ['team'] } })
  show()
  const label = await screen.findByText('Names without a namespace')
  expect(label.nextElementSibling?.textContent).toBe('team')
})

it('leads to the new name after a rename', async () => {
  proposal = proposed({ kind: 'rename-view', toNamespace: ['demo'], toView: 'paths' })
  show()
  await userEvent.click(await enabledButton('Rename'))
  await waitFor(() => expect(replace).toHaveBeenCalledWith(expect.stringContaining('/views/paths/proposals/p1')))
})

it('names what reads a view, and asks for its name before a rename that breaks it', async () => {
  uses = [sampleUse({ name: 'Repeat buyers', columns: ['id'] })]
  proposal = proposed({ kind: 'rename-view', toNamespace: ['demo'], toView: 'paths' })
  show()
  expect((await screen.findByText('Repeat buyers')).closest('li')?.textContent).toContain('Fails at its next run.')
  expect(screen.getByText('The only known reader breaks.').parentElement?.textContent).toContain(
    'Engines and other programs that read the view are not known.',
  )
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.routes')
  await userEvent.click(await enabledButton('Rename'))
  await waitFor(() => expect(inputsOf(commitViewProposal)).toMatchObject([{ confirmedName: 'demo.routes' }]))
})

it('names what reads the columns that a new version of a view loses, or the view itself', async () => {
  uses = [sampleUse({ name: 'Repeat buyers', columns: ['id'] }), sampleUse({ name: 'Days', columns: ['day'] })]
  editReview = { request: { path: '/v1/x', body: '{}' }, lostColumns: ['day'] }
  show()
  const readers = await screen.findByRole('group', { name: 'What happens to readers' })
  expect(within(readers).getByRole('listitem').textContent).toContain('by ada · dayFails at its next run.')
  expect(within(readers).getByRole('link', { name: 'Open the query' })).toHaveProperty(
    'href',
    expect.stringContaining('saved=Days'),
  )
  expect(screen.queryByText('Repeat buyers')).toBeNull()
  cleanup()
  editReview = { ...editReview, lostColumns: [] }
  show()
  expect((await screen.findByText('Days')).closest('p, div')?.textContent).toContain('2 saved queries use the view')
  cleanup()
  proposal = proposed({ kind: 'drop-view' })
  show()
  expect((await screen.findByText('Days')).closest('li')?.textContent).toContain('Fails at its next run.')
  expect(screen.getByText('2 of 2 known readers break.')).toBeTruthy()
})

it('asks for the name before a drop, and drops the version that is shown', async () => {
  proposal = proposed({ kind: 'drop-view' })
  show()
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.routes')
  await userEvent.click(await enabledButton('Drop'))
  await waitFor(() => expect(replace).toHaveBeenCalledWith(expect.stringMatching(/\/namespaces\/demo$/)))
  expect(inputsOf(commitViewProposal)).toMatchObject([
    { reviewed: { kind: 'drop', metadataLocation: DETAIL.metadataLocation }, confirmedName: 'demo.routes' },
  ])
})

it('A proposal is listed with the proposals of its view', async () => {
  renderInTable(<ProposalsPage entry={VIEW} />, {})
  expect(await screen.findByRole('link', { name: 'As agreed' })).toHaveProperty(
    'href',
    expect.stringContaining('/views/routes/proposals/p1'),
  )
  expect(screen.getByRole('link', { name: 'Back to the view' })).toBeTruthy()
})
