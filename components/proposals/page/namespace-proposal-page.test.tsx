// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type NamespaceDropReview, reviewNamespaceDrop } from '@/lib/contract/lifecycle/namespaces'
import {
  type ChangePolicy,
  commitNamespaceProposal,
  getChangePolicy,
  getNamespaceProposal,
  listNamespaceProposals,
  listWaitingProposals,
  type NamespaceProposal,
  returnNamespaceProposal,
  withdrawNamespaceProposal,
} from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { renderInTable } from '@/testing/components/render-in-table'
import { enabledButton } from '@/testing/components/enabled-button'
import { stubApi } from '@/testing/components/stub-api'
import { WaitingProposals } from '../lists/waiting-proposals'
import { ProposalPage } from './proposal-page'
import { ProposalsPage } from './proposals-page'

const call = stubApi()
const replace = vi.fn()

const NAMESPACE = { catalog: 'local', namespace: ['lake', 'old'] }
const CONTENTS = [
  { namespace: ['lake', 'old'], tables: ['trips'], views: [] },
  { namespace: ['lake', 'old', 'raw'], tables: ['fares'], views: ['busy'] },
]
const HOLD = 'Changes of tables and views in lake need two people. Propose it, so that another user can carry it out.'
let proposal: NamespaceProposal
let review: NamespaceDropReview
let policy: ChangePolicy
let commit: () => unknown

const proposed = (change: Partial<NamespaceProposal> = {}): NamespaceProposal => ({
  proposalId: 'p1',
  title: 'Nobody uses it',
  note: 'as agreed',
  action: { kind: 'drop-namespace' },
  proposedBy: 'vera',
  isOwn: false,
  createdAtMs: Date.now() - 60_000,
  expiresAtMs: Date.now() + 86_400_000,
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  auditId: null,
  ...change,
})
const decided = (change: Partial<NamespaceProposal>) =>
  proposed({ decidedBy: 'ada', decidedAtMs: Date.now(), ...change })

beforeEach(() => {
  replace.mockReset()
  proposal = proposed()
  policy = { requiresProposal: true, requiredBy: ['lake', 'old'], enginesBlockedBy: ['lake', 'old'] }
  review = { contents: CONTENTS, isTruncated: false, problems: [], policyBlockers: [HOLD], readers: [] }
  commit = () => {
    proposal = decided({ state: 'committed', auditId: 'a7' })
    return { auditId: 'a7', metadataLocation: null }
  }
  call.mockImplementation(async (endpoint: unknown, input: { comment?: string }) => {
    if (endpoint === getNamespaceProposal) return { proposal }
    if (endpoint === listNamespaceProposals) return { proposals: [proposal] }
    if (endpoint === listWaitingProposals)
      return {
        proposals: [{ ...proposal, entry: { kind: 'namespace', ...NAMESPACE } }],
        badges: [],
        isTruncated: false,
      }
    if (endpoint === reviewNamespaceDrop) return review
    if (endpoint === getChangePolicy) return policy
    if (endpoint === commitNamespaceProposal) return commit()
    if (endpoint === returnNamespaceProposal) {
      proposal = decided({ state: 'returned', comment: input.comment ?? '' })
      return { proposal }
    }
    if (endpoint === withdrawNamespaceProposal) {
      proposal = decided({ state: 'withdrawn' })
      return { proposal }
    }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

const show = (role: Role = 'editor') =>
  renderInTable(<ProposalPage entry={NAMESPACE} proposalId="p1" />, {
    role,
    router: { replace },
    pathname: window.location.pathname,
  })
const inputsOf = (endpoint: unknown) => call.mock.calls.filter(([one]) => one === endpoint).map(([, input]) => input)
const DROP = 'Drop with 2 tables, 1 view, 1 namespace'
const namesIn = async (list: string) =>
  [...(await screen.findByRole('list', { name: list })).children].map(({ textContent }) => textContent)

it('shows what is in the namespace now, drops exactly that after the name was typed, and leads to what is around', async () => {
  show()
  expect(await screen.findByText('Drop the namespace with all that is in it')).toBeTruthy()
  expect(await namesIn('Tables to drop')).toEqual(['trips', 'raw.fares'])
  expect(await namesIn('Views to drop')).toEqual(['raw.busy'])
  expect(await namesIn('Namespaces to drop')).toEqual(['raw'])
  expect(await screen.findByText('The changes fit the namespace as it is now.')).toBeTruthy()
  const button = screen.getByRole('button', { name: DROP })
  expect(button).toHaveProperty('disabled', true)
  await userEvent.type(screen.getByLabelText(/^Type/), 'lake.old')
  await userEvent.click(button)
  await waitFor(() => expect(replace).toHaveBeenCalledWith(expect.stringMatching(/\/namespaces\/lake$/)))
  expect(inputsOf(commitNamespaceProposal)).toEqual([
    {
      ...NAMESPACE,
      proposalId: 'p1',
      reviewed: { kind: 'drop-namespace', contents: CONTENTS },
      confirmedName: 'lake.old',
      idempotencyKey: expect.any(String),
    },
  ])
})

it('shows the rule that a proposed policy ends, and lets another user commit it', async () => {
  proposal = proposed({ action: { kind: 'relax-change-policy', requiresProposal: false }, isOwn: true })
  show('admin')
  expect(await screen.findByText('Another user has to commit your proposal.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Commit' })).toHaveProperty('disabled', true)
  cleanup()
  proposal = { ...proposal, isOwn: false }
  show()
  expect(await screen.findByText(/two people now, and commits of engines are refused.*can do so alone/)).toBeTruthy()
  await userEvent.click(await enabledButton('Commit'))
  await waitFor(() => expect(inputsOf(commitNamespaceProposal)).toHaveLength(1))
})

it('commits no policy that no longer holds', async () => {
  proposal = proposed({ action: { kind: 'relax-change-policy', requiresProposal: false } })
  policy = { requiresProposal: true, requiredBy: ['lake'], enginesBlockedBy: null }
  show()
  expect(await screen.findByText(/lake.old no longer has this rule/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Commit' })).toHaveProperty('disabled', true)
})

it('lets no proposer commit where a policy of what is in the namespace demands two people', async () => {
  proposal = proposed({ isOwn: true })
  show()
  expect(await screen.findByText(/another user has to commit your proposal/)).toBeTruthy()
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Withdraw' }))
  expect(await screen.findByText('withdrawn')).toBeTruthy()
})

it('drops nothing while something is protected, and says what', async () => {
  review = { ...review, problems: ['Protected: raw.fares.'] }
  show()
  expect(await screen.findByText('Protected: raw.fares.')).toBeTruthy()
  expect(await screen.findByRole('button', { name: DROP })).toHaveProperty('disabled', true)
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
})

it('says that the namespace was not changed when it contains something else than was shown', async () => {
  commit = () => {
    throw new AppError('namespace-not-empty', 'Namespace lake.old contains something else than what was shown.')
  }
  show()
  await userEvent.type(await screen.findByLabelText(/^Type/), 'lake.old')
  await userEvent.click(screen.getByRole('button', { name: DROP }))
  expect((await screen.findByRole('alert')).textContent).toContain('contains something else')
  expect(replace).not.toHaveBeenCalled()
})

it('A proposal is sent back with a comment, and not by a viewer', async () => {
  show('viewer')
  expect(await screen.findByText('You need the editor role to commit a proposal.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Send back…' })).toBeNull()
  cleanup()
  show()
  await userEvent.click(await screen.findByRole('button', { name: 'Send back…' }))
  await userEvent.type(screen.getByRole('textbox', { name: /What vera should know/ }), 'Still in use.')
  await userEvent.click(screen.getByRole('button', { name: 'Send back' }))
  expect(await screen.findByText('Still in use.')).toBeTruthy()
  expect(inputsOf(returnNamespaceProposal)).toEqual([{ ...NAMESPACE, proposalId: 'p1', comment: 'Still in use.' }])
})

it('A proposal is listed with those of its namespace, and with all that wait', async () => {
  renderInTable(<ProposalsPage entry={NAMESPACE} />, {})
  const address = expect.stringMatching(/\/catalogs\/local\/namespaces\/lake%1Fold\/proposals\/p1$/)
  expect(await screen.findByRole('link', { name: 'Nobody uses it' })).toHaveProperty('href', address)
  expect(screen.getByRole('link', { name: 'Back to the namespace' })).toBeTruthy()
  cleanup()
  renderInTable(<WaitingProposals />, {})
  expect(await screen.findByRole('link', { name: 'Nobody uses it' })).toHaveProperty('href', address)
  expect(screen.getByRole('img', { name: 'namespace' })).toBeTruthy()
  expect(screen.getByText('local.lake.old')).toBeTruthy()
})
