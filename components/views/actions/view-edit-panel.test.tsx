// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { proposeViewChange } from '@/lib/contract/proposals'
import { commitViewEdit, reviewViewEdit } from '@/lib/contract/lifecycle/views'
import { getChangePolicy } from '@/lib/contract/proposals'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import type { Role } from '@/lib/permissions'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { ViewEditPanel } from './view-edit-panel'

const call = stubApi()
afterEach(cleanup)

const VIEW = { catalog: 'local', namespace: ['demo'], view: 'busy_routes' }
const EDIT = { kind: 'properties', changes: [{ name: 'comment', base: null, value: 'busy' }] } as const
let requiredBy: string[] | null

beforeEach(() => {
  requiredBy = null
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getChangePolicy)
      return { requiresProposal: requiredBy !== null, requiredBy, enginesBlockedBy: null }
    if (endpoint === reviewViewEdit)
      return { request: null, scripts: null, blockers: [], warnings: [], lostColumns: [], conflict: null }
    if (endpoint === proposeViewChange)
      return { proposal: { ...SAMPLE_PROPOSAL, title: 'As agreed', action: { kind: 'change-view', edit: EDIT } } }
    throw new Error('unexpected call')
  })
})

function show(role: Role, edit: ViewEdit | null = EDIT) {
  renderInTable(
    <ViewEditPanel view={VIEW} title="Properties" action="Save" edit={edit} onClose={vi.fn()} onDone={vi.fn()}>
      <input aria-label="Comment" />
    </ViewEditPanel>,
    { role },
  )
}
const inputsOf = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)
const button = (name: string) => screen.findByRole('button', { name })

it('says before anything is typed that a change needs a second user if a policy demands two people', async () => {
  requiredBy = ['demo']
  show('editor', null)
  const reason = 'Changes of views in demo need two people: propose them, and another user commits them.'
  expect(await screen.findByText(reason)).toBeTruthy()
  expect(await button('Save')).toHaveProperty('disabled', true)
  expect(await button('Propose…')).toHaveProperty('disabled', true)
})

it('proposes what a user may not commit, and Enter commits nothing', async () => {
  show('viewer')
  expect(await screen.findByText(/You need the editor role to commit/)).toBeTruthy()
  const propose = await button('Propose…')
  await waitFor(() => expect(propose).toHaveProperty('disabled', false))
  await userEvent.type(screen.getByLabelText('Comment'), 'x{Enter}')
  await userEvent.click(propose)
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'Change comment')
  await userEvent.click(await button('Propose'))
  expect(await screen.findByRole('link', { name: 'As agreed' })).toHaveProperty(
    'href',
    expect.stringContaining('/views/busy_routes/proposals/p1'),
  )
  expect(screen.getByText(/The view has not changed/)).toBeTruthy()
  expect(inputsOf(proposeViewChange)).toMatchObject([{ ...VIEW, action: { kind: 'change-view', edit: EDIT } }])
  expect(inputsOf(commitViewEdit)).toEqual([])
})
