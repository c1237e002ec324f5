// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { reviewChanges } from '@/lib/contract/table/changes'
import { getChangePolicy, proposeChanges } from '@/lib/contract/table/proposals'
import { getSession } from '@/lib/contract/session'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/iceberg/intents/intent'
import type { Role } from '@/lib/permissions'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_REVIEW } from '@/testing/components/sample-review'
import type { ChangeReview } from './review-result'
import { ReviewPanel } from './review-panel'

const call = vi.hoisted(() => vi.fn())
vi.mock('@/lib/api/call', () => ({ call }))

afterEach(cleanup)

const INTENTS: readonly Intent[] = [
  { kind: 'set-property', key: 'owner', value: 'ada', base: null },
  { kind: 'remove-property', key: 'note', base: 'x' },
]
const PROPOSAL = { proposalId: 'p1', title: 'Own it' }
let demandedBy: string[] | null
let review: ChangeReview
let proposed: () => unknown

beforeEach(() => {
  demandedBy = null
  review = SAMPLE_REVIEW
  proposed = () => ({ proposal: PROPOSAL })
  call.mockReset().mockImplementation(async (endpoint: unknown) => {
    if (endpoint === reviewChanges) return review
    if (endpoint === getChangePolicy) return { requiresProposal: demandedBy !== null, demandedBy }
    if (endpoint === getSession) return { userId: 'u1', username: 'ada' }
    if (endpoint === proposeChanges) return proposed()
    throw new Error('unexpected call')
  })
})

function renderPanel(role: Role = 'editor') {
  const onProposed = vi.fn()
  const pending = {
    intents: INTENTS,
    put: () => undefined,
    drop: () => undefined,
    update: () => undefined,
    clear: () => undefined,
  }
  renderInTable(
    <ReviewPanel
      table={SAMPLE_IDENTIFIER}
      pending={pending}
      onClose={() => undefined}
      onCommitted={() => undefined}
      onProposed={onProposed}
    />,
    { role },
  )
  return onProposed
}

const button = (name: string) => screen.findByRole('button', { name })

/** What a screen reader says after the name of an element. */
function descriptionOf(element: HTMLElement): string {
  return document.getElementById(element.getAttribute('aria-describedby') ?? '')?.textContent ?? ''
}

it('proposes the changes under a title made of them, with a note', async () => {
  const onProposed = renderPanel()
  // The first test of the file loads its code.
  await vi.waitFor(async () => expect(await button('Commit')).toHaveProperty('disabled', false), { timeout: 4_000 })
  await userEvent.click(await button('Propose…'))
  const form = screen.getByRole('form', { name: 'Proposal' })
  const title = within(form).getByRole('textbox', { name: 'Title' })
  expect(title).toHaveProperty('value', 'Set owner to ada · Remove note (was x)')
  expect(document.activeElement).toBe(title)
  await userEvent.type(within(form).getByRole('textbox', { name: /Note/ }), '  as agreed ')
  await userEvent.click(within(form).getByRole('button', { name: 'Propose' }))
  await vi.waitFor(() => expect(onProposed).toHaveBeenCalled())
  expect(onProposed.mock.lastCall?.[0]).toBe(PROPOSAL)
  expect(call.mock.calls.find(([endpoint]) => endpoint === proposeChanges)?.[1]).toEqual({
    ...SAMPLE_IDENTIFIER,
    intents: INTENTS,
    title: 'Set owner to ada · Remove note (was x)',
    note: 'as agreed',
    idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
})

it('says below each change what it means', () => {
  renderPanel()
  const [set, remove] = screen.getAllByRole('listitem')
  expect(set?.textContent).toContain(
    'Set owner to adaNo data file changes; people see it next to the name from now on.',
  )
  expect(remove?.textContent).toContain('engines that honour it return to their default.')
})

it('offers only to propose where changes need two people, and says so', async () => {
  demandedBy = ['demo']
  renderPanel()
  expect(await screen.findByText(/Changes of tables in demo need two people/)).toBeTruthy()
  const commit = await button('Commit')
  expect(commit).toHaveProperty('disabled', true)
  expect(descriptionOf(commit)).toContain('another user commits them')
  expect((await button('Propose…')).dataset['variant']).toBe('filled')
})

it('offers only to propose to users who may not commit', async () => {
  renderPanel('viewer')
  const commit = await button('Commit')
  expect(commit).toHaveProperty('disabled', true)
  expect(descriptionOf(commit)).toContain('You need the editor role to commit.')
  await vi.waitFor(async () => expect(await button('Propose…')).toHaveProperty('disabled', false))
})

it('proposes nothing that does not fit the table', async () => {
  review = { ...SAMPLE_REVIEW, request: null, scripts: null, problem: { index: 0, message: 'The key is reserved.' } }
  renderPanel()
  expect((await screen.findByRole('alert')).textContent).toContain('Set owner to ada: The key is reserved.')
  expect(await button('Propose…')).toHaveProperty('disabled', true)
  expect(await button('Commit')).toHaveProperty('disabled', true)
})

it.each([
  [new AppError('commit-conflict', 'The table changed.'), 'Nothing was proposed.', false],
  [new AppError('server-unreachable', 'No answer.'), 'It is not known whether the changes were proposed', true],
])('says what a failed proposal left behind: %s', async (error, words, hasLink) => {
  proposed = () => {
    throw error
  }
  const onProposed = renderPanel()
  await vi.waitFor(async () => expect(await button('Propose…')).toHaveProperty('disabled', false))
  await userEvent.click(await button('Propose…'))
  await userEvent.click(await button('Propose'))
  expect((await screen.findByRole('alert')).textContent).toContain(words)
  expect(screen.queryByRole('link', { name: 'Open the proposals' }) !== null).toBe(hasLink)
  expect(onProposed).not.toHaveBeenCalled()
})

it.each([
  [new AppError('server-unreachable', 'No answer.'), true],
  [new AppError('invalid-request', 'The table has at most 20.'), false],
])('proposes again under the same key only after a lost answer: %s', async (error, isSame) => {
  proposed = () => {
    throw error
  }
  renderPanel()
  await vi.waitFor(async () => expect(await button('Propose…')).toHaveProperty('disabled', false))
  await userEvent.click(await button('Propose…'))
  await userEvent.click(await button('Propose'))
  await screen.findByRole('alert')
  await userEvent.click(await button('Propose'))
  const keys = () =>
    call.mock.calls.filter(([one]) => one === proposeChanges).map(([, input]) => input.idempotencyKey as string)
  await vi.waitFor(() => expect(keys()).toHaveLength(2))
  expect(keys()[0] === keys()[1]).toBe(isSame)
})

it('refuses a title that nobody can see', async () => {
  renderPanel()
  await vi.waitFor(async () => expect(await button('Propose…')).toHaveProperty('disabled', false))
  await userEvent.click(await button('Propose…'))
  const title = screen.getByRole('textbox', { name: 'Title' })
  await userEvent.clear(title)
  expect(await button('Propose')).toHaveProperty('disabled', true)
  await userEvent.type(title, 'a\u202eb')
  expect(await screen.findByText('One line of visible characters.')).toBeTruthy()
  expect(await button('Propose')).toHaveProperty('disabled', true)
})
