// @vitest-environment happy-dom
import { listedSnapshot } from '@/testing/components/sample-snapshot'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { commitChanges } from '@/lib/contract/table/changes'
import {
  listRefs,
  previewRefDrop,
  previewRefMove,
  previewRefRetention,
  type RefDetail,
  type RefDropPreview,
  type RefMoveImpact,
  type RefRetentionPreview,
} from '@/lib/contract/table/refs'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { listPublications } from '@/lib/contract/table/publications'
import { listTableClients } from '@/lib/contract/table/clients'
import { listSnapshots, type Snapshot } from '@/lib/contract/table/snapshots'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { NO_CLIENTS } from '@/testing/contract/sample-clients'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { SnapshotList } from './snapshot-list'
import { SnapshotRefs } from './snapshot-refs'

const call = stubApi()

const SNAPSHOTS = [
  toSnapshot('13', '12', { refs: [{ name: 'main', type: 'branch' }] }),
  toSnapshot('21', '12', {
    refs: [{ name: 'a-branch-with-a-long-name', type: 'branch' }],
    isOnMain: false,
    branch: 'audit',
  }),
  toSnapshot('12', '11', { refs: [{ name: 'at-12', type: 'branch' }] }),
  toSnapshot('11', null, { refs: [{ name: 'q1', type: 'tag' }] }),
]
const row = { now: 30, removed: 20, restored: 0, after: 10 }
const IMPACT: RefMoveImpact = {
  branch: 'main',
  type: 'branch',
  fromSnapshotId: '13',
  fromCommittedAtMs: 3_000,
  toSnapshotId: '11',
  toCommittedAtMs: 1_000,
  rows: row,
  dataFiles: row,
  deleteFiles: row,
  bytes: row,
  currentSchemaId: 0,
  targetSchemaId: 0,
  missingColumns: [],
  currentFilesProblem: null,
  removedSnapshotCount: 2,
  addedSnapshotCount: 0,
  otherRefs: [],
  unreferencedSnapshotIds: [],
  unreferencedExpireAtMs: null,
  request: { path: '/v1/x', body: '{}' },
}

const ROLL_BACK = { kind: 'roll-back', fromSnapshotId: '13', toSnapshotId: '11', safetyTag: null }
const NO_RETENTION = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
const REFS: RefDetail[] = [
  {
    name: 'main',
    type: 'branch',
    snapshotId: '13',
    committedAtMs: 1_000,
    aheadCount: 0,
    behindCount: 0,
    ...NO_RETENTION,
  },
  {
    name: 'audit',
    type: 'branch',
    snapshotId: '14',
    committedAtMs: 1_000,
    aheadCount: 1,
    behindCount: 0,
    ...NO_RETENTION,
  },
  { name: 'q1', type: 'tag', snapshotId: '11', committedAtMs: 1_000, aheadCount: 0, behindCount: 2, ...NO_RETENTION },
]

const RETENTION: RefRetentionPreview = {
  snapshotId: '14',
  committedAtMs: 1_000,
  schemaId: 0,
  rowCount: 40,
  dataFileCount: 2,
  deleteFileCount: 0,
  sizeBytes: 2_048,
  expiry: {
    retainedSnapshotsNow: 0,
    retainedSnapshotsAfter: 1,
    expirableSnapshotsNow: 2,
    expirableSnapshotsAfter: 1,
    refRetainedUntilMs: null,
  },
}
const DROP: RefDropPreview = {
  intent: {
    kind: 'drop-ref',
    refName: 'audit',
    type: 'branch',
    snapshotId: '14',
    safetyTag: { name: 'before', maxRefAgeMs: null },
  },
  snapshotId: '14',
  otherRefs: [{ name: 'main', type: 'branch' }],
  unreferencedSnapshotIds: ['14'],
  unreferencedExpireAtMs: 5_000,
  figures: {
    retained: { snapshots: 3, rows: 100, dataFiles: 4, deleteFiles: 0, bytes: 4_096 },
    unreferenced: { snapshots: 1, rows: 40, dataFiles: 2, deleteFiles: 0, bytes: 2_048 },
  },
  needsConfirmation: true,
  request: { path: '/v1/x', body: '{}' },
}

const SNAPSHOT_PAGE = {
  mainSnapshotId: '13',
  totalCount: SNAPSHOTS.length,
  tableCount: SNAPSHOTS.length,
  unreferencedCount: 0,
  operations: ['append', 'overwrite'],
  writers: ['spark-etl 4.1'],
  snapshots: SNAPSHOTS,
  nextOffset: null,
}

beforeEach(() => {
  localStorage.clear()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listSnapshots) {
      return SNAPSHOT_PAGE
    }
    if (endpoint === previewRefMove) return { intent: ROLL_BACK, impact: IMPACT, needsConfirmation: true }
    if (endpoint === previewRefRetention) return RETENTION
    if (endpoint === previewRefDrop) return DROP
    if (endpoint === listPublications)
      return { mainSnapshotId: '13', checks: [], isEnabled: true, totalCount: 0, publications: [] }
    if (endpoint === listTableClients) return NO_CLIENTS
    if (endpoint === listRefs) return { totalCount: REFS.length, refs: REFS, nextOffset: null }
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    if (endpoint === proposeChanges) return { proposal: { ...SAMPLE_PROPOSAL, title: 'Roll back' } }
    throw new Error('unexpected call')
  })
})
afterEach(cleanup)

it('opens the rollback of the address, with the safety tag before the commit', async () => {
  renderInTable(<SnapshotList />, { search: '?move=main&to=snapshot:11' })
  const panel = await screen.findByRole('complementary', { name: 'Roll back main' })
  const tag = await within(panel).findByRole('checkbox', { name: /safety tag/ })
  const request = within(panel).getByRole('region', { name: 'The commit' })
  expect(tag.compareDocumentPosition(request)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
})

it.each([
  ['abc', '“snapshot:abc” is not a snapshot, a branch, a tag or a time.'],
  ['123', 'The table has no snapshot 123.'],
])('says that the snapshot of a rollback in the address does not exist, with the way back: %s', async (id, detail) => {
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint !== previewRefMove) return answer?.(endpoint)
    throw new AppError('not-found', 'The table has no snapshot 123.', { facts: { snapshotId: '123' } })
  })
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<SnapshotList />, { search: `?move=main&to=snapshot:${id}`, onUrlUpdate })
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('No such snapshot')
  expect(note.textContent).toContain(detail)
  expect(note.textContent).toContain('Choose a snapshot from the list.')
  // The server's refusal has the id of its request.
  expect(note.textContent?.replace('request r1', '')).not.toMatch(/Explore|renamed|request/)
  await userEvent.click(within(note).getByRole('button', { name: 'Back to the snapshots' }))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('')
})

it('draws the steps that a rollback would leave, and rings its target', async () => {
  renderInTable(<SnapshotList />, { search: '?move=main&to=snapshot:11' })
  await screen.findByRole('complementary', { name: 'Roll back main' })
  const steps = [...document.querySelectorAll('svg[data-step]')].map((graph) => graph.getAttribute('data-step'))
  expect(steps).toEqual(['left', 'other', 'left', 'target'])
})

it('keeps an open panel in the address, and returns the focus to its button when it closes', async () => {
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<SnapshotList />, { onUrlUpdate })
  await userEvent.click(await screen.findByRole('button', { name: '12 options' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Roll main back to here…' }))
  await screen.findByRole('complementary', { name: 'Roll back main' })
  expect(onUrlUpdate.mock.lastCall?.[0]).toMatchObject({
    queryString: '?move=main&to=snapshot:12',
    options: { history: 'push' },
  })
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: '12 options' })))
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('')
  await userEvent.click(screen.getByText('11'))
  await screen.findByRole('complementary', { name: 'Snapshot' })
  expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('?opened=11')
})

it('gives a branch the colour of its lane, and its chip the whole name', async () => {
  renderInTable(<SnapshotList />)
  const chipOf = async (name: string) => (await screen.findByTitle(name)).style.borderColor
  expect(await chipOf('branch main')).toBe('var(--c1)')
  expect(await chipOf('branch at-12')).toBe('var(--c1)')
  expect(await chipOf('branch a-branch-with-a-long-name')).toBe('var(--c2)')
})

it('leaves the refs of a snapshot wide enough to read, and counts those without room, with their names', () => {
  const names = ['audit', 'main', 'of-a-week', 'of-a-quarter', 'q1-2001']
  const refs = names.map((name) => ({ name, type: name.includes('q') ? ('tag' as const) : ('branch' as const) }))
  renderInTable(<SnapshotRefs refs={refs} colour="var(--c1)" />)
  const shown = screen.getAllByTitle(/^branch (main|audit)$/)
  expect(shown.map(({ title, style }) => [title, style.flexShrink])).toEqual([
    ['branch main', '0'],
    ['branch audit', '0'],
  ])
  const count = screen.getByText('+3')
  expect(count.parentElement?.title).toBe('branch of-a-week\ntag of-a-quarter\ntag q1-2001')
  expect(count.parentElement?.textContent).toBe('+3, branch of-a-week, tag of-a-quarter, tag q1-2001')
})

it('lets a chip with a long name shrink, and says of a safety tag that its time is in UTC', () => {
  const name = 'before-move-2026-11-24-043529'
  renderInTable(<SnapshotRefs refs={[{ name, type: 'tag' }]} colour="var(--c1)" />)
  const { style } = screen.getByTitle(`tag ${name}, with its time in UTC`)
  expect([style.flexShrink, style.minWidth]).toEqual(['', 'min(66px, 14.5ch + 27px)'])
})

it('offers no rollback while the page looks back, and says that the list is of now', async () => {
  renderInTable(<SnapshotList />, { detail: SAMPLE_PAST, search: '?move=main&to=snapshot:11' })
  expect(await screen.findByText('This list is always current.')).toBeTruthy()
  expect(screen.queryByRole('complementary')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: '12 options' }))
  const item = await screen.findByRole('menuitem', { name: /^Roll main back to here/ })
  expect(item.textContent).toContain('only now')
  expect(item.hasAttribute('disabled')).toBe(true)
})

it('keeps what does not apply to a snapshot in its menu, off and with the reason', async () => {
  renderInTable(<SnapshotList />)
  await userEvent.click(await screen.findByRole('button', { name: '21 options' }))
  const menu = await screen.findByRole('menu')
  const reasonOf = (name: RegExp) => within(menu).getByRole('menuitem', { name })
  expect(reasonOf(/^Roll main back to here/).textContent).toContain('not behind main')
  expect(reasonOf(/^Fast-forward main to here/).textContent).toContain('not ahead of main')
  expect(reasonOf(/^New tag here/).hasAttribute('disabled')).toBe(false)
})

const proposedAction = () => call.mock.calls.find(([one]) => one === proposeChanges)?.[1].action

it('offers a viewer changes of refs, which can be proposed only', async () => {
  renderInTable(<SnapshotList />, { role: 'viewer' })
  await userEvent.click(await screen.findByRole('button', { name: '12 options' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: /^Roll main back to here/ }))
  const panel = await screen.findByRole('complementary', { name: 'Roll back main' })
  await waitFor(() => expect(panel.textContent).toContain('You need the editor role to commit.'))
  expect(within(panel).getByRole('button', { name: 'Roll back' })).toHaveProperty('disabled', true)
  expect(within(panel).queryByLabelText(/^Type/)).toBeNull()
  await userEvent.click(within(panel).getByRole('button', { name: 'Propose…' }))
  const form = await screen.findByRole('form', { name: 'Proposal' })
  await userEvent.click(within(form).getByRole('button', { name: 'Propose' }))
  expect(await screen.findByText('Proposed:', { exact: false })).toBeTruthy()
  expect(proposedAction()).toMatchObject({ kind: 'change-table', intents: [{ kind: 'roll-back' }] })
})

it('claims no distance of a ref from main when the snapshots between them have expired', async () => {
  const answer = call.getMockImplementation()
  const refs = REFS.map((ref) => (ref.name === 'audit' ? { ...ref, aheadCount: null, behindCount: null } : ref))
  call.mockImplementation(async (endpoint: unknown, input: unknown) =>
    endpoint === listRefs ? { totalCount: 3, refs, nextOffset: null } : answer?.(endpoint, input),
  )
  renderInTable(<SnapshotList />, { search: '?list=refs' })
  const unknown = await screen.findAllByText('unknown: Snapshots that connected it with main have expired.')
  expect(unknown).toHaveLength(2)
  await userEvent.click(screen.getByRole('button', { name: 'audit options' }))
  const menu = await screen.findByRole('menu')
  const forward = within(menu).getByRole('menuitem', { name: /^Fast-forward main to here/ })
  expect([forward.textContent, forward.hasAttribute('disabled')]).toEqual([
    'Fast-forward main to here…history has expired',
    true,
  ])
  expect(
    within(menu)
      .getByRole('menuitem', { name: /^Compare with main/ })
      .hasAttribute('disabled'),
  ).toBe(false)
})

it('lists refs with their distance from main, and puts a new tag with its retention among the changes', async () => {
  renderInTable(<SnapshotList />, { search: '?list=refs' })
  const rows = within(await screen.findByRole('table', { name: 'Branches and tags' })).getAllByRole('row')
  expect(rows.map(({ textContent }) => textContent?.match(/main|audit|q1/)?.[0])).toEqual([
    undefined,
    'main',
    'audit',
    'q1',
  ])
  await userEvent.click(screen.getByRole('button', { name: 'audit options' }))
  const menu = await screen.findByRole('menu')
  expect(within(menu).getByRole('menuitem', { name: /^Fast-forward main to here/ }).textContent).toContain(
    '+1 snapshot',
  )
  await userEvent.click(within(menu).getByRole('menuitem', { name: 'New tag here…' }))
  const panel = await screen.findByRole('complementary', { name: 'New tag' })
  const add = await within(panel).findByRole('button', { name: 'Add to changes' })
  const impact = await within(panel).findByRole('region', { name: 'Impact' })
  expect(impact.textContent).toContain('Rows in data files40')
  expect(impact.textContent).toContain('Snapshots an expiry may remove1')
  await userEvent.type(within(panel).getByLabelText('Name'), 'q1')
  expect(within(panel).getByText('The table already has a tag q1.')).toBeTruthy()
  expect(add.hasAttribute('disabled')).toBe(true)
  await userEvent.type(within(panel).getByLabelText('Name'), '-close')
  await userEvent.type(within(panel).getByLabelText('Keep the tag for'), '30 x')
  expect(add.hasAttribute('disabled')).toBe(true)
  await userEvent.clear(within(panel).getByLabelText('Keep the tag for'))
  await userEvent.type(within(panel).getByLabelText('Keep the tag for'), '30 days')
  await userEvent.click(add)
  const pending = () => localStorage.getItem('lakeshore.pending.u1')
  await waitFor(() => expect(pending()).not.toBeNull())
  expect(JSON.parse(pending() ?? '')).toMatchObject([
    {
      changes: [
        {
          intent: {
            kind: 'create-ref',
            refName: 'q1-close',
            type: 'tag',
            snapshotId: '14',
            retention: { maxRefAgeMs: 2_592_000_000, minSnapshotsToKeep: null, maxSnapshotAgeMs: null },
          },
        },
      ],
    },
  ])
})

it('shows what removing a branch leaves behind, and commits it after the name of the table was typed', async () => {
  const commits: unknown[] = []
  const committed = Promise.withResolvers<void>()
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint === previewRefDrop && !JSON.stringify(input).includes('safetyTagName')) {
      await committed.promise
      return DROP
    }
    if (endpoint !== commitChanges) return answer?.(endpoint)
    commits.push(input)
    committed.resolve()
    return { auditId: 'a1', metadataLocation: 'm' }
  })
  renderInTable(<SnapshotList />, { search: '?list=refs' })
  await userEvent.click(await screen.findByRole('button', { name: 'audit options' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Remove…' }))
  const panel = await screen.findByRole('complementary', { name: 'Remove audit' })
  const figures = await within(panel).findByRole('table', { name: 'Impact' })
  expect(within(figures).getByRole('row', { name: /^Data files/ }).textContent).toBe('Data files64−2')
  expect(panel.textContent).toContain('Only the safety tag would still reach 1 snapshot.')
  expect(within(panel).getByRole('checkbox', { name: /safety tag/ })).toBeTruthy()
  // The preview without the tag arrives too late, and must not decide what is committed.
  await userEvent.click(within(panel).getByRole('checkbox', { name: /safety tag/ }))
  const remove = within(panel).getByRole('button', { name: 'Remove' })
  expect(remove.hasAttribute('disabled')).toBe(true)
  await userEvent.type(within(panel).getByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(remove)
  expect(await screen.findByText('audit was removed.')).toBeTruthy()
  expect(commits).toMatchObject([
    { confirmedName: 'demo.flights', intents: [{ kind: 'drop-ref', refName: 'audit', safetyTag: null }] },
  ])
})

const compareHref = (name = 'Compare') => {
  const href = screen.getByRole('link', { name }).getAttribute('href') ?? ''
  return decodeURIComponent(href.split('/').at(-1) ?? '')
}

it('offers the tools that search snapshots in its toolbar, and compares two that are selected', async () => {
  renderInTable(<SnapshotList />)
  const pick = async (snapshotId: string) =>
    userEvent.click(await screen.findByRole('checkbox', { name: `Select snapshot ${snapshotId} to compare` }))
  await pick('12')
  expect(screen.queryByRole('link', { name: 'Row history' })).toBeNull()
  expect(compareHref('Compare with main')).toBe('compare?before=snapshot:12&after=ref:main')
  await pick('11')
  expect(screen.getByText('2 selected')).toBeTruthy()
  expect(compareHref()).toBe('compare?before=snapshot:11&after=snapshot:12')
  // The third replaces the first.
  await pick('13')
  expect(compareHref()).toBe('compare?before=snapshot:11&after=snapshot:13')
  expect(screen.queryByRole('complementary')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Clear the selection' }))
  expect(compareHref()).toBe('compare')
  expect(screen.getByRole('link', { name: 'Row history' }).getAttribute('href')).toContain('/snapshots/row')
  expect(screen.getByRole('link', { name: 'Find breaking commit' }).getAttribute('href')).toContain('/snapshots/find')
  await pick('13')
  expect(compareHref()).toBe('compare')
})

it('tells commits of one minute apart by their seconds, and formats the figures of a summary', async () => {
  const answer = call.getMockImplementation()
  const summary = { 'total-records': '142880', 'added-files-size': '2048', 'engine.id': '142880' }
  const snapshots = [3_000, 2_000, 90_000_000].map((committedAtMs, i) =>
    toSnapshot(String(3 - i), null, { committedAtMs, summary }),
  )
  call.mockImplementation(async (endpoint: unknown, ...rest) =>
    endpoint === listSnapshots ? { ...SNAPSHOT_PAGE, snapshots } : answer?.(endpoint, ...rest),
  )
  renderInTable(<SnapshotList />, { search: '?opened=3' })
  const panel = await screen.findByRole('complementary', { name: 'Snapshot' })
  const timeOf = (snapshotId: string) => screen.getByText(snapshotId, { selector: 'tr code' }).closest('tr')
  expect(timeOf('3')?.textContent).toContain('1 Jan 1970, 00:00:03')
  expect(timeOf('2')?.textContent).toContain('1 Jan 1970, 00:00:02')
  expect(timeOf('1')?.textContent).toMatch(/2 Jan 1970(?!,)/)
  expect(within(panel).getByText('142,880').title).toBe('142880')
  expect(within(panel).getByText('2.00 KiB')).toBeTruthy()
  expect(within(panel).getByText('142880')).toBeTruthy()
})

it('filters by what the address says, and offers the way back when nothing matches', async () => {
  const inputs: unknown[] = []
  const answer = call.getMockImplementation()
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    if (endpoint !== listSnapshots) return answer?.(endpoint)
    inputs.push(input)
    return { ...SNAPSHOT_PAGE, totalCount: 0, snapshots: [] }
  })
  const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
  renderInTable(<SnapshotList />, { search: '?operation=overwrite&writer=spark&within=7d', onUrlUpdate })
  expect(await screen.findByText('No snapshots match these filters.')).toBeTruthy()
  expect(inputs).toMatchObject([{ operation: 'overwrite', writer: 'spark', fromMs: expect.any(Number) }])
  expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'Operation' }).value).toBe('overwrite')
  expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'Writer' }).value).toBe('spark')
  expect(screen.getByText(new RegExp(`0 of ${SNAPSHOTS.length} snapshots`))).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Show all snapshots' }))
  await waitFor(() => expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe(''))
})

function toSnapshot(snapshotId: string, parentSnapshotId: string | null, change: Partial<Snapshot>): Snapshot {
  return listedSnapshot({ snapshotId, parentSnapshotId, ...change })
}

it('says which parts of its address it ignores', async () => {
  renderInTable(<SnapshotList />, { search: '?list=zz&within=zz&edit=zz&step=zz' })
  expect(
    await screen.findByText('“zz” in ?list= is neither snapshots nor refs. The snapshots are listed.'),
  ).toBeTruthy()
  expect(
    screen.getByText('“zz” in ?within= is none of 24h, 7d, and 30d. Snapshots of any age are listed.'),
  ).toBeTruthy()
  expect(screen.getByText('“zz” in ?edit= is not an action of this page. No panel is open.')).toBeTruthy()
  expect(screen.getByText('“zz” in ?step= is not a step of publishing. No panel is open.')).toBeTruthy()
})
