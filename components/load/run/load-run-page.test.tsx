// @vitest-environment happy-dom
import { act, cleanup, screen, within, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import {
  cancelRun,
  getRun,
  listRejects,
  listRuns,
  type LoadReject,
  retryRun,
  type Run,
  type RunQueue,
} from '@/lib/contract/jobs'
import type { LoadWait } from '@/lib/contract/loads/load-wait'
import { type AddedFiles, getAddedFiles } from '@/lib/contract/table/added-files'
import { getLoad } from '@/lib/contract/loads/loads'
import { listRefs } from '@/lib/contract/table/refs'
import { getTable } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { sampleSession } from '@/testing/contract/sample-session'
import { LoadRunPage } from './load-run-page'
import { openRunPage } from './opened-run'

const call = stubApi()
const router = { push: vi.fn(), replace: vi.fn() }

const LOADED: Run = {
  ...SAMPLE_RUN,
  state: 'succeeded',
  finishedAtMs: 11_000,
  durationMs: 10_000,
  progress: { ...SAMPLE_RUN.progress!, phase: 'committing', done: 1024 * 1024 },
  outcome: {
    snapshotId: '9007199254740993',
    rowsRead: 20_000,
    rowsCommitted: 19_998,
    rowsRejected: 2,
    rejectsFile: 'file:///lake/.lakeshore/rejects/R1.ndjson',
    recordsSaved: 2,
    fileCount: 3,
    plainBytes: 4 * 1024 * 1024,
    storedBytes: 1024 * 1024,
  },
  warnings: { rowsRejected: 2 },
}
const PAST: PastLoad = {
  table: SAMPLE_IDENTIFIER,
  files: [{ name: 'flights.csv', input: null }],
  format: 'csv',
  csv: { ...CSV_DEFAULTS, delimiter: ';' },
  mapping: { columns: { origin: { field: 'from' } }, ignoredFields: ['tail'] },
  ignoreExtra: false,
  allowNullColumns: false,
  allowAmbiguousNumbers: false,
  loadAgain: false,
  repeatedFile: null,
  question: null,
  maxRejectedRows: 10,
  landing: { operation: 'append', branch: null },
  recordsSaved: 2,
  correctsRunId: 'R0',
  corrections: [],
}
const ADDED: AddedFiles = {
  snapshotId: '9007199254740993',
  parentSnapshotId: '77',
  committedAtMs: 11_000,
  operation: 'append',
  sequenceNumber: 4,
  newerCount: 0,
  onMain: { snapshotId: '9007199254740993', parentSnapshotId: '77', newerCount: 0 },
  rows: { before: '9007199254740993', added: '19998', removed: null, after: '9007199254760991' },
  files: { before: '1', added: '3', removed: null, after: '4' },
  bytes: { before: '1024', added: '1024', removed: null, after: '2048' },
  liveRows: { before: '9007199254740993', after: '9007199254760991' },
  partitionedBy: 'day(date)',
  specId: 1,
  partitionTime: 'day',
  dataFileCount: 3,
  deleteFileCount: 0,
  partitionCount: 1,
  partitions: [{ label: 'date_day=2001-10-19', timeIndex: 11_614, rowCount: 19_998, fileCount: 3, bytes: 1024 }],
  newestFiles: [
    {
      path: 'file:///lake/demo/flights/data/a.parquet',
      partition: 'date_day=2001-10-19',
      recordCount: 17_412,
      fileSizeBytes: 512,
    },
  ],
  isTruncated: false,
}
const REJECTS: LoadReject[] = [
  {
    file: null,
    line: 12,
    column: 'delay',
    value: 'NA',
    reason: 'is not a whole number',
    text: '2001-07-02,NA,337',
    part: { start: 11, end: 13 },
  },
  {
    file: null,
    line: 14,
    column: null,
    value: null,
    reason: 'has 2 fields but the header has 3',
    text: '2001,1',
    part: null,
  },
]

let server: {
  run: Run | null
  refusal: AppError | null
  queue: RunQueue | null
  wait: LoadWait | null
  isWorkerAlive: boolean
  past: PastLoad
  added: () => AddedFiles
  rejects: LoadReject[]
  sent: unknown[]
  filters: unknown[]
}
beforeEach(() => {
  router.push.mockReset()
  router.replace.mockReset()
  server = {
    run: SAMPLE_RUN,
    refusal: null,
    queue: null,
    wait: null,
    isWorkerAlive: true,
    past: PAST,
    added: () => ADDED,
    rejects: REJECTS,
    sent: [],
    filters: [],
  }
  vi.stubGlobal(
    'EventSource',
    class extends EventTarget {
      close() {}
    },
  )
  type Input = { run?: string; column?: string; wholeRows?: string; reason?: string }
  call.mockImplementation(async (endpoint: unknown, input: Input) => {
    if (endpoint === getRun) {
      if (server.refusal !== null) throw server.refusal
      if (server.run === null) throw new AppError('not-found', 'There is no run R1.')
      return {
        run: server.run,
        lines: [],
        isLogOpen: false,
        queue: server.queue,
        wait: server.wait,
        undoes: null,
        undoneBy: null,
        badges: [],
      }
    }
    if (endpoint === getLoad) return server.past
    if (endpoint === getAddedFiles) return server.added()
    if (endpoint === getTable) return SAMPLE_DETAIL
    if (endpoint === listRefs) return { refs: [], totalCount: 0, nextOffset: null }
    if (endpoint === listRuns)
      return { runs: [], badges: [], nextBefore: null, kinds: [], isWorkerAlive: server.isWorkerAlive }
    if (endpoint === listRejects) {
      server.filters.push({ column: input.column, wholeRows: input.wholeRows, reason: input.reason })
      const listed = server.rejects.filter(
        ({ column, reason }) =>
          (input.column ?? column) === column &&
          (input.wholeRows === undefined || column === null) &&
          (input.reason ?? reason) === reason,
      )
      const countsByColumn = [
        { column: 'delay', count: 1 },
        { column: null, count: 1 },
      ]
      return {
        rejects: listed,
        totalCount: REJECTS.length,
        listedRowCount: REJECTS.length,
        countsByColumn,
        anyColumnCount: REJECTS.length,
        countsByReason: REJECTS.map(({ reason }) => ({ reason, count: 1 })),
        anyReasonCount: REJECTS.length,
        nextOffset: null,
      }
    }
    server.sent.push(endpoint, input)
    return { run: { ...SAMPLE_RUN, id: 'R9' } }
  })
})
afterEach(cleanup)

function renderPage(run: Run | null = server.run) {
  server.run = run
  renderInTable(<LoadRunPage runId="R1" />, { router })
}

const rollBack = () => screen.getByRole('link', { name: 'Roll back…' })
const figure = (label: string) => screen.getByText(label).parentElement?.textContent

it('A list that lacks rejected rows says how many it has, although rows have several values', async () => {
  const outcome = { ...LOADED.outcome, rowsRejected: REJECTS.length + 1 }
  renderPage({ ...LOADED, outcome })
  expect(await screen.findByText('2 of 3 rejected rows listed; the others are only counted')).toBeTruthy()
})

it('A load says which columns had no field, and which fields it left out', async () => {
  const outcome = { ...LOADED.outcome, absentColumns: 'symbol', skippedFields: 'Ticker' }
  renderPage({ ...LOADED, outcome })
  expect(await screen.findByText(/no field for these columns, which got their default or null: symbol$/)).toBeTruthy()
  expect(screen.getByText(/These fields have no column and were left out: Ticker$/)).toBeTruthy()
})

describe('The page of a load', () => {
  it('shows how far a running load is, that nothing is committed, and what it would make of the table', async () => {
    renderPage()
    expect(await screen.findByRole('heading', { name: 'Load into demo.flights' })).toBeTruthy()
    expect(await screen.findByText('flights.csv')).toBeTruthy()
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
    expect(screen.getByText('512 KiB of 1.00 MiB', { exact: false })).toBeTruthy()
    expect(figure('Rows accepted')).toBe('Rows accepted8,000of ≈ 16,000')
    expect(figure('Rejected')).toBe('Rejected0stops above 10')
    expect(figure('Time left')).toBe('Time left≈ 4.0 s4.0 s so far')
    expect(figure('Average rate')).toContain('2,000 rows/s')
    const current = within(screen.getByRole('list', { name: 'Steps' })).getByText('read, check, write: reading')
    expect(current.dataset['state']).toBe('current')
    expect(await screen.findByText('nothing is committed yet')).toBeTruthy()
    const figures = await screen.findByRole('table', { name: 'The snapshot it makes' })
    expect(await within(figures).findByText('8,030')).toBeTruthy()
    expect(await screen.findByText(/^2 data files so far/)).toBeTruthy()
  })

  it('estimates the rows of a file that is read in one pass, until they are counted', async () => {
    const counters = { rowsRead: 0, rowsReadEstimate: 10_000 }
    renderPage({ ...SAMPLE_RUN, progress: { ...SAMPLE_RUN.progress!, phase: 'checking', counters } })
    expect(await screen.findByText('flights.csv')).toBeTruthy()
    expect(figure('Rows read')).toBe('Rows read≈ 10,000of ≈ 20,000')
    expect(figure('Average rate')).toContain('≈ 2,500 rows/s')
  })

  it('is cancelled after a confirmation', async () => {
    renderPage()
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel, leave nothing behind…' }))
    expect(screen.getByText(/files that it has written will be removed/)).toBeTruthy()
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Keep running' }))
    await userEvent.click(screen.getByRole('button', { name: 'Cancel load' }))
    expect(server.sent).toEqual([cancelRun, { run: 'R1' }])
  })

  const WAIT: LoadWait = {
    fileCount: 14,
    incompleteCount: 12,
    sizeBytes: 4096,
    receivedBytes: 1024,
    expiresAtMs: Date.now() + 23.5 * 3_600_000,
    isOwn: true,
    files: [{ uploadId: 'U1', fileName: 'may.csv', sizeBytes: 2048, receivedBytes: 512 }],
  }
  const AWAITING: Run = {
    ...SAMPLE_RUN,
    id: 'R1',
    state: 'queued',
    awaitedUploads: 14,
    startedAtMs: null,
    durationMs: null,
    progress: null,
  }
  /** As this browser remembers an upload that its user began in it. */
  const beginHere = (uploadId: string) => {
    const upload = { fingerprint: 'f', uploadUrl: `/api/v1/uploads/${uploadId}`, sizeBytes: 2048, begunAtMs: 1 }
    localStorage.setItem(`lakeshore.uploads.${sampleSession('editor').userId}`, JSON.stringify([upload]))
    onTestFinished(() => localStorage.clear())
  }
  const waitText = async () => (await screen.findByText('Waiting for bytes.')).closest('section')?.textContent

  it('says for which bytes a load waits, and how to go on when this tab does not send them', async () => {
    server.wait = WAIT
    beginHere('U1')
    renderPage(AWAITING)
    expect(await waitText()).toMatch(
      /may[.]csv512 B of 2[.]00 KiB, 25[.]0%.*2 of 14 files whole; 11 other files on the way/,
    )
    expect(screen.getByRole('progressbar', { name: 'Upload of may.csv' }).getAttribute('aria-valuenow')).toBe('25')
    expect(screen.getByText('waiting for bytes')).toBeTruthy()
    const link = screen.getByRole('link', { name: 'choose the same file again' })
    expect(link.getAttribute('href')).toBe('/ingest?catalog=local&namespace=demo&table=flights')
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the load…' }))
    expect(screen.getByText(/The load will not begin/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Keep waiting' })).toBeTruthy()
  })

  it('says that an upload of another browser cannot go on here', async () => {
    server.wait = WAIT
    renderPage(AWAITING)
    expect(await waitText()).toContain(
      'This browser cannot send may.csv: the upload was begun in another one, or before a sign-out.',
    )
    expect(screen.queryByRole('link', { name: 'choose the same file again' })).toBeNull()
  })

  it('says nothing of choosing files to other users, while bytes come from another tab, and without a session', async () => {
    server.wait = { ...WAIT, isOwn: false, files: [] }
    renderPage(AWAITING)
    expect(await waitText()).not.toContain('choose the same')
    cleanup()
    server.wait = WAIT
    beginHere('U1')
    vi.useFakeTimers({ shouldAdvanceTime: true })
    renderPage(AWAITING)
    expect(await waitText()).toContain('This tab does not send may.csv')
    server.wait = { ...WAIT, receivedBytes: 2048 }
    await vi.advanceTimersByTimeAsync(3_100)
    expect(await waitText()).toContain('Another tab sends the bytes.')
    await vi.advanceTimersByTimeAsync(18_000)
    expect(await waitText()).toContain('This tab does not send may.csv')
    server.refusal = new AppError('unauthenticated', 'Your session has ended.')
    await vi.advanceTimersByTimeAsync(3_100)
    expect(await waitText()).toMatch(/^Your session has ended[.] Sign in again in another tab, and this page goes on/)
    expect(await waitText()).not.toContain('This tab does not send')
    server.refusal = new AppError('unauthenticated', 'Disabled.', { facts: { userState: 'disabled' } })
    await vi.advanceTimersByTimeAsync(15_100)
    expect(await waitText()).toMatch(/^Your user was disabled[.] The load fails by itself/)
    server.refusal = null
    await vi.advanceTimersByTimeAsync(15_100)
    expect(await waitText()).toContain('This tab does not send may.csv')
    vi.useRealTimers()
  })

  it('says that the server does not answer, as of when the page is, and goes on', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    renderPage()
    expect(await screen.findByText('flights.csv')).toBeTruthy()
    server.refusal = new AppError('server-unreachable', 'The server cannot be reached.')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await screen.findByText(/^The server does not answer. This page shows the load as of/)).toBeTruthy()
    server.refusal = null
    await vi.advanceTimersByTimeAsync(20_000)
    expect(screen.queryByText(/^The server does not answer/)).toBeNull()
    vi.useRealTimers()
  })

  it('that waited for its files in vain is changed, and one that was cancelled says that it never began', async () => {
    const error = { code: 'not-found', detail: 'may.csv has expired.', facts: {} } as const
    renderPage({ ...AWAITING, state: 'failed', awaitedUploads: 0, finishedAtMs: 5, error })
    expect(await screen.findByRole('link', { name: 'Change and load again' })).toBeTruthy()
    cleanup()
    renderPage({
      ...AWAITING,
      state: 'cancelled',
      awaitedUploads: 0,
      finishedAtMs: 5,
      error: { ...error, code: 'cancelled' },
    })
    expect(await screen.findByText(/cancelled before it began/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
  })

  it('says why a load waits, and that no worker is alive', async () => {
    const queued: Run = {
      ...SAMPLE_RUN,
      id: 'R1',
      state: 'queued',
      startedAtMs: null,
      durationMs: null,
      progress: null,
    }
    const trips = { catalog: 'local', namespace: ['demo'], table: 'trips' }
    server.queue = {
      lane: 'common',
      aheadCount: 9,
      runs: [
        { id: 'R-2', kind: 'ingest', state: 'running', table: trips, actor: 'ada' },
        { id: 'R-1', kind: 'ingest', state: 'queued', table: trips, actor: 'bob' },
      ],
    }
    renderPage(queued)
    expect(
      await screen.findByText('The load waits in place 10: 9 loads are before it, and one runs at a time.'),
    ).toBeTruthy()
    const ahead = within(screen.getByRole('list', { name: 'Loads before it' }))
    expect(ahead.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
      'The load of ada into demo.trips, running',
      'The load of bob into demo.trips, waiting',
      'and 7 others',
    ])
    expect(ahead.getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual([
      '/ingest/runs/R-2',
      '/catalogs/local/namespaces/demo/tables/trips',
      '/ingest/runs/R-1',
      '/catalogs/local/namespaces/demo/tables/trips',
    ])
    cleanup()
    server.queue = { lane: 'small', aheadCount: 1, runs: [] }
    renderPage(queued)
    expect(
      await screen.findByText(
        'The load waits in place 2: 1 load of up to 64 MiB is before it, and one runs at a time. It does not wait for larger ones.',
      ),
    ).toBeTruthy()
    cleanup()
    server.queue = { lane: 'common', aheadCount: 0, runs: [] }
    renderPage(queued)
    expect(await screen.findByText('The load is the next one, and waits for a free worker.')).toBeTruthy()
    cleanup()
    server.isWorkerAlive = false
    renderPage(queued)
    expect(await screen.findByText(/^No worker is running, so the load does not start/)).toBeTruthy()
  })

  it('shows the snapshot of a load with exact totals, its rows, its files and its rollback', async () => {
    renderPage(LOADED)
    const rows = await screen.findByRole('link', { name: 'See the rows' })
    expect(rows.getAttribute('href')).toBe(
      '/catalogs/local/namespaces/demo/tables/flights/data?snapshot=9007199254740993',
    )
    expect(rollBack().getAttribute('href')).toContain('snapshots?move=main&to=snapshot%3A77')
    expect(figure('Rows committed')).toBe('Rows committed19,998of 20,000 read')
    expect(figure('Total time')).toContain('10 s')
    expect(figure('Compression ratio')).toBe('Compression ratio4.00 : 14.00 MiB to 1.00 MiB')
    const figures = await screen.findByRole('table', { name: 'The snapshot it makes' })
    expect(within(figures).getByText('9,007,199,254,740,993')).toBeTruthy()
    expect(within(figures).getByText('9,007,199,254,760,991')).toBeTruthy()
    expect(screen.getByText('It is the newest snapshot of main.')).toBeTruthy()
    expect(await screen.findByRole('img', { name: /^1 partition, from date_day=2001-10-19/ })).toBeTruthy()
    expect(screen.getByText('Oct 2001')).toBeTruthy()
    expect(screen.getByTitle('date_day=2001-10-19: 19,998 rows, 3 files, 1.00 KiB')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'a.parquet' })).toBeTruthy()
    expect(screen.getByText('The newest 1 of 3 files.')).toBeTruthy()
    const corrected = await screen.findByRole('link', { name: 'the rejected rows of run R0' })
    expect(corrected.getAttribute('href')).toBe('/ingest/runs/R0')
    expect(screen.getByText('1, day(date)')).toBeTruthy()
  })

  it('shows the size of a small load without a ratio, which would be that of the metadata of its file', async () => {
    renderPage({ ...LOADED, outcome: { ...LOADED.outcome, plainBytes: 37, storedBytes: 612 } })
    expect(await screen.findByText('37 B before compression')).toBeTruthy()
    expect(figure('Size')).toBe('Size612 B37 B before compression')
    expect(screen.queryByText('Compression ratio')).toBeNull()
  })

  it('leads to the checks of a load into a branch, which readers of main do not see', async () => {
    server.past = { ...PAST, landing: { operation: 'append', branch: 'audit' } }
    renderPage()
    const before = await screen.findByRole('columnheader', { name: 'Before' })
    expect(await within(before.closest('table')!).findByText('8,030')).toBeTruthy()
    // The branch does not exist yet: reading its table would fail.
    expect(call.mock.calls.some(([endpoint, input]) => endpoint === getTable && 'ref' in Object(input))).toBe(false)
    cleanup()
    server.added = () => ({ ...ADDED, onMain: null })
    renderPage(LOADED)
    const publish = await screen.findByRole('link', { name: 'Check and publish audit' })
    expect(publish.getAttribute('href')).toContain('/flights/snapshots?opened=9007199254740993')
    expect(screen.getByText(/Readers of main do not see it/)).toBeTruthy()
    expect(rollBack().getAttribute('href')).toContain('move=audit')
  })

  it.each([
    ['moved to it', 0, ADDED.snapshotId, 'Published: main has its rows, and 2 newer commits.', ' audit still has'],
    [
      'got a copy of it',
      3,
      '78',
      'Published: main has its rows as snapshot 78, and 2 newer commits.',
      ' audit still has',
    ],
    ['moved to it, and the branch is gone', null, ADDED.snapshotId, 'Published: main has its rows', null],
  ])('says that main %s, and takes the rows back from main', async (_, newerCount, snapshotId, sentence, rest) => {
    server.past = { ...PAST, landing: { operation: 'append', branch: 'audit' } }
    server.added = () => ({ ...ADDED, newerCount, onMain: { snapshotId, parentSnapshotId: '76', newerCount: 2 } })
    renderPage(LOADED)
    const undo = await screen.findByText(/^Undo is a roll back of main to/)
    expect(undo.textContent).toContain('to 76, which also takes back 2 newer commits.')
    expect(undo.textContent?.includes('audit')).toBe(rest !== null)
    expect(screen.getByText(/^Published: main has its rows/).textContent).toContain(sentence)
    expect(screen.queryByText(/Readers of main do not see it|no longer has/)).toBeNull()
    expect(rollBack().getAttribute('href')).toMatch(/move=main.*76/)
  })

  it('counts the rows that readers see before and after an upsert, by what became of the rows of the input', async () => {
    server.added = () => ({
      ...ADDED,
      operation: 'overwrite',
      rows: { before: '1999', added: '3', removed: null, after: '2002' },
      liveRows: { before: '1999', after: '2000' },
    })
    const outcome = { ...LOADED.outcome, rowsCommitted: 2, rowsUpdated: 1, rowsInserted: 1, rowsSuperseded: 1 }
    renderPage({ ...LOADED, outcome })
    const rowsOf = async () =>
      within(await screen.findByRole('table', { name: 'The snapshot it makes' }))
        .getByText('Rows')
        .closest('tr')?.textContent
    expect(await rowsOf()).toBe('Rows1,999+2 −12,000')
    expect(screen.getByText('1 row updated, 1 row inserted.')).toBeTruthy()
    expect(screen.getByText('1 row superseded by a later row of the input.')).toBeTruthy()
    cleanup()
    server.added = () => ({
      ...ADDED,
      rows: { before: '1999', added: '3', removed: null, after: '2002' },
      liveRows: { before: null, after: null },
    })
    renderPage({ ...LOADED, outcome })
    expect(await rowsOf()).toBe('Rows≤ 1,999+2≤ 2,002')
  })

  it('lists rejects with the part that does not fit, by column and by reason, and leads to their correction', async () => {
    renderPage(LOADED)
    const list = await screen.findByRole('table', { name: 'Rejected rows' })
    expect(
      within(list)
        .getAllByText('NA')
        .every(({ tagName }) => tagName === 'MARK'),
    ).toBe(true)
    expect(within(list).getByText('is not a whole number')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: /^whole rows/ }))
    expect(await within(screen.getByRole('table', { name: 'Rejected rows' })).findByText('the line')).toBeTruthy()
    expect(server.filters.at(-1)).toEqual({ column: undefined, wholeRows: 'true' })
    await userEvent.click(screen.getByRole('combobox', { name: 'Reason' }))
    await userEvent.click(await screen.findByRole('option', { name: 'is not a whole number, 1' }))
    expect(await screen.findByText('No rejected rows match.')).toBeTruthy()
    expect(server.filters.at(-1)).toEqual({ wholeRows: 'true', reason: 'is not a whole number' })
    await userEvent.click(screen.getByRole('button', { name: /^delay/ }))
    expect(await within(await screen.findByRole('table', { name: 'Rejected rows' })).findByText('delay')).toBeTruthy()
    expect(server.filters.at(-1)).toEqual({ column: 'delay', reason: 'is not a whole number' })
    const links = screen.getAllByRole('link', { name: 'Correct and load again' })
    expect(links.map((link) => link.getAttribute('href'))).toEqual(
      Array(2).fill('/ingest?catalog=local&namespace=demo&table=flights&run=R1'),
    )
  })

  it('names rejected rows that share a line by the numbers of their records', async () => {
    server.rejects = REJECTS.map((reject, i) => ({ ...reject, line: 1, record: 57 + i }))
    renderPage(LOADED)
    const list = await screen.findByRole('table', { name: 'Rejected rows' })
    expect(within(list).getByRole('columnheader', { name: 'Record' })).toBeTruthy()
    expect(within(list).getByText('57')).toBeTruthy()
    expect(within(list).getByText('58')).toBeTruthy()
  })

  it('leads to the correction of rows that were rejected while the page was open', async () => {
    server.past = { ...PAST, recordsSaved: 0 }
    renderPage()
    expect(await screen.findByText('flights.csv')).toBeTruthy()
    Object.assign(server, { run: LOADED, past: PAST })
    // The page reads the run again when its window gets the focus, before the next poll.
    act(() => void window.dispatchEvent(new Event('visibilitychange')))
    expect(await screen.findByRole('link', { name: 'See the rows' })).toBeTruthy()
    expect(await screen.findAllByRole('link', { name: 'Correct and load again' })).toHaveLength(2)
  })

  it('names the loads that have corrected its rejects, and no longer asks for a correction in the first place', async () => {
    const emphasis = async () =>
      (await screen.findAllByRole('link', { name: 'Correct and load again' })).map((link) => link.dataset['variant'])
    renderPage(LOADED)
    expect(await emphasis()).toContain('filled')
    cleanup()
    server.past = {
      ...PAST,
      corrections: [
        {
          runId: 'R8',
          correctsRunId: 'R1',
          state: 'running',
          rowsCommitted: null,
          isUndone: false,
          finishedAtMs: null,
        },
        {
          runId: 'R7',
          correctsRunId: 'R1',
          state: 'succeeded',
          rowsCommitted: 2,
          isUndone: false,
          finishedAtMs: 1_000,
        },
      ],
    }
    renderPage(LOADED)
    const note = (await screen.findByRole('link', { name: 'R7' })).closest('p')
    expect(screen.getByRole('link', { name: 'R7' }).getAttribute('href')).toBe('/ingest/runs/R7')
    expect(note?.textContent).toContain('Run R8 is loading corrected rows.')
    expect(note?.textContent).toMatch(/The rejected rows were corrected: run R7 committed 2 rows on 1 Jan 1970/)
    expect(await emphasis()).not.toContain('filled')
    cleanup()
    server.past = { ...server.past, recordsSaved: 5, corrections: server.past.corrections.slice(1) }
    renderPage(LOADED)
    const partly = (await screen.findByRole('link', { name: 'R7' })).closest('p')
    expect(partly?.textContent).toMatch(
      /^Of 5 rejected rows, some were corrected: run R7 committed 2 rows .* 3 are still missing[.]$/,
    )
    expect(await emphasis()).toContain('filled')
    cleanup()
    const [child] = server.past.corrections
    const grandchild = { ...child!, runId: 'R9', correctsRunId: 'R7', rowsCommitted: 3 }
    server.past = { ...server.past, corrections: [grandchild, child!] }
    renderPage(LOADED)
    const both = (await screen.findByRole('link', { name: 'R9' })).closest('p')
    expect(both?.textContent).toMatch(
      /run R7 committed 2 rows on .*[.] Run R9 committed 3 rows that run R7 had rejected again on [^.]*[.] $/,
    )
    cleanup()
    server.past = { ...server.past, corrections: [child!] }
    const undone = server.past.corrections.map((correction) => ({ ...correction, isUndone: true }))
    server.past = { ...server.past, corrections: undone }
    renderPage(LOADED)
    const undoneNote = (await screen.findByRole('link', { name: 'R7' })).closest('p')
    expect(undoneNote?.textContent).toMatch(
      /^Run R7 committed 2 corrected rows .*, but the table no longer has them: the snapshot was rolled back or replaced[.] 5 rejected rows are still missing[.]$/,
    )
    expect(screen.queryByText(/^Another run corrects them/)).toBeNull()
    expect(await emphasis()).toContain('filled')
  })

  it('shows no rejects to users who may not write the table, and offers them no changes', async () => {
    renderPage({ ...LOADED, canChange: false })
    expect(await screen.findByText(/^Only users who may write the table see rejected rows/)).toBeTruthy()
    expect(await screen.findByText(/^Only users who may write the table see how/)).toBeTruthy()
    expect(await screen.findByRole('link', { name: 'See the rows' })).toBeTruthy()
    expect(screen.queryByRole('link', { name: 'Roll back…' })).toBeNull()
    expect(server.filters).toEqual([])
  })

  it('says that the snapshot has expired', async () => {
    server.added = () => {
      throw new AppError('not-found', 'The table has no snapshot 9007199254740993. It may have expired.')
    }
    renderPage(LOADED)
    expect(await screen.findByText(/^The table no longer has the snapshot 9007199254740993/)).toBeTruthy()
    expect(await screen.findByText(/files that it added cannot be listed/)).toBeTruthy()
    expect(screen.queryByRole('link', { name: 'See the rows' })).toBeNull()
  })

  it('says that the branch has gone on without the snapshot, and offers no roll back', async () => {
    server.added = () => ({ ...ADDED, newerCount: null, onMain: null })
    renderPage(LOADED)
    expect(await screen.findByText('main no longer has this snapshot: it was rolled back or replaced.')).toBeTruthy()
    expect(screen.getByText(/^main no longer has the rows of this load/)).toBeTruthy()
    expect(screen.queryByRole('link', { name: 'Roll back…' })).toBeNull()
  })

  it.each([
    [0, 'no row had to be added or replaced'],
    [20_000, 'every row was rejected'],
  ])('says that nothing was committed, with %d rejected rows', async (rowsRejected, reason) => {
    const outcome = { ...LOADED.outcome, snapshotId: null, rowsRejected, rowsCommitted: 0 }
    renderPage({ ...LOADED, outcome, warnings: rowsRejected === 0 ? {} : { rowsRejected } })
    expect(await screen.findByText(`Nothing was committed: ${reason}, so the table has no new snapshot.`)).toBeTruthy()
  })

  it('gives the average rate of a load that was too short to draw, and says nothing of one without rows', async () => {
    renderPage(LOADED)
    const average = await screen.findByText(/rows.s on average over/)
    expect(average.textContent).not.toContain('drawn')
    cleanup()
    renderPage({ ...LOADED, outcome: { ...LOADED.outcome, rowsRead: 10 } })
    expect((await screen.findByText(/on average over/)).textContent).toMatch(/^1 row\/s on average over/)
    expect(figure('Average rate')).toContain('1 row/s')
    cleanup()
    renderPage({ ...SAMPLE_RUN, state: 'failed', finishedAtMs: 5_000, durationMs: 300, progress: null })
    expect(await screen.findByText(/^What was decided/)).toBeTruthy()
    await waitFor(() => expect(screen.queryByText('Rows per second')).toBeNull())
  })

  it('says why a load failed and that the table is as it was, and tries again as another run', async () => {
    renderPage({
      ...SAMPLE_RUN,
      state: 'failed',
      finishedAtMs: 5_000,
      error: { code: 'storage-full', detail: 'No room.', facts: {} },
    })
    expect(await screen.findByText('No room.')).toBeTruthy()
    expect(screen.getByText('The table was not changed.')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(server.sent).toEqual([retryRun, { run: 'R1' }])
    expect(router.push).toHaveBeenCalledWith('/ingest/runs/R9')
  })

  it('lists the files of a load, and does not offer uploads of another user again', async () => {
    const files = Array.from({ length: 12 }, (_, i) => ({ name: `${i}.csv`, input: { uploadId: `U${i}` } }))
    server.past = { ...PAST, files }
    const error = { code: 'forbidden', detail: 'maria was disabled.', facts: {} } as const
    renderPage({ ...SAMPLE_RUN, actor: 'maria', state: 'failed', finishedAtMs: 5_000, error })
    expect((await screen.findByText('2 more files')).parentElement?.textContent).toContain('11.csv')
    expect(screen.getByText('The user of the run does not have the permission')).toBeTruthy()
    expect(screen.getByText('Only maria can load these uploads again.')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  })

  it('leads from a load that failed because of its rejects to the form, and not to another attempt', async () => {
    const facts = { rowsRejected: 2, rowsRead: 20, rejectsFile: 'file:///lake/.lakeshore/rejects/R1.ndjson' }
    renderPage({
      ...SAMPLE_RUN,
      state: 'failed',
      finishedAtMs: 5_000,
      error: { code: 'rows-rejected', detail: '2 of 20 rows do not fit.', facts },
      progress: null,
      durationMs: 2_000,
    })
    expect(await screen.findByText('2 of 20 rows do not fit.', { exact: false })).toBeTruthy()
    expect(figure('Rejected')).toContain('210.0%')
    expect(figure('Average rate')).toContain('10 rows/s')
    expect(await screen.findByText('Nothing was loaded.')).toBeTruthy()
    expect(screen.getAllByRole('link', { name: 'Change and load again' })[0]?.getAttribute('href')).toMatch(/&run=R1$/)
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  })

  it('leads from a load of bytes that were loaded before to the earlier run, if its user may see it', async () => {
    const error = (sentence: string) => ({
      code: 'invalid-request' as const,
      detail: `${sentence} To load them again all the same, confirm it (--load-again, loadAgain).`,
      facts: { earlierRunId: 'R0', option: '--load-again' },
    })
    const failed = { ...SAMPLE_RUN, state: 'failed' as const, finishedAtMs: 5_000 }
    renderPage({ ...failed, error: error('The bytes of a.csv were loaded before by ada, run R0.') })
    const link = await screen.findByRole('link', { name: 'Open the earlier load' })
    expect(link.getAttribute('href')).toBe('/ingest/runs/R0')
    const note = screen.getByRole('alert').textContent
    expect(note).toMatch(/^These bytes were loaded before.*run R0[.]The table.*Load again all the same[.]$/)
    cleanup()
    renderPage({ ...failed, error: error('The bytes of a.csv were loaded before.') })
    expect(await screen.findByText('The bytes of a.csv were loaded before.', { exact: false })).toBeTruthy()
    expect(screen.queryByRole('link', { name: 'Open the earlier load' })).toBeNull()
  })

  it('advises about its file, not about reading less of a table', async () => {
    const facts = { line: 7 }
    const error = {
      code: 'too-large' as const,
      detail: 'The record that begins on line 7 is longer than 16 MiB.',
      facts,
    }
    renderPage({ ...SAMPLE_RUN, state: 'failed', finishedAtMs: 5_000, error })
    expect(await screen.findByText(/^Look for a quote or a line end that is missing there/)).toBeTruthy()
  })

  it('does not say that the table is as it was when the outcome of the commit is unknown', async () => {
    renderPage({
      ...SAMPLE_RUN,
      state: 'failed',
      finishedAtMs: 5_000,
      error: { code: 'commit-state-unknown', detail: 'Look first.', facts: {} },
    })
    expect(await screen.findByText('The files that the load wrote were not removed.')).toBeTruthy()
    expect(screen.queryByText('The table was not changed.')).toBeNull()
    cleanup()
    const error = { code: 'catalog-unavailable' as const, detail: 'far does not answer.', facts: {} }
    renderPage({ ...SAMPLE_RUN, state: 'running', error })
    expect(await screen.findByText(/^Lakeshore looks for the commit every 15 seconds/)).toBeTruthy()
    expect(screen.queryByText('The table was not changed.')).toBeNull()
    // The branch may have the rows already, so nothing is added to them once more.
    const figures = await screen.findByRole('table', { name: 'The snapshot it makes' })
    await waitFor(() =>
      expect(within(figures).getAllByText(/it is not known whether the snapshot was committed/)).toHaveLength(3),
    )
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the load…' }))
    expect(
      screen.getByText(/^Lakeshore looks for the commit first[.] If it was made, the cancel comes too late/),
    ).toBeTruthy()
  })

  it('says that a load was cancelled and left nothing behind', async () => {
    renderPage({ ...SAMPLE_RUN, state: 'cancelled', finishedAtMs: 5_000 })
    expect(await screen.findByText(/^The load was cancelled. The files that it had written were removed/)).toBeTruthy()
    cleanup()
    const progress = { ...SAMPLE_RUN.progress!, counters: { rowsRead: 8_000, rowsRejected: 3 } }
    openRunPage('R1')
    renderPage({ ...SAMPLE_RUN, state: 'cancelled', finishedAtMs: 5_000, progress })
    expect(await screen.findByText(/^The list of rejected rows was removed/)).toBeTruthy()
    // After a load was started with the keyboard.
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }))
    expect(server.filters).toEqual([])
  })

  it('leads from a run that is not a load to Jobs, and says when a run was removed', async () => {
    renderPage({ ...SAMPLE_RUN, kind: 'tidy-runs', table: null })
    expect(await screen.findByRole('link', { name: 'Open it in Jobs' })).toBeTruthy()
    expect(router.replace).toHaveBeenCalledWith('/jobs/R1')
    cleanup()
    renderPage(null)
    expect(await screen.findByText('There is no run R1.', { exact: false })).toBeTruthy()
    expect(screen.getByText(/It may have been removed/)).toBeTruthy()
  })
})
