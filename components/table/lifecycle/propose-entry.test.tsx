// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { renameTable, reviewTableDrop, reviewTableRename, type TableDropReview } from '@/lib/contract/lifecycle/tables'
import { listNamespaces } from '@/lib/contract/namespaces'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { listTableClients, type TableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { enabledButton } from '@/testing/components/enabled-button'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_DROP_REVIEW } from '@/testing/components/sample-drop-review'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { sampleUse } from '@/testing/contract/sample-use'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { DropPanel } from './drop-panel'
import { RenameTablePanel } from './rename-table-panel'

const call = stubApi()

let requiredBy: string[] | null
let dropReview: TableDropReview
let renameProblem: string | null
let uses: TableUse[]
/** The uses when the server reads them; null: the same. */
let usesAtRename: TableUse[] | null
let clients: TableClients

beforeEach(() => {
  requiredBy = null
  renameProblem = null
  uses = []
  usesAtRename = null
  clients = NO_CLIENTS
  dropReview = SAMPLE_DROP_REVIEW
  call.mockImplementation(async (endpoint: unknown, input: { confirmedName?: string }) => {
    if (endpoint === getChangePolicy)
      return { requiresProposal: requiredBy !== null, requiredBy, enginesBlockedBy: null }
    if (endpoint === listNamespaces) return { namespaces: [], isTruncated: false, skippedCount: 0 }
    if (endpoint === reviewTableDrop) return dropReview
    if (endpoint === reviewTableRename)
      return {
        request: { method: 'POST', path: '/v1/rename', body: '{}' },
        statements: SAMPLE_DROP_REVIEW.drop.statements,
        nameProblem: null,
        renameProblem,
        warnings: ['The namespace has the table Trips already.'],
      }
    if (endpoint === listTableUses) return { uses, isTruncated: false, missingCatalogs: [] }
    if (endpoint === listTableClients) return clients
    if (endpoint === renameTable) {
      uses = usesAtRename ?? uses
      if (uses.length > 0 && input.confirmedName === undefined)
        throw new AppError('invalid-request', '1 saved query uses demo.flights. To confirm, type demo.flights.')
      return { auditId: 'a1' }
    }
    if (endpoint === proposeChanges) return { proposal: { ...SAMPLE_PROPOSAL, title: 'As agreed' } }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const proposed = () => call.mock.calls.filter(([one]) => one === proposeChanges).map(([, input]) => input)
const button = (name: string) => screen.findByRole('button', { name })
const show = (Panel: typeof DropPanel, role: Role) =>
  renderInTable(<Panel table={SAMPLE_IDENTIFIER} onClose={vi.fn()} />, { role })
async function propose() {
  const open = await button('Propose…')
  await waitFor(() => expect(open).toHaveProperty('disabled', false))
  await userEvent.click(open)
  await userEvent.click(await button('Propose'))
  expect(await screen.findByRole('link', { name: 'As agreed' })).toBeTruthy()
}

it('proposes a drop with its files where changes need two people, and asks for no name', async () => {
  requiredBy = ['demo']
  show(DropPanel, 'editor')
  expect(await screen.findByText(/Changes of tables in demo need two people: propose them/)).toBeTruthy()
  await userEvent.click(screen.getByRole('radio', { name: /^Delete after/ }))
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  expect(await button('Drop and remove files')).toHaveProperty('disabled', true)
  await propose()
  expect(proposed()).toMatchObject([{ action: { kind: 'drop', isPurge: true } }])
  expect(screen.queryByRole('button', { name: 'Drop and remove files' })).toBeNull()
})

it('The drop of a table whose metadata cannot be read is not proposed', async () => {
  dropReview = { ...SAMPLE_DROP_REVIEW, metadataLocation: null, problem: { code: 'file-missing', detail: 'Gone.' } }
  show(DropPanel, 'editor')
  expect(await screen.findByLabelText(/^Type/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Propose…' })).toBeNull()
})

it('proposes the name that a user typed who may not rename', async () => {
  show(RenameTablePanel, 'viewer')
  const name = await screen.findByLabelText('Name')
  await userEvent.clear(name)
  await userEvent.type(name, 'trips{Enter}')
  expect(await screen.findByText(/You need the editor role to commit/)).toBeTruthy()
  expect(await screen.findByText('The namespace has the table Trips already.')).toBeTruthy()
  expect(await button('Rename')).toHaveProperty('disabled', true)
  await propose()
  expect(proposed()).toMatchObject([{ action: { kind: 'rename', toNamespace: ['demo'], toTable: 'trips' } }])
})

it('says before a name is typed that a protected table gets no other one', async () => {
  renameProblem = 'The table is protected.'
  show(RenameTablePanel, 'editor')
  expect(await screen.findByText('The table is protected.')).toBeTruthy()
  expect(screen.getByLabelText('Name')).toHaveProperty('disabled', true)
  expect(await button('Rename')).toHaveProperty('disabled', true)
})

it('says before a name is typed that the user may only propose one', async () => {
  show(RenameTablePanel, 'viewer')
  expect(await screen.findByText(/You need the editor role to commit/)).toBeTruthy()
  expect(await button('Rename')).toHaveProperty('disabled', true)
})

const renames = () => call.mock.calls.filter(([one]) => one === renameTable).map(([, input]) => input)
async function renameToTrips() {
  show(RenameTablePanel, 'editor')
  const name = await screen.findByLabelText('Name')
  await userEvent.clear(name)
  await userEvent.type(name, 'trips')
}

it('asks for the name of a table that something reads or an engine used before it gets another one', async () => {
  uses = [sampleUse()]
  await renameToTrips()
  expect(await screen.findByText('By origin')).toBeTruthy()
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Rename'))
  await waitFor(() => expect(renames()).toMatchObject([{ toTable: 'trips', confirmedName: 'demo.flights' }]))
  cleanup()
  uses = []
  clients = { ...NO_CLIENTS, clients: [samplePyIceberg()] }
  await renameToTrips()
  expect(await screen.findByLabelText(/^Type/)).toBeTruthy()
})

it('asks for no name where nothing uses the table, unless the server finds a reader by then', async () => {
  usesAtRename = [sampleUse()]
  await renameToTrips()
  await userEvent.click(await enabledButton('Rename'))
  expect(await screen.findByText(/1 saved query uses demo.flights. To confirm, type demo.flights/)).toBeTruthy()
  expect(renames().map(({ toTable, confirmedName }) => [toTable, confirmedName])).toEqual([['trips', undefined]])
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(await enabledButton('Rename'))
  await waitFor(() => expect(renames()).toHaveLength(2))
})
