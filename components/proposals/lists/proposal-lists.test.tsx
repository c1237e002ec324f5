// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type ListedProposal, listProposals, listWaitingProposals } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ProposalsPage } from '../page/proposals-page'
import { WaitingNote } from './waiting-note'
import { WaitingProposals } from './waiting-proposals'

const call = stubApi()
const push = vi.fn()

const listed = (proposalId: string, change: Partial<ListedProposal> = {}): ListedProposal => ({
  proposalId,
  title: `Proposal ${proposalId}`,
  note: '',
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

beforeEach(() => {
  push.mockReset()
})
afterEach(cleanup)

it('lists open and decided proposals of a table, each with its page', async () => {
  const decided = { decidedBy: 'bob', decidedAtMs: Date.now() - 1_000 }
  const proposals = [
    listed('p3', { isOwn: true }),
    listed('p2', { state: 'returned', ...decided }),
    listed('p1', { state: 'withdrawn', ...decided, decidedBy: 'vera' }),
  ]
  call.mockResolvedValue({ proposals })
  renderInTable(<ProposalsPage entry={SAMPLE_IDENTIFIER} />, {
    detail: { ...SAMPLE_DETAIL, openProposalCount: 1 },
    router: { push },
  })
  expect(await screen.findByRole('link', { name: 'Proposal p3' })).toHaveProperty(
    'href',
    expect.stringContaining('/tables/flights/history/proposals/p3'),
  )
  const row = (name: string) => screen.getByRole('link', { name }).closest('tr')?.textContent
  expect(row('Proposal p3')).toMatch(/you, .*open.*expires/)
  expect(row('Proposal p2')).toMatch(/vera, .*sent back.*by bob/)
  expect(row('Proposal p1')).not.toContain('by vera')
  const nav = screen.getByRole('navigation', { name: 'List' })
  expect(within(nav).getByRole('link', { current: 'page' }).textContent).toBe('Proposals 1 open')
  expect(call).toHaveBeenCalledWith(listProposals, SAMPLE_IDENTIFIER)
  screen.getAllByRole('row')[2]?.focus()
  await userEvent.keyboard('{Enter}')
  expect(push).toHaveBeenCalledWith(expect.stringContaining('/proposals/p2'))
})

it('says how to propose when nothing is proposed', async () => {
  call.mockResolvedValue({ proposals: [] })
  renderInTable(<ProposalsPage entry={SAMPLE_IDENTIFIER} />)
  expect(await screen.findByText(/Nothing is proposed/)).toBeTruthy()
})

it('says why the list cannot be read', async () => {
  call.mockRejectedValue(new AppError('catalog-unavailable', 'The catalog does not answer.'))
  renderInTable(<ProposalsPage entry={SAMPLE_IDENTIFIER} />)
  expect((await screen.findByRole('alert')).textContent).toContain('The catalog does not answer.')
})

const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }

it('separates what waits for the user from what the user proposed', async () => {
  const proposals = [
    { ...listed('p1'), entry: { kind: 'view', catalog: 'local', namespace: ['demo'], view: 'flights' } },
    { ...listed('p2', { isOwn: true }), entry: { kind: 'table', ...table } },
  ]
  call.mockResolvedValue({ proposals, badges: [], isTruncated: true })
  renderInTable(
    <>
      <WaitingNote />
      <WaitingProposals />
    </>,
  )
  const waiting = await screen.findByRole('region', { name: 'Waiting for you' })
  const link = within(waiting).getByRole('link')
  expect(link.textContent).toBe('Proposal p1')
  expect(link).toHaveProperty('href', expect.stringContaining('/views/flights/proposals/p1'))
  expect(within(waiting).getByText('local.demo.flights')).toBeTruthy()
  expect(within(waiting).getByRole('img', { name: 'view' })).toBeTruthy()
  const own = screen.getByRole('region', { name: 'Yours' })
  expect(within(own).getByRole('img', { name: 'table' })).toBeTruthy()
  expect(within(own).getByRole('link', { name: 'Proposal p2' })).toHaveProperty(
    'href',
    expect.stringContaining('/tables/flights/history/proposals/p2'),
  )
  expect(screen.getByText(/Only the newest/)).toBeTruthy()
  expect(screen.getByRole('link', { name: '1 proposal waits for you' })).toHaveProperty(
    'href',
    expect.stringMatching(/\/proposals$/),
  )
  expect(call).toHaveBeenCalledWith(listWaitingProposals, {})
})

it('Home has no link while nothing waits for the user', async () => {
  call.mockResolvedValue({
    proposals: [{ ...listed('p2', { isOwn: true }), entry: { kind: 'table', ...table } }],
    badges: [],
    isTruncated: false,
  })
  renderInTable(
    <>
      <WaitingNote />
      <WaitingProposals />
    </>,
  )
  expect(await screen.findByText('No proposals to review.')).toBeTruthy()
  expect(screen.queryByRole('link', { name: /for you/ })).toBeNull()
})

it('lists a change of many tables as one proposal, which leads to its page', async () => {
  const entry = { kind: 'tables', catalog: 'local', bulkChangeId: 'B1', tableCount: 5_000 }
  call.mockResolvedValue({ proposals: [{ ...listed('B1'), entry }], badges: [], isTruncated: false })
  renderInTable(
    <>
      <WaitingNote />
      <WaitingProposals />
    </>,
  )
  const waiting = await screen.findByRole('region', { name: 'Waiting for you' })
  expect(within(waiting).getByRole('link').getAttribute('href')).toBe('/catalogs/local/bulk-changes/B1')
  expect(within(waiting).getByText(/5.000 tables/)).toBeTruthy()
  expect(screen.getByRole('link', { name: '1 proposal waits for you' })).toBeTruthy()
})
