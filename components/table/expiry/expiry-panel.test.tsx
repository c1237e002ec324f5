// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { commitChanges, findChange } from '@/lib/contract/table/changes'
import {
  type Expiry,
  type ExpiryFigures,
  type ExpiryPreview,
  getExpiryCount,
  type ExpiryFileList,
  listExpiries,
  listExpiryFiles,
  previewExpiry,
  previewExpiryUndo,
  startExpiryCount,
  undoExpiry,
} from '@/lib/contract/table/expiry'
import { cancelRun } from '@/lib/contract/jobs'
import { getChangePolicy, proposeChanges } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PROPOSAL } from '@/testing/contract/sample-proposal'
import { useSnapshotPanels } from '../refs/use-snapshot-panels'
import { ExpiryPanels } from './expiry-panels'
import { ExpiryUndoPanel } from './expiry-undo-panel'
import { PendingExpiries } from './pending-expiries'

const call = stubApi()

afterEach(cleanup)

const NO_FIGURES: ExpiryFigures = {
  snapshots: 0,
  manifestLists: 0,
  manifests: 0,
  dataFiles: 0,
  deleteFiles: 0,
  statisticsFiles: 0,
  dataBytes: 0,
  metadataBytes: 0,
  unsizedFiles: 0,
}
const PREVIEW: ExpiryPreview = {
  intent: {
    kind: 'expire-snapshots',
    snapshotIds: ['11', '12'],
    refNames: ['old'],
    refs: [{ name: 'main', snapshotId: '13' }],
    removeFilesAfterMs: 86_400_000,
  },
  criteria: { nowMs: 5_000 },
  snapshots: { main: 1, others: 1, removed: 2 },
  refs: [
    { name: 'main', type: 'branch', isRemoved: false },
    { name: 'old', type: 'tag', isRemoved: true },
  ],
  timeline: [
    { fromMs: 1_000, toMs: 1_000, main: 0, others: 0, removed: 1, refs: [] },
    { fromMs: 3_000, toMs: 4_000, main: 1, others: 1, removed: 1, refs: [{ name: 'main', type: 'branch' }] },
  ],
  timeTravelFromMs: { now: 1_000, after: 3_000 },
  files: {
    main: { ...NO_FIGURES, snapshots: 1, dataFiles: 5, dataBytes: 5_000 },
    others: { ...NO_FIGURES, snapshots: 1 },
    removed: { ...NO_FIGURES, snapshots: 2, manifestLists: 2, dataFiles: 3, dataBytes: 3_000, metadataBytes: 72 },
    retained: { fileCount: 3, sizeBytes: 1_500 },
    nested: { fileCount: 2, sizeBytes: 500 },
  },
  filesProblem: null,
  readers: [{ reader: 'trino', snapshotId: '11', atMs: 4_000 }],
  request: { path: '/v1/x', body: '{}' },
  requiredBy: null,
}

const inputs: { endpoint: unknown; input: unknown }[] = []
function answer(answers: ReadonlyMap<unknown, unknown>) {
  inputs.length = 0
  call.mockImplementation(async (endpoint: unknown, input: unknown) => {
    inputs.push({ endpoint, input })
    const found = answers.get(endpoint)
    if (found instanceof Error) throw found
    if (found === undefined) throw new Error('unexpected call')
    return typeof found === 'function' ? found() : found
  })
}
const sentTo = (endpoint: unknown) => inputs.filter((one) => one.endpoint === endpoint).map(({ input }) => input)

function renderPanel(of = 'table') {
  const [onGoing, onDone, onUrlUpdate] = [vi.fn(), vi.fn(), vi.fn()]
  function Panel() {
    const { panel, changeOf } = useSnapshotPanels()
    return (
      <ExpiryPanels
        edit="expire"
        of={panel.of ?? ''}
        onSubject={changeOf}
        onGoing={onGoing}
        onClose={() => {}}
        onDone={onDone}
      />
    )
  }
  renderInTable(<Panel />, { search: `?edit=expire&of=${of}`, onUrlUpdate, hasShortPauses: true })
  return { onGoing, onDone, onUrlUpdate }
}

it('says how much later time travel begins when both times are in one second', async () => {
  answer(new Map([[previewExpiry, { ...PREVIEW, timeTravelFromMs: { now: 1_000, after: 1_400 } }]]))
  renderPanel()
  const panel = await screen.findByRole('complementary', { name: 'Expire snapshots' })
  await waitFor(() => expect(panel.textContent).toMatch(/main then begins on [^.]*, 400 ms later than it does now\./))
  expect(panel.textContent).not.toContain('instead of')
})

it('shows four columns that add up, and commits exactly what it showed once the name was typed', async () => {
  answer(
    new Map<unknown, unknown>([
      [previewExpiry, PREVIEW],
      [commitChanges, { auditId: 'a1', metadataLocation: 'm' }],
    ]),
  )
  const { onGoing, onDone } = renderPanel()
  const impact = await screen.findByRole('table', { name: 'Impact' })
  const strip = screen.getByRole('figure', { name: 'Snapshots, oldest first' })
  for (const words of ['2 to remove', 'main 1', 'others 1']) expect(strip.textContent).toContain(words)
  expect(strip.querySelector('[title*="to remove: 1"][title*="main keeps: 1"]')).toBeTruthy()
  const cells = (name: RegExp) => within(within(impact).getByRole('row', { name })).getAllByRole('cell')
  expect(cells(/^Snapshots/).map(({ textContent }) => textContent)).toEqual(['4', '1', '1', '−2'])
  expect(cells(/^Data files/).map(({ textContent }) => textContent)).toEqual(['8', '5', '0', '−3'])
  const panel = screen.getByRole('complementary', { name: 'Expire snapshots' })
  expect(panel.textContent).toContain('old is older than the retention and is removed, too.')
  expect(panel.textContent).toContain('trino read 11')
  expect(panel.textContent).toContain(
    'Will be rejected if any of the 2 refs has moved, or if a branch or a tag is new.',
  )
  expect(panel.textContent).toContain('2 files, 1.54 KiB, are removed by a job 1 day after the commit')
  expect(panel.textContent).toContain('of these stays, outside the table’s folders1 file, 1,000 B')
  expect(panel.textContent).toContain('of these stays, in folders of other tables2 files, 500 B')
  await waitFor(() => expect(onGoing).toHaveBeenLastCalledWith(new Set(['11', '12'])))
  const expire = within(panel).getByRole('button', { name: 'Expire 2 snapshots' })
  expect(expire.hasAttribute('disabled')).toBe(true)
  await userEvent.type(within(panel).getByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(expire)
  await waitFor(() => expect(onDone).toHaveBeenCalled())
  expect(sentTo(commitChanges)).toMatchObject([
    { confirmedName: 'demo.flights', intents: [PREVIEW.intent], idempotencyKey: expect.stringMatching(/^\w{32}$/) },
  ])
})

it('names the only ref that an expiry requires as one', async () => {
  const refs = PREVIEW.refs.filter(({ name }) => name === 'main')
  answer(new Map<unknown, unknown>([[previewExpiry, { ...PREVIEW, refs }]]))
  renderPanel()
  expect(
    await screen.findByText(/^Will be rejected if its ref has moved, or if a branch or a tag is new\.$/),
  ).toBeTruthy()
})

it('says why nothing can expire, and sends nothing again while the outcome of a commit is unknown', async () => {
  answer(new Map<unknown, unknown>([[previewExpiry, new AppError('not-supported', 'gc.enabled is false.')]]))
  renderPanel()
  expect((await screen.findByRole('alert')).textContent).toContain('gc.enabled is false.')
  expect(screen.queryByRole('button', { name: /^Expire/ })).toBeNull()
  cleanup()

  answer(
    new Map<unknown, unknown>([
      [previewExpiry, PREVIEW],
      [commitChanges, new AppError('commit-state-unknown', 'The outcome is unknown.')],
      [findChange, { outcome: 'pending', auditId: null }],
    ]),
  )
  renderPanel()
  await userEvent.type(await screen.findByLabelText(/^Type/), 'demo.flights')
  await userEvent.click(screen.getByRole('button', { name: 'Expire 2 snapshots' }))
  expect(await screen.findByText(/has not shown yet whether the table was changed/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Expire 2 snapshots' })).toHaveProperty('disabled', true)
  expect(sentTo(commitChanges)).toHaveLength(1)
})

it('says that changes need two people, and proposes the criteria there', async () => {
  const policy = { requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null }
  answer(
    new Map<unknown, unknown>([
      [previewExpiry, PREVIEW],
      [getChangePolicy, policy],
      [proposeChanges, { proposal: { ...SAMPLE_PROPOSAL, title: 'Expire' } }],
    ]),
  )
  renderPanel()
  expect(await screen.findByText(/Changes of tables in demo need two people/)).toBeTruthy()
  expect(screen.queryByLabelText(/^Type/)).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Propose…' }))
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty(
    'value',
    expect.stringMatching(/^Expire snapshots older than the table default, files removed .+ later$/),
  )
  await userEvent.click(screen.getByRole('button', { name: 'Propose' }))
  await waitFor(() => expect(sentTo(proposeChanges)).toHaveLength(1))
  expect(sentTo(proposeChanges)[0]).toMatchObject({
    action: { kind: 'expire', removeFilesAfterMs: 86_400_000 },
  })
})

it('counts by a run what takes longer, shows how far it is, and cancels it', async () => {
  const open = {
    ...SAMPLE_RUN,
    id: 'r1',
    kind: 'count-expiry',
    state: 'running',
    finishedAtMs: null,
    isCancelRequested: false,
  }
  const progress = { phase: 'reading', done: 500, total: 2_000, unit: 'snapshots', counters: {} }
  let isCounted = false
  answer(
    new Map<unknown, unknown>([
      [previewExpiry, { ...PREVIEW, files: null }],
      [startExpiryCount, { run: open }],
      [
        getExpiryCount,
        () =>
          isCounted
            ? { run: { ...open, state: 'succeeded', finishedAtMs: 9 }, files: PREVIEW.files, list: FILES }
            : { run: { ...open, progress }, files: null, list: null },
      ],
      [cancelRun, { run: { ...open, isCancelRequested: true } }],
    ]),
  )
  renderPanel()
  await userEvent.click(await screen.findByRole('button', { name: 'Count files' }))
  const bar = await screen.findByRole('progressbar', { name: 'Counting files' })
  expect(bar.getAttribute('aria-valuenow')).toBe('25')
  expect(screen.getByText('reading snapshots: 500 of 2,000')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Cancel the count' }))
  expect(sentTo(cancelRun)).toEqual([{ run: 'r1' }])
  isCounted = true
  const row = await screen.findByRole('row', { name: /^Data files 8/ })
  expect(row.textContent).toBe('Data files850−3')
  // The run has listed them, so the page reads no more.
  await userEvent.click(screen.getByRole('button', { name: 'List the files' }))
  expect(screen.getByRole('list', { name: 'Files' }).textContent).toContain('a.parquet')
  expect(sentTo(listExpiryFiles)).toEqual([])
})

it('asks for one snapshot, or for what is older than one, as the address says', async () => {
  answer(new Map<unknown, unknown>([[previewExpiry, { ...PREVIEW, intent: null, files: null, request: null }]]))
  renderPanel('12')
  expect(await screen.findByText('Nothing would expire.')).toBeTruthy()
  expect(sentTo(previewExpiry)).toMatchObject([{ olderThanMs: 0, snapshotIds: ['12'] }])
  cleanup()
  renderPanel('before:3000')
  await waitFor(() => expect(sentTo(previewExpiry)).toHaveLength(2))
  expect(sentTo(previewExpiry)[1]).toMatchObject({ olderThanMs: 3_000 })
  expect(await screen.findByText('Nothing would expire. Choose a shorter age.')).toBeTruthy()
})

it('says what its fields mean while they are empty', async () => {
  answer(new Map<unknown, unknown>([[previewExpiry, PREVIEW]]))
  renderPanel()
  const age = await screen.findByRole('combobox', { name: 'Older than' })
  expect(age.getAttribute('placeholder')).toBe('table default (5 days)')
  const keep = screen.getByRole('combobox', { name: 'Keep of each branch' })
  expect(keep.getAttribute('placeholder')).toBe('table default (1)')
  await userEvent.type(age, '3 days')
  await userEvent.clear(age)
  await userEvent.click(await screen.findByRole('option', { name: 'table default (5 days)' }))
  expect(age).toHaveProperty('value', '')
})

it('takes any age and any number, and sends nothing for what is none', async () => {
  answer(new Map<unknown, unknown>([[previewExpiry, PREVIEW]]))
  renderPanel()
  await screen.findByRole('table', { name: 'Impact' })
  const age = screen.getByRole('combobox', { name: 'Older than' })
  const keep = screen.getByRole('combobox', { name: 'Keep of each branch' })
  await userEvent.type(age, '36')
  expect(await screen.findByText('Add a unit, such as hours or days.')).toBeTruthy()
  expect(age.getAttribute('aria-invalid')).toBe('true')
  expect(screen.queryByRole('table', { name: 'Impact' })).toBeNull()
  expect(screen.queryByRole('button', { name: /^Expire/ })).toBeNull()
  expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual(['36 hours', '36 days'])
  await userEvent.type(keep, '0')
  expect(screen.queryByRole('option')).toBeNull()
  await userEvent.type(age, ' hours')
  expect(screen.getByText('Type a whole number from 1 to 2,147,483,647.')).toBeTruthy()
  // In place of the 0, so that the field is never empty, which would be an answer too.
  await userEvent.type(keep, '7', { initialSelectionStart: 0, initialSelectionEnd: 1 })
  await waitFor(() => expect(sentTo(previewExpiry)).toHaveLength(2))
  expect(sentTo(previewExpiry)[1]).toMatchObject({ maxAgeMs: 129_600_000, retainLast: 7 })

  await userEvent.click(age)
  await userEvent.click(await screen.findByRole('option', { name: 'of any age' }))
  await waitFor(() => expect(sentTo(previewExpiry)).toHaveLength(3))
  expect(sentTo(previewExpiry)[2]).toMatchObject({ maxAgeMs: 0, retainLast: 7 })
})

it('takes several ids, keeps them in the address, and says at the field which cannot expire', async () => {
  const refusal = 'The table has no snapshot 5. Snapshot 11 cannot expire while q1 names it.'
  let isRefused = true
  answer(
    new Map<unknown, unknown>([
      [
        previewExpiry,
        () => {
          if (isRefused) throw new AppError('not-found', refusal, { facts: { snapshotId: '5' } })
          return PREVIEW
        },
      ],
    ]),
  )
  const { onUrlUpdate } = renderPanel('5')
  const field = await screen.findByRole('textbox', { name: 'Snapshot ids' })
  expect(await screen.findByText(refusal)).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
  isRefused = false
  await userEvent.clear(field)
  expect(screen.queryByText(refusal)).toBeNull()
  await userEvent.click(field)
  await userEvent.paste('9007199254740993, 9007199254740992\n-4 x')
  expect(await screen.findByText('“x” is not a snapshot id. An id is a whole number of 64 bits.')).toBeTruthy()
  expect(sentTo(previewExpiry)).toHaveLength(1)
  await userEvent.keyboard('{Backspace}')
  expect(await screen.findByRole('table', { name: 'Impact' })).toBeTruthy()
  expect(document.activeElement).toBe(field)
  const snapshotIds = ['9007199254740993', '9007199254740992', '-4']
  expect(sentTo(previewExpiry)).toMatchObject([{}, { olderThanMs: 0, snapshotIds }])
  await waitFor(() => expect(onUrlUpdate.mock.lastCall?.[0].searchParams.get('of')).toBe(snapshotIds.join(',')))
  expect(onUrlUpdate.mock.lastCall?.[0].options.history).toBe('replace')

  await userEvent.click(screen.getByRole('radio', { name: 'By age and number' }))
  await waitFor(() => expect(sentTo(previewExpiry)).toHaveLength(3))
  expect(sentTo(previewExpiry)[2]).not.toHaveProperty('snapshotIds')
  await waitFor(() => expect(onUrlUpdate.mock.lastCall?.[0].searchParams.get('of')).toBe('table'))
})

const FILES: ExpiryFileList = {
  fileCount: 203,
  files: [
    { kind: 'data', location: 'file:///lake/demo/flights/data/a.parquet', sizeBytes: 2_048 },
    { kind: 'deletion-vectors', location: 'file:///lake/demo/flights/data/b.puffin', sizeBytes: 40 },
    { kind: 'manifest-list', location: 'file:///lake/demo/flights/metadata/snap-1.avro', sizeBytes: null },
  ],
}

it('lists the files that go only when a user asks for them', async () => {
  let isSlow = true
  answer(
    new Map<unknown, unknown>([
      [previewExpiry, PREVIEW],
      [listExpiryFiles, () => ({ list: isSlow ? null : FILES })],
    ]),
  )
  renderPanel()
  await userEvent.click(await screen.findByRole('button', { name: 'List the files', expanded: false }))
  expect(await screen.findByText(/took more than two seconds/)).toBeTruthy()
  isSlow = false
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  const list = await screen.findByRole('list', { name: 'Files' })
  expect(
    within(list)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual([
    'file:///lake/demo/flights/data/a.parquetdata file, 2.00 KiB',
    'file:///lake/demo/flights/data/b.puffindeletion vectors, 40 B',
    'file:///lake/demo/flights/metadata/snap-1.avromanifest list, size not known',
  ])
  expect(screen.getByRole('region', { name: 'Files that go' }).textContent).toContain('and 200 more files')
  expect(sentTo(listExpiryFiles)).toMatchObject([{ table: 'flights', nowMs: 5_000 }, {}])
  await userEvent.click(screen.getByRole('button', { name: 'Hide the files', expanded: true }))
  expect(screen.queryByRole('list', { name: 'Files' })).toBeNull()
})

const EXPIRY: Expiry = {
  auditId: 'a1',
  atMs: 1_000,
  actor: 'ada',
  snapshotCount: 2,
  fileCount: 5,
  sizeBytes: 3_072,
  removal: {
    ...SAMPLE_RUN,
    id: 'r1',
    state: 'queued',
    scheduledForMs: 90_000_000,
    finishedAtMs: null,
    canChange: true,
  },
  undoProblem: null,
}

it('shows what waits for its removal, which can be cancelled', async () => {
  answer(
    new Map<unknown, unknown>([
      [listExpiries, { expiries: [EXPIRY] }],
      [cancelRun, { run: { ...SAMPLE_RUN, state: 'cancelled' } }],
    ]),
  )
  const onUndo = vi.fn()
  renderInTable(<PendingExpiries onUndo={onUndo} />)
  const list = await screen.findByRole('list', { name: 'Expired lately' })
  expect(list.textContent).toContain('5 files (3.00 KiB) will be removed on')
  await userEvent.click(within(list).getByRole('button', { name: 'Cancel removal' }))
  expect(sentTo(cancelRun)).toEqual([{ run: 'r1' }])
  await userEvent.click(within(list).getByRole('button', { name: 'Undo…' }))
  expect(onUndo).toHaveBeenCalledWith('a1')
})

it('undoes by a new name where the catalog cannot put metadata back, and says when it is too late', async () => {
  const undo = {
    method: 'register',
    problem: null,
    snapshotCount: 2,
    metadataLocation: 'm0',
    removal: null,
    requiredBy: null,
  }
  answer(
    new Map<unknown, unknown>([
      [previewExpiryUndo, undo],
      [undoExpiry, { auditId: 'a2', table: 'flights_then', metadataLocation: 'm0' }],
      [getChangePolicy, { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }],
    ]),
  )
  const onDone = vi.fn()
  renderInTable(<ExpiryUndoPanel auditId="a1" onClose={() => {}} onDone={onDone} />)
  const name = await screen.findByLabelText(/^Name of the table/)
  await userEvent.clear(name)
  await userEvent.type(name, 'flights_then')
  await userEvent.click(screen.getByRole('button', { name: 'Register the table' }))
  await waitFor(() => expect(onDone).toHaveBeenCalled())
  expect(sentTo(undoExpiry)).toMatchObject([{ auditId: 'a1', newName: 'flights_then' }])
  cleanup()

  answer(new Map<unknown, unknown>([[previewExpiryUndo, { ...undo, method: 'restore', problem: 'Files are gone.' }]]))
  renderInTable(<ExpiryUndoPanel auditId="a1" onClose={() => {}} onDone={onDone} />)
  expect(await screen.findByText(/It cannot be undone\. Files are gone\./)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
})

it('proposes the undo of an expiry where changes need two people', async () => {
  answer(
    new Map<unknown, unknown>([
      [
        previewExpiryUndo,
        {
          method: 'restore',
          problem: null,
          snapshotCount: 2,
          metadataLocation: 'm0',
          removal: null,
          requiredBy: 'demo',
        },
      ],
      [getChangePolicy, { requiresProposal: true, requiredBy: ['demo'], enginesBlockedBy: null }],
      [proposeChanges, { proposal: { ...SAMPLE_PROPOSAL, title: 'Undo' } }],
    ]),
  )
  const onDone = vi.fn()
  renderInTable(<ExpiryUndoPanel auditId="a1" onClose={() => {}} onDone={onDone} />)
  expect(await screen.findByText(/Changes of tables in demo need two people/)).toBeTruthy()
  expect(screen.getByText(/Until another user commits it, a commit to the table or the removal/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Undo' })).toHaveProperty('disabled', true)
  await userEvent.click(screen.getByRole('button', { name: 'Propose…' }))
  expect(screen.getByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'Undo: Expire snapshots')
  await userEvent.click(screen.getByRole('button', { name: 'Propose' }))
  await waitFor(() => expect(onDone).toHaveBeenCalledWith({ proposal: { ...SAMPLE_PROPOSAL, title: 'Undo' } }))
  expect(sentTo(proposeChanges)).toMatchObject([{ action: { kind: 'undo-expiry', auditId: 'a1', newName: null } }])
})
