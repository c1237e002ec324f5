// @vitest-environment happy-dom
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseTimeZone } from '@/lib/time-zone'
import { listCatalogs } from '@/lib/contract/catalogs'
import { commitChanges, findChange, reviewChanges } from '@/lib/contract/table/changes'
import { getTable, type TableDetail } from '@/lib/contract/table/tables'
import { listTableClients } from '@/lib/contract/table/clients'
import { listTableUses, type TableUse } from '@/lib/contract/table/uses'
import type { CatalogLabel } from '@/lib/contract/shapes/catalog-label'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { tableTipQuery } from '@/lib/client/table/tables'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import type { Role } from '@/lib/permissions'
import { enabledButton } from '@/testing/components/enabled-button'
import { render } from '@/testing/components/render'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { SAMPLE_REVIEW } from '@/testing/components/sample-review'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS, samplePyIceberg } from '@/testing/contract/sample-clients'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { sampleUse } from '@/testing/contract/sample-use'
import { ConflictTable } from './conflict-table'
import type { ChangeReview } from '@/lib/contract/table/changes'
import { ReviewPanel } from './review-panel'

const call = stubApi()

afterEach(() => {
  cleanup()
  chooseTimeZone(null)
})

const INTENTS: readonly Intent[] = [
  { kind: 'set-property', key: 'owner', value: 'ada', base: null },
  { kind: 'remove-property', key: 'note', base: 'x' },
]
const SHOWN = { ...SAMPLE_DETAIL, metadataLocation: SAMPLE_REVIEW.metadataLocation }
const PROPOSAL = { ...SAMPLE_PROPOSAL, title: 'Own it' }
let requiredBy: string[] | null
let review: ChangeReview
let tip: TableDetail
let proposed: () => unknown

beforeEach(() => {
  // Clients are recorded by days in UTC.
  chooseTimeZone('UTC')
  requiredBy = null
  review = SAMPLE_REVIEW
  tip = SHOWN
  proposed = () => ({ proposal: PROPOSAL })
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === reviewChanges) return review
    if (endpoint === getTable) return tip
    if (endpoint === getChangePolicy)
      return { requiresProposal: requiredBy !== null, requiredBy, enginesBlockedBy: null }
    if (endpoint === proposeChanges) return proposed()
    if (endpoint === listTableClients) return { ...NO_CLIENTS, clients: [samplePyIceberg()] }
    throw new Error('unexpected call')
  })
})

let client: QueryClient

/** Keeps the client of the rendered panel for the test. */
function KeepClient() {
  const shown = useQueryClient()
  useEffect(() => void (client = shown), [shown])
  return null
}

function renderPanel(
  role: Role = 'editor',
  intents: readonly Intent[] = INTENTS,
  startedAt: string | null = SHOWN.metadataLocation,
  detail = SHOWN,
) {
  const onProposed = vi.fn()
  const onCommitted = vi.fn()
  const put = vi.fn<(intent: Intent) => void>()
  const pending = {
    intents,
    startedAt,
    put,
    drop: () => undefined,
    update: () => undefined,
    clear: () => undefined,
  }
  renderInTable(
    <>
      <ReviewPanel
        table={SAMPLE_IDENTIFIER}
        pending={pending}
        detail={detail}
        onClose={() => undefined}
        onCommitted={onCommitted}
        onProposed={onProposed}
      />
      <KeepClient />
    </>,
    { role },
  )
  return { onProposed, onCommitted, put }
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

it('names a column as it is now in a conflict and in the title of a proposal, and sends the name that was seen', async () => {
  // Another client has renamed the column since the page was loaded.
  const withColumn = (name: string) => {
    const fields = [{ id: 1, name, required: false, type: 'string' as const }]
    return { ...SHOWN, schema: { ...SHOWN.schema, fields } }
  }
  const detail = withColumn('old')
  tip = withColumn('fare')
  const seen = [{ kind: 'set-column-doc', fieldId: 1, column: ['old'], doc: 'new', base: 'a' }] as const
  const conflict = { index: 0, base: 'a', current: 'b', requested: 'new', rebased: null }
  review = { ...SAMPLE_REVIEW, conflicts: [conflict] }
  renderPanel('editor', seen, null, detail)
  const conflicts = await screen.findByRole('region', { name: 'Conflicts' })
  await waitFor(() => expect(conflicts.textContent).toContain('fare'))
  const [change] = screen.getAllByRole('listitem')
  expect(change?.textContent).toContain('Describe fare as new')
  expect(conflicts.textContent).not.toContain('old')
  cleanup()

  review = SAMPLE_REVIEW
  renderPanel('editor', seen, null, detail)
  await userEvent.click(await enabledButton('Propose…'))
  const title = screen.getByRole('textbox', { name: 'Title' })
  expect(title).toHaveProperty('value', expect.stringContaining('fare'))
  await userEvent.click(await button('Propose'))
  const sent = call.mock.calls.filter(([endpoint]) => endpoint === proposeChanges).map(([, input]) => input)
  await waitFor(() => expect(sent).toMatchObject([{ action: { intents: seen } }]))
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
  expect(
    screen.getByText('The only known client of the last 30 days will no longer be able to write the table.'),
  ).toBeTruthy()
  expect(await screen.findByText(warning)).toBeTruthy()
  expect(await button('Commit')).toHaveProperty('disabled', true)
  await userEvent.type(screen.getByRole('textbox', { name: /^Type / }), 'demo.flights')
  expect(await button('Commit')).toHaveProperty('disabled', false)
})

const RENAME: Intent = {
  kind: 'rename-column',
  fieldId: 1,
  column: ['delay'],
  name: 'delay_min',
  movesProperties: false,
}
const CHECK_KEY = 'lakeshore.check.positive'
const CHECK = sampleUse({
  kind: 'check',
  name: 'positive',
  id: null,
  owner: null,
  entry: { kind: 'table', catalog: 'local', namespace: ['demo'], name: 'flights' },
  columns: ['delay'],
})

/** Answers with uses of the table, and with the label of its connection. */
function answerUses(uses: () => unknown, label?: CatalogLabel) {
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === listTableUses) return uses()
    if (endpoint !== listCatalogs) return answer?.(endpoint, input)
    const local = { kind: 'rest', name: 'local', warehouse: null, namespaceCount: null, abilities: [], problem: null }
    return { catalogs: [{ ...local, ...(label && { label }) }] }
  })
}
const answerWith = (...uses: TableUse[]) => ({ uses, isTruncated: false, missingCatalogs: [] })

it.each<[string, () => unknown, CatalogLabel | undefined]>([
  ['a reader breaks', () => answerWith({ ...CHECK, name: 'other', columns: ['delay'] }), undefined],
  ['a reader may break', () => answerWith(sampleUse({ certainty: 'may-read' })), undefined],
  ['the readers cannot be read', () => Promise.reject(new AppError('forbidden', 'You may not.')), undefined],
  ['the connection is labelled production', () => answerWith(), { text: 'Production', color: 'clay' }],
])('asks for the name before a column is renamed where %s', async (_, uses, label) => {
  answerUses(uses, label)
  renderPanel('editor', [RENAME])
  const field = await screen.findByRole('textbox', { name: /^Type demo\.flights/ })
  expect(await button('Commit')).toHaveProperty('disabled', true)
  await userEvent.type(field, 'demo.flights')
  await enabledButton('Commit')
})

it.each<[string, () => unknown, Intent, CatalogLabel | undefined]>([
  ['nothing reads the column', () => answerWith(sampleUse({ columns: ['origin'] })), RENAME, undefined],
  ['the connection has another label', () => answerWith(), RENAME, { text: 'staging', color: 'clay' }],
  [
    'its readers go on',
    () => answerWith(CHECK),
    { kind: 'change-column-type', fieldId: 1, column: ['delay'], type: 'long', base: 'int' },
    { text: 'production', color: 'clay' },
  ],
])('asks for no name where %s', async (_, uses, intent, label) => {
  answerUses(uses, label)
  renderPanel('editor', [intent])
  await enabledButton('Commit')
  expect(screen.queryByRole('textbox', { name: /^Type / })).toBeNull()
})

it('offers to rename a column in a check of the table with the same commit', async () => {
  const sql = 'SELECT * FROM this_table WHERE delay < 0'
  tip = { ...SHOWN, properties: { ...SHOWN.properties, [CHECK_KEY]: sql } }
  answerUses(() => answerWith(CHECK, sampleUse({ name: 'Delays', columns: ['delay'] })))
  const { put } = renderPanel('editor', [RENAME])
  const buttons = await screen.findAllByRole('button', { name: 'Rename it too' })
  expect(buttons, 'the saved query is mended by its owner').toHaveLength(1)
  await userEvent.click(await button('Rename it too'))
  expect(put.mock.calls).toEqual([
    [{ kind: 'set-property', key: CHECK_KEY, value: 'SELECT * FROM this_table WHERE "delay_min" < 0', base: sql }],
  ])
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

it('says that the table has not changed only while it is as it was at the first change', async () => {
  renderPanel()
  expect(await screen.findByText('The table has not changed since you started.')).toBeTruthy()
  cleanup()
  review = { ...SAMPLE_REVIEW, metadataLocation: 'of another commit' }
  renderPanel()
  expect(await screen.findByText(/^The table has changed since you started/)).toBeTruthy()
})

it.each([
  ['an earlier commit', /^The table has changed since you started\. The changes still fit it/],
  [null, 'The changes fit the table as it is now.'],
])('says how changes fit the table when the first of them was made at %s', async (startedAt, sentence) => {
  renderPanel('editor', INTENTS, startedAt)
  expect(await screen.findByText(sentence)).toBeTruthy()
})

it('reviews again, and no longer says so, when another client commits while it is open', async () => {
  renderPanel()
  expect(await screen.findByText('The table has not changed since you started.')).toBeTruthy()
  review = { ...SAMPLE_REVIEW, metadataLocation: 'of another commit' }
  tip = { ...SHOWN, metadataLocation: 'of another commit' }
  // As the query of the newest commit does from time to time.
  await act(() => client.refetchQueries({ queryKey: tableTipQuery(SAMPLE_IDENTIFIER).queryKey }))
  expect(await screen.findByText(/^The table has changed since you started/)).toBeTruthy()
})

it('names the table that it is for in its review and its commit, after which it reviews nothing', async () => {
  const sent: unknown[] = []
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: { tableUuid?: string }) => {
    if (endpoint !== reviewChanges && endpoint !== commitChanges) return answer?.(endpoint, input)
    sent.push(input.tableUuid)
    return endpoint === reviewChanges ? review : { auditId: 'a', metadataLocation: 'm' }
  })
  const { onCommitted } = renderPanel()
  await userEvent.click(await enabledButton('Commit'))
  await waitFor(() => expect(onCommitted).toHaveBeenCalledOnce())
  expect(sent).toEqual([SHOWN.tableUuid, SHOWN.tableUuid])
})
