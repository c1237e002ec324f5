// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listCatalogs } from '@/lib/contract/catalogs'
import { commitChanges, findChange, reviewChanges } from '@/lib/contract/table/changes'
import { listTableClients } from '@/lib/contract/table/clients'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import type { Role } from '@/lib/permissions'
import { enabledButton } from '@/testing/components/enabled-button'
import { render } from '@/testing/components/render'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_REVIEW } from '@/testing/components/sample-review'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { ConflictTable } from './conflict-table'
import type { ChangeReview } from './reviewed-changes'
import { ReviewPanel } from './review-panel'

const call = stubApi()

afterEach(cleanup)

const INTENTS: readonly Intent[] = [
  { kind: 'set-property', key: 'owner', value: 'ada', base: null },
  { kind: 'remove-property', key: 'note', base: 'x' },
]
const PROPOSAL = { ...SAMPLE_PROPOSAL, title: 'Own it' }
let requiredBy: string[] | null
let review: ChangeReview
let proposed: () => unknown

beforeEach(() => {
  requiredBy = null
  review = SAMPLE_REVIEW
  proposed = () => ({ proposal: PROPOSAL })
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === reviewChanges) return review
    if (endpoint === getChangePolicy)
      return { requiresProposal: requiredBy !== null, requiredBy, enginesBlockedBy: null }
    if (endpoint === proposeChanges) return proposed()
    if (endpoint === listTableClients) return { ...NO_CLIENTS, clients: [samplePyIceberg()] }
    throw new Error('unexpected call')
  })
})

function renderPanel(role: Role = 'editor', intents: readonly Intent[] = INTENTS) {
  const onProposed = vi.fn()
  const onCommitted = vi.fn()
  const pending = {
    intents,
    put: () => undefined,
    drop: () => undefined,
    update: () => undefined,
    clear: () => undefined,
  }
  renderInTable(
    <ReviewPanel
      table={SAMPLE_IDENTIFIER}
      pending={pending}
      shownMetadata={SAMPLE_REVIEW.metadataLocation}
      onClose={() => undefined}
      onCommitted={onCommitted}
      onProposed={onProposed}
    />,
    { role },
  )
  return { onProposed, onCommitted }
}

const button = (name: string) => screen.findByRole('button', { name })

/** The description that a screen reader adds to the name of an element. */
function descriptionOf(element: HTMLElement): string {
  return document.getElementById(element.getAttribute('aria-describedby') ?? '')?.textContent ?? ''
}

it('proposes the changes under a title made of them, with a note', async () => {
  const { onProposed } = renderPanel()
  await enabledButton('Commit')
  await userEvent.click(await button('Propose…'))
  const form = screen.getByRole('form', { name: 'Proposal' })
  const title = within(form).getByRole('textbox', { name: 'Title' })
  expect(title).toHaveProperty('value', 'Set owner to ada · Remove note (was x)')
  expect(document.activeElement).toBe(title)
  await userEvent.type(within(form).getByRole('textbox', { name: /Note/ }), '  as agreed ')
  await userEvent.click(within(form).getByRole('button', { name: 'Propose' }))
  await waitFor(() => expect(onProposed).toHaveBeenCalled())
  expect(onProposed.mock.lastCall?.[0]).toEqual(PROPOSAL)
  expect(call.mock.calls.find(([endpoint]) => endpoint === proposeChanges)?.[1]).toEqual({
    ...SAMPLE_IDENTIFIER,
    action: { kind: 'change-table', intents: INTENTS },
    title: 'Set owner to ada · Remove note (was x)',
    note: 'as agreed',
    idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
})

it('sums up a commit of many changes in one line', async () => {
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) =>
    endpoint === commitChanges ? { auditId: 'a1', metadataLocation: 's3://lake/2.json' } : answer?.(endpoint, input),
  )
  const { onCommitted } = renderPanel(
    'editor',
    Array.from({ length: 12 }, (_, i) => ({ kind: 'set-property', key: `p${i}`, value: 'x', base: null })),
  )
  await userEvent.click(await enabledButton('Commit'))
  await waitFor(() => expect(onCommitted).toHaveBeenCalledOnce())
  expect(onCommitted.mock.lastCall?.[0].summary).toBe('Set p0 to x · Set p1 to x · 10 more changes')
})

it('says below each change what it means', () => {
  renderPanel()
  const [set, remove] = screen.getAllByRole('listitem')
  expect(set?.textContent).toContain(
    'Set owner to adaNo data file changes; people see it next to the name from now on.',
  )
  expect(remove?.textContent).toContain('engines that honour it return to their default.')
})

it('treats an upgrade of the format version as a danger, and says what each client can do after it', async () => {
  const warning = 'A format version cannot be lowered again, so this commit cannot be undone as a whole.'
  review = { ...SAMPLE_REVIEW, warnings: [warning], needsConfirmation: true }
  renderPanel('editor', [{ kind: 'upgrade-format-version', formatVersion: 3, base: 2 }])
  const clients = within(await screen.findByRole('list', { name: 'What clients can do after the change' }))
  expect(clients.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'PyIceberg 0.12.0 · wrote today, read today · can read, cannot write format version 3',
  ])
  expect(screen.getByText('Of 1 known client of the last 30 days, 1 cannot use the table as before.')).toBeTruthy()
  expect(await screen.findByText(warning)).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
  await userEvent.type(screen.getByRole('textbox', { name: /^Type / }), 'demo.flights')
  expect(await button('Commit')).toHaveProperty('disabled', false)
})

it('asks for the name with its catalog where there are several, and says which connection it is', async () => {
  review = { ...SAMPLE_REVIEW, needsConfirmation: true }
  const answer = call.getMockImplementation()
  const sent: unknown[] = []
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    const entry = { kind: 'rest', warehouse: null, namespaceCount: null, abilities: [], problem: null } as const
    if (endpoint === listCatalogs)
      return {
        catalogs: [
          { ...entry, name: 'local', label: { text: 'production', color: 'clay' } },
          { ...entry, name: 'copy' },
        ],
      }
    if (endpoint === commitChanges) {
      sent.push(input)
      return { auditId: 'a1', metadataLocation: 's3://lake/2.json' }
    }
    return answer?.(endpoint, input)
  })
  const { onCommitted } = renderPanel()
  const field = await screen.findByRole('textbox', { name: 'Type local.demo.flights of production to confirm' })
  expect(screen.getByText('demo.flights').closest('p')?.textContent).toBe('local › demo.flightsproduction')
  await userEvent.type(field, 'demo.flights')
  expect(await button('Commit')).toHaveProperty('disabled', true)
  await userEvent.clear(field)
  await userEvent.type(field, 'local.demo.flights{Enter}')
  await waitFor(() => expect(onCommitted).toHaveBeenCalled())
  expect(sent).toMatchObject([{ confirmedName: 'local.demo.flights' }])
})

it('says of a column that another client dropped that it was dropped', () => {
  const intents = [
    { kind: 'set-column-doc', fieldId: 7, column: ['fare'], doc: 'in euro', base: 'in cents' },
    { kind: 'set-property', key: 'owner', value: 'ada', base: 'bob' },
  ] as const
  render(
    <ConflictTable
      conflicts={[
        { index: 0, base: 'in cents', current: null, requested: 'in euro', rebased: null },
        { index: 1, base: 'bob', current: null, requested: 'ada', rebased: { ...intents[1], base: null } },
      ]}
      intents={intents}
      requestedBy="Yours"
      advice=""
    />,
  )
  const [column, property] = screen.getAllByRole('listitem')
  expect(column?.textContent).toContain('Nowcolumn dropped')
  expect(property?.textContent).toContain('Nownot set')
})

it('offers only to propose where changes need two people, and says so', async () => {
  requiredBy = ['demo']
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
  await enabledButton('Propose…')
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
  const { onProposed } = renderPanel()
  await userEvent.click(await enabledButton('Propose…'))
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
  await userEvent.click(await enabledButton('Propose…'))
  await userEvent.click(await button('Propose'))
  await screen.findByRole('alert')
  await userEvent.click(await button('Propose'))
  const keys = () =>
    call.mock.calls.filter(([one]) => one === proposeChanges).map(([, input]) => input.idempotencyKey as string)
  await waitFor(() => expect(keys()).toHaveLength(2))
  expect(keys()[0] === keys()[1]).toBe(isSame)
})

it('refuses an invisible title', async () => {
  renderPanel()
  await userEvent.click(await enabledButton('Propose…'))
  const title = screen.getByRole('textbox', { name: 'Title' })
  await userEvent.clear(title)
  expect(await button('Propose')).toHaveProperty('disabled', true)
  await userEvent.type(title, 'a\u202eb')
  expect(await screen.findByText('One line of visible characters.')).toBeTruthy()
  expect(await button('Propose')).toHaveProperty('disabled', true)
})

describe('An answer that was lost', () => {
  const lost = new AppError('server-unreachable', 'The server did not respond.')

  it('looks what became of a commit whose answer was lost, and takes the answer of one that was made', async () => {
    const sent: { idempotencyKey: string }[] = []
    const looked: { idempotencyKey: string }[] = []
    let outcome = 'pending'
    const answer = call.getMockImplementation()
    call.mockImplementation(async (endpoint: unknown, input: { idempotencyKey: string }) => {
      if (endpoint === findChange) {
        looked.push(input)
        return { outcome, auditId: outcome === 'committed' ? 'a1' : null }
      }
      if (endpoint !== commitChanges) return answer?.(endpoint, input)
      sent.push(input)
      if (sent.length === 1) throw lost
      return { auditId: 'a1', metadataLocation: 's3://lake/2.json' }
    })
    vi.useFakeTimers({ shouldAdvanceTime: true })
    try {
      const { onCommitted } = renderPanel()
      const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime })
      await user.click(await enabledButton('Commit'))
      const note = await screen.findByText('The catalog has not shown yet whether the table was changed.')
      expect(note.closest('[role=alert]')?.textContent).not.toContain('was not changed.')
      expect(await button('Commit')).toHaveProperty('disabled', true)
      expect(sent, 'nothing is sent while it is not known').toHaveLength(1)
      outcome = 'committed'
      await vi.advanceTimersByTimeAsync(4_000)
      await waitFor(() => expect(onCommitted).toHaveBeenCalledOnce())
      expect(onCommitted).toHaveBeenCalledWith(expect.objectContaining({ auditId: 'a1', isUndoable: true }))
      expect(new Set([...sent, ...looked].map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('lets a commit that was not made be sent again under its key, once it cannot arrive any more', async () => {
    const sent: { idempotencyKey: string }[] = []
    const answer = call.getMockImplementation()
    call.mockImplementation(async (endpoint: unknown, input: { idempotencyKey: string }) => {
      if (endpoint === findChange) return { outcome: 'not-committed', auditId: null }
      if (endpoint !== commitChanges) return answer?.(endpoint, input)
      sent.push(input)
      if (sent.length === 1) throw lost
      return { auditId: 'a1', metadataLocation: 's3://lake/2.json' }
    })
    vi.useFakeTimers({ shouldAdvanceTime: true })
    try {
      const { onCommitted } = renderPanel()
      const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime })
      await user.click(await enabledButton('Commit'))
      await screen.findByText('Lakeshore is looking whether the table was changed.')
      await vi.advanceTimersByTimeAsync(7_000)
      expect(await screen.findByText('Lakeshore has looked: the table was not changed.')).toBeTruthy()
      expect(sent).toHaveLength(1)
      await user.click(await button('Commit'))
      await waitFor(() => expect(onCommitted).toHaveBeenCalledOnce())
      expect(sent[1]?.idempotencyKey).toBe(sent[0]?.idempotencyKey)
    } finally {
      vi.useRealTimers()
    }
  })
})

it('says that the table has not changed only while it is as the page shows it', async () => {
  renderPanel()
  expect(await screen.findByText('The table has not changed since you started.')).toBeTruthy()
  cleanup()
  review = { ...SAMPLE_REVIEW, metadataLocation: 'of another commit' }
  renderPanel()
  expect(await screen.findByText('The changes fit the table as it is now.')).toBeTruthy()
})
