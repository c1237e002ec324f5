// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { type Run, run as runShape, type Schedule, schedule as scheduleShape, type UndoLink } from '@/lib/contract/jobs'
import { tableBadge } from '@/lib/contract/shapes/lake'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { render } from '@/testing/components/render'
import { JobsPage } from './jobs-page'
import { RunPanel } from './run-panel'

const router = { push: vi.fn() }

const PLACE = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const RUN: Run = { ...SAMPLE_RUN, table: PLACE }
const DONE: Run = {
  ...RUN,
  id: 'R0',
  title: 'Load weather.csv',
  state: 'succeeded',
  finishedAtMs: 5_000,
  outcome: { snapshotId: '77', rowsCommitted: 1_234, storedBytes: 2048 },
}
const FAILED: Run = {
  ...RUN,
  id: 'R2',
  title: 'Load bad.csv',
  state: 'failed',
  finishedAtMs: 5_000,
  error: { code: 'rows-rejected', detail: '1 of 2 rows does not fit.', facts: {} },
}
const MARK = z.encode(tableBadge, { table: PLACE, badge: 'deprecated', badgeReason: 'Use flights_2.' })
const SCHEDULE: Schedule = {
  id: 'tidy-runs',
  kind: 'tidy-runs',
  title: 'Tidy up',
  detail: null,
  readsOn: false,
  table: null,
  owner: null,
  isOwn: false,
  startsBy: 'times',
  cron: '17 3 * * *',
  timeZone: 'UTC',
  watchedTables: [],
  isEnabled: true,
  pausedBecause: null,
  nextRunsAtMs: [Date.UTC(2026, 0, 1, 3, 17), Date.UTC(2026, 0, 2, 3, 17), Date.UTC(2026, 0, 3, 3, 17)],
  lastRun: null,
  lastSkippedAtMs: null,
  version: 1,
  createdAtMs: null,
  changedAtMs: null,
  canChange: false,
  canRun: false,
  canTakeOver: false,
}

/** The state of the fake server, and the changes that were requested. */
let serverState: {
  runs: Run[]
  lines: object[]
  isLogOpen: boolean
  undoneBy: UndoLink | null
  schedules: Schedule[]
  isWorkerAlive: boolean
  permissions: string[]
}
let sentRequests: { address: string; body: unknown }[]
let streams: FakeStream[]
let listedStates: (string | null)[]

class FakeStream extends EventTarget {
  static readonly CLOSED = 2
  readyState = 1
  constructor() {
    super()
    streams.push(this)
  }
  close() {
    this.readyState = 2
  }
  emit(event: string, data: unknown) {
    act(() => void this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) })))
  }
}

beforeEach(() => {
  serverState = {
    runs: [RUN, DONE, FAILED],
    lines: [],
    isLogOpen: false,
    undoneBy: null,
    schedules: [SCHEDULE],
    isWorkerAlive: true,
    permissions: [],
  }
  sentRequests = []
  streams = []
  listedStates = []
  router.push.mockClear()
  vi.stubGlobal('EventSource', FakeStream)
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    if (init.method !== 'GET') {
      const text = typeof init.body === 'string' ? init.body : ''
      sentRequests.push({ address, body: JSON.parse(text) })
      if (address.includes('schedules') && text.includes('nonsense')) {
        return Response.json(problem('invalid-request', '"nonsense" is not a cron expression.'), { status: 400 })
      }
      if (address.endsWith('/run')) return Response.json({ run: encodeRun(RUN) })
      if (address.includes('schedules')) return Response.json({ schedule: z.encode(scheduleShape, SCHEDULE) })
      return Response.json({ run: encodeRun({ ...RUN, id: 'R9' }) })
    }
    if (address.endsWith('/session')) {
      const permissions = serverState.permissions
      return Response.json({
        userId: 'u',
        username: 'ada',
        role: 'admin',
        permissions,
        expiresAtMs: 1,
        grants: [],
        hasGeneratedPassword: false,
        hasPassword: true,
      })
    }
    if (address.includes('/schedules')) {
      return Response.json({ schedules: serverState.schedules.map((schedule) => z.encode(scheduleShape, schedule)) })
    }
    const [, id] = /runs\/(\w+)/.exec(address) ?? []
    if (id !== undefined) {
      const run = serverState.runs.find((candidate) => candidate.id === id)
      if (!run) return Response.json(problem('not-found', 'There is no run.'), { status: 404 })
      const after = Number(new URL(address, 'http://x').searchParams.get('after'))
      const isLogOpen = run.finishedAtMs === null || serverState.isLogOpen
      const links = { queue: null, wait: null, undoes: null, undoneBy: serverState.undoneBy }
      const lines = serverState.lines.slice(after)
      return Response.json({ run: encodeRun(run), lines, isLogOpen, ...links, badges: [MARK] })
    }
    const isOpen = address.includes('state=open')
    listedStates.push(new URL(address, 'http://x').searchParams.get('state'))
    const runs = serverState.runs.filter(({ finishedAtMs }) => (finishedAtMs === null) === isOpen).map(encodeRun)
    return Response.json({
      runs,
      badges: [],
      nextBefore: null,
      kinds: ['ingest', 'tidy-runs'],
      isWorkerAlive: serverState.isWorkerAlive,
    })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function encodeRun(run: Run) {
  return z.encode(runShape, run)
}

function problem(code: string, detail: string) {
  return { type: 't', title: 't', status: 400, detail, requestId: 'r', code, facts: {} }
}

function renderPage(page: ReactNode, search = '') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  return render(
    // The filters of the page differ from those of its address, to show that links use the address.
    <NuqsTestingAdapter hasMemory searchParams={search}>
      <QueryClientProvider client={client}>{page}</QueryClientProvider>
    </NuqsTestingAdapter>,
    { query: 'state=failed', router },
  )
}

describe('Jobs', () => {
  test('shows running runs with their progress, and ended runs with their results', async () => {
    renderPage(<JobsPage>{null}</JobsPage>)
    const running = await screen.findByRole('list', { name: 'Running now' })
    expect(within(running).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
    for (const expectedText of ['512 KiB of 1.00 MiB', '8,000 rows', '2,000 rows/s', '128 KiB/s', '2 files', '4.0 s']) {
      expect(running.textContent).toContain(expectedText)
    }
    const done = await screen.findByRole('grid', { name: 'Ended runs' })
    expect(within(done).getByText('1,234 rows')).toBeTruthy()
    expect(within(done).getByText('1 of 2 rows does not fit.')).toBeTruthy()
    expect(within(done).getByRole('link', { name: 'Load bad.csv' }).getAttribute('href')).toBe('/jobs/R2?state=failed')
    expect(within(done).getAllByRole('link', { name: 'demo.flights' })[0]?.getAttribute('href')).toContain(
      'snapshot=77',
    )
  })

  test('says that the state of the address does not exist, and lists all runs', async () => {
    renderPage(<JobsPage>{null}</JobsPage>, '?state=zz')
    expect(await screen.findByText(/^“zz” in \?state= is none of ended, .* All ended runs are listed\.$/)).toBeTruthy()
  })

  test('says what a run that succeeded rejected, and does not show it like a clean one', async () => {
    const loaded: Run = { ...DONE, outcome: { rowsCommitted: 5, rowsRejected: 12 }, warnings: { rowsRejected: 12 } }
    serverState.runs = [loaded]
    serverState.schedules = [{ ...SCHEDULE, kind: 'ingest', lastRun: { ...loaded, createdAtMs: 1, finishedAtMs: 2 } }]
    renderPage(<JobsPage>{null}</JobsPage>)
    const ended = await screen.findByRole('grid', { name: 'Ended runs' })
    const state = within(ended).getByText('with warnings')
    expect(state.parentElement?.dataset.state).toBe('warned')
    expect(state.parentElement?.title).toBe('finished, 12 rows rejected')
    expect(within(ended).getByText('5 rows, 12 rows rejected')).toBeTruthy()
    expect(await screen.findByRole('link', { name: 'finished, 12 rows rejected' })).toBeTruthy()
  })

  test('can list only the runs that succeeded with warnings', async () => {
    renderPage(<JobsPage>{null}</JobsPage>)
    await userEvent.click(await screen.findByRole('radio', { name: 'With warnings' }))
    await waitFor(() => expect(listedStates).toContain('with-warnings'))
  })

  test('links a change of many tables to the run that undid it', async () => {
    const change: Run = { ...DONE, kind: 'change-tables', table: null, outcome: { changedCount: 12 } }
    serverState.runs = [change]
    serverState.undoneBy = {
      id: 'R7',
      title: 'Undo',
      state: 'succeeded',
      outcome: { undoneCount: 11, notUndoneCount: 1 },
    }
    renderPage(<RunPanel runId="R0" />)
    const link = await screen.findByRole('link', { name: 'undone: 11 of 12 tables restored' })
    expect(link.getAttribute('href')).toContain('/jobs/R7')
  })

  test('counts what each kind of run does, in its own unit', async () => {
    const open = { ...RUN, progress: null, durationMs: null }
    serverState.runs = [
      {
        ...open,
        id: 'R4',
        kind: 'purge-table',
        title: 'Remove files',
        progress: { phase: 'removing', done: 12, total: null, unit: 'files', counters: { filesRetained: 1 } },
      },
      {
        ...open,
        id: 'R5',
        kind: 'check-table',
        title: 'Check main',
        progress: { phase: 'checking', done: 1, total: 4, unit: 'checks', counters: { checksPassed: 1 } },
      },
      {
        ...open,
        id: 'R6',
        kind: 'index-catalog',
        title: 'Index local for search',
        progress: { phase: 'reading', done: 300, total: null, unit: 'objects', counters: { objectsIndexed: 40 } },
      },
      { ...open, id: 'R7', title: 'Load next.csv' },
    ]
    renderPage(<JobsPage>{null}</JobsPage>)
    const running = await screen.findByRole('list', { name: 'Running now' })
    const texts = within(running)
      .getAllByRole('listitem')
      .map((item) => [...item.querySelectorAll('p:last-child span')].map(({ textContent }) => textContent))
    expect(texts).toEqual([
      ['removing', '12 files', '1 file kept'],
      ['running checks', '1 of 4 checks', '1 passed'],
      ['reading the catalog', '300 tables and views', '40 indexed'],
      ['starting'],
    ])
    expect(within(running).getByRole('progressbar', { name: 'Check main' }).getAttribute('aria-valuenow')).toBe('25')
  })

  test('shows progress, ended runs and waiting runs as the server reports them', async () => {
    renderPage(<JobsPage>{null}</JobsPage>)
    await screen.findByRole('list', { name: 'Running now' })
    const [stream] = streams
    stream?.emit('open', null)
    expect(await screen.findByText('live')).toBeTruthy()
    stream?.emit('runs', {
      build: null,
      runs: [encodeRun({ ...RUN, progress: { ...RUN.progress!, done: 1024 * 1024 } })],
    })
    await waitFor(() => expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('100'))
    const waiting: Run = { ...RUN, id: 'R3', title: 'Load next.csv', state: 'queued', progress: null }
    serverState.runs = [{ ...RUN, state: 'succeeded', finishedAtMs: 9_000 }, waiting]
    stream?.emit('runs', { build: null, runs: serverState.runs.map(encodeRun) })
    expect(await screen.findByText(/Nothing is running/)).toBeTruthy()
    const table = await screen.findByRole('grid', { name: 'Waiting' })
    expect(within(table).getByText('when a worker is free')).toBeTruthy()
    await userEvent.click(within(table).getByText('when a worker is free'))
    expect(router.push).toHaveBeenCalledWith('/jobs/R3?state=failed', { scroll: false })
    serverState.schedules = []
    stream?.emit('schedules', {})
    expect(await screen.findByText(/Nothing is scheduled/)).toBeTruthy()
  })

  test('says that a run is about several tables, or about no single one', async () => {
    const bulkChange = { catalog: 'local', bulkChangeId: 'B1' }
    serverState.runs = [
      { ...DONE, kind: 'change-tables', title: 'Change 600 tables', table: null, bulkChange },
      { ...DONE, id: 'R5', kind: 'tidy-runs', title: 'Tidy up', table: null },
    ]
    renderPage(<JobsPage>{null}</JobsPage>)
    expect((await screen.findByRole('row', { name: /Change 600 tables/ })).textContent).toContain('several tables')
    const row = screen.getByRole('row', { name: /Tidy up.*succeeded|succeeded.*Tidy up/ })
    expect(within(row).getByText('no single table')).toBeTruthy()
    expect(screen.queryByText(/^unknown/)).toBeNull()
  })

  test('does not call the paused run of a change of many tables cancelled', async () => {
    const bulkChange = { catalog: 'local', bulkChangeId: 'B1' }
    const error = { code: 'cancelled' as const, detail: 'The run was cancelled.', facts: {} }
    const cancelled = { ...FAILED, state: 'cancelled' as const, error }
    serverState.runs = [
      { ...cancelled, kind: 'change-tables', title: 'Change 600 tables', table: null, bulkChange },
      { ...cancelled, id: 'R5' },
    ]
    renderPage(<JobsPage>{null}</JobsPage>)
    const paused = await screen.findByRole('row', { name: /Change 600 tables/ })
    expect(paused.textContent).toContain('paused or stopped')
    expect(paused.textContent).toContain('unless a later run continued')
    expect(paused.textContent).not.toContain('cancelled')
    expect(screen.getByRole('row', { name: /Load bad.csv/ }).textContent).toContain('cancelled')
  })

  test('polls while the event stream is not open', async () => {
    renderPage(<JobsPage>{null}</JobsPage>)
    await screen.findByText('refreshed every 3 s')
    const [stream] = streams
    stream?.emit('open', null)
    await screen.findByText('live')
    if (stream) stream.readyState = 2
    stream?.emit('error', null)
    expect(await screen.findByText('refreshed every 3 s')).toBeTruthy()
  })

  test('closes a stream with an invalid event', async () => {
    renderPage(<JobsPage>{null}</JobsPage>)
    await screen.findByText('refreshed every 3 s')
    streams[0]?.emit('runs', { build: null, runs: 'nonsense' })
    await waitFor(() => expect(streams[0]?.readyState).toBe(2))
  })

  test('warns when no worker is running', async () => {
    serverState.isWorkerAlive = false
    serverState.runs = [{ ...RUN, state: 'queued', nextAttemptAtMs: Date.now() + 60_000 }]
    renderPage(<JobsPage>{null}</JobsPage>)
    expect(await screen.findByText(/No worker is running, so waiting runs do not start/)).toBeTruthy()
    expect(screen.getByText('waiting for a retry')).toBeTruthy()
  })

  test('says that a load waits for its files, and in the panel for how many', async () => {
    serverState.runs = [{ ...RUN, state: 'queued', awaitedUploads: 2 }]
    renderPage(
      <JobsPage>
        <RunPanel runId={RUN.id} />
      </JobsPage>,
    )
    expect(await screen.findByText('when its files are here')).toBeTruthy()
    expect(screen.getAllByText('waiting for bytes').length).toBeGreaterThan(0)
    expect(await screen.findByText('the bytes of 2 files')).toBeTruthy()
  })

  test('says whether there are no ended runs or none match the filter', async () => {
    serverState.runs = []
    renderPage(<JobsPage>{null}</JobsPage>)
    expect(await screen.findByText('No runs have ended yet.')).toBeTruthy()
    await userEvent.click(screen.getByRole('radio', { name: 'Stopped' }))
    expect(await screen.findByText('No runs match.')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(await screen.findByText('No runs have ended yet.')).toBeTruthy()
  })

  test('shows problems in place of the lists', async () => {
    vi.stubGlobal('fetch', async () => Response.json(problem('catalog-unavailable', 'Locked.'), { status: 503 }))
    renderPage(<JobsPage>{null}</JobsPage>)
    await waitFor(() => expect(screen.getAllByText('The catalog did not answer')).toHaveLength(3))
  })
})

describe('Scheduled', () => {
  test('shows the next three times, and no controls to users who may not change them', async () => {
    serverState.schedules = [
      {
        ...SCHEDULE,
        lastRun: { id: 'R0', state: 'succeeded', outcome: null, warnings: {}, createdAtMs: 1, finishedAtMs: 2 },
        lastSkippedAtMs: 3,
      },
      { ...SCHEDULE, id: 'off', title: 'Other', isEnabled: false, nextRunsAtMs: [] },
    ]
    renderPage(<JobsPage>{null}</JobsPage>)
    const table = await screen.findByRole('table', { name: 'Scheduled' })
    expect(within(table).getAllByRole('listitem')).toHaveLength(3)
    expect(within(table).getAllByText('17 3 * * *')[0]).toBeTruthy()
    expect(within(table).getByText('switched off')).toBeTruthy()
    expect(table.textContent).toContain('still running')
    expect(within(table).getByRole('link', { name: 'succeeded' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: /Run now/ })).toBeNull()
    expect(screen.queryByRole('switch')).toBeNull()
  })

  test('says that nothing is scheduled only to an admin, who sees every schedule', async () => {
    serverState.schedules = []
    const { unmount } = renderPage(<JobsPage>{null}</JobsPage>)
    expect(await screen.findByText('Nothing is scheduled that you may see.')).toBeTruthy()
    unmount()
    serverState.permissions = ['console:admin']
    renderPage(<JobsPage>{null}</JobsPage>)
    expect(
      await screen.findByText('Nothing is scheduled. The worker creates the first schedule when it starts.'),
    ).toBeTruthy()
  })

  test('can be switched, run and rescheduled by an admin', async () => {
    serverState.permissions = ['console:admin']
    serverState.schedules = [{ ...SCHEDULE, canChange: true, canRun: true }]
    renderPage(<JobsPage>{null}</JobsPage>)
    await userEvent.click(await screen.findByRole('button', { name: 'Run now: Tidy up' }))
    await userEvent.click(screen.getByRole('switch', { name: 'On: Tidy up' }))
    await userEvent.click(screen.getByRole('button', { name: 'Edit schedule: Tidy up' }))
    const field = await screen.findByLabelText('Cron expression')
    await userEvent.clear(field)
    await userEvent.type(field, 'nonsense')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('"nonsense" is not a cron expression.')).toBeTruthy()
    await userEvent.clear(field)
    await userEvent.type(field, '0 4 * * *')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(sentRequests.map(({ address, body }) => [address, body])).toEqual([
      ['/api/v1/jobs/schedules/tidy-runs/run', {}],
      ['/api/v1/jobs/schedules/tidy-runs', { version: 1, isEnabled: false }],
      ['/api/v1/jobs/schedules/tidy-runs', { version: 1, cron: 'nonsense', timeZone: 'UTC' }],
      ['/api/v1/jobs/schedules/tidy-runs', { version: 1, cron: '0 4 * * *', timeZone: 'UTC' }],
    ])
  })
})

describe('One run', () => {
  const logLine = (seq: number, text: string, level = 'info') => ({ seq, atMs: seq * 1000, level, text })

  test('shows its facts and its log', async () => {
    serverState.lines = [logLine(1, 'Started (attempt 1).'), logLine(2, 'careful', 'warning')]
    serverState.runs = [{ ...DONE, lastLine: 2 }]
    renderPage(<RunPanel runId="R0" />)
    const panel = await screen.findByRole('complementary', { name: 'Load weather.csv' })
    for (const expectedText of ['Ingest', 'ada', '1,234', '2.00 KiB', '77'])
      expect(panel.textContent).toContain(expectedText)
    expect(await within(panel).findByRole('img', { name: 'deprecated' })).toBeTruthy()
    const log = within(panel).getByRole('log')
    expect(log.textContent).toContain('Started (attempt 1).')
    expect(log.textContent).toContain('warning: careful')
    expect(within(panel).queryByRole('button', { name: /Cancel|Try again/ })).toBeNull()
    await userEvent.click(within(panel).getByRole('button', { name: 'Close' }))
    expect(router.push).toHaveBeenCalledWith('/jobs?state=failed', { scroll: false })
  })

  test('requests only log lines that it does not have', async () => {
    serverState.lines = [logLine(1, 'one')]
    const requestedUrls: string[] = []
    const { fetch } = globalThis
    vi.stubGlobal('fetch', (address: string, init?: RequestInit) => {
      requestedUrls.push(address)
      return fetch(address, init)
    })
    renderPage(
      <JobsPage>
        <RunPanel runId="R1" />
      </JobsPage>,
    )
    const log = await screen.findByRole('log')
    await within(log).findByText('one')
    serverState.lines.push(logLine(2, 'two'))
    serverState.runs = [{ ...RUN, lastLine: 2 }]
    streams[0]?.emit('runs', { build: null, runs: serverState.runs.map(encodeRun) })
    await within(log).findByText('two')
    expect(within(log).getAllByRole('listitem')).toHaveLength(2)
    expect(requestedUrls.filter((address) => address.includes('runs/R1'))).toEqual([
      '/api/v1/jobs/runs/R1?after=0',
      '/api/v1/jobs/runs/R1?after=1',
    ])
  })

  test('shows lines that its worker writes after it has ended, which no event reports', async () => {
    serverState.lines = [logLine(1, 'Started (attempt 1).')]
    serverState.runs = [{ ...DONE, lastLine: 1 }]
    serverState.isLogOpen = true
    const requests = vi.fn<(address: string) => void>()
    const { fetch } = globalThis
    vi.stubGlobal('fetch', (address: string, init?: RequestInit) => {
      requests(address)
      return fetch(address, init)
    })
    vi.useFakeTimers({ shouldAdvanceTime: true })
    try {
      renderPage(<RunPanel runId="R0" />)
      const log = await screen.findByRole('log')
      serverState.lines.push(logLine(2, 'Succeeded.'))
      serverState.runs = [{ ...DONE, lastLine: 2 }]
      serverState.isLogOpen = false
      await vi.advanceTimersByTimeAsync(6_000)
      await within(log).findByText('Succeeded.')
      const count = requests.mock.calls.length
      await vi.advanceTimersByTimeAsync(60_000)
      expect(requests.mock.calls.length, 'a log that is whole is not read again').toBe(count)
    } finally {
      vi.useRealTimers()
    }
  })

  test('is cancelled after a confirmation', async () => {
    renderPage(<RunPanel runId="R1" />)
    await userEvent.click(await screen.findByRole('button', { name: /^Cancel run/ }))
    expect(document.title).toBe(`${RUN.title} · Jobs · Lakeshore`)
    await userEvent.click(screen.getByRole('button', { name: 'Keep running' }))
    expect(sentRequests).toEqual([])
    await userEvent.click(screen.getByRole('button', { name: /^Cancel run/ }))
    serverState.runs = [{ ...RUN, isCancelRequested: true }]
    await userEvent.click(screen.getByRole('button', { name: 'Cancel run' }))
    expect(sentRequests).toEqual([{ address: '/api/v1/jobs/runs/R1/cancel', body: {} }])
    expect(await screen.findByText(/This run is being cancelled/)).toBeTruthy()
    expect(screen.getByText('cancelling')).toBeTruthy()
  })

  test('says when a cancellation came too late', async () => {
    serverState.runs = [{ ...RUN, state: 'succeeded', finishedAtMs: RUN.createdAtMs + 1, isCancelRequested: true }]
    renderPage(<RunPanel runId="R1" />)
    expect(await screen.findByText('Too late: the run had already finished.')).toBeTruthy()
    expect(screen.getByText('succeeded')).toBeTruthy()
    expect(screen.queryByRole('button', { name: /Cancel|again/ })).toBeNull()
  })

  test('cannot be retried when its rows do not fit: the rows, or how they are read, have to be changed', async () => {
    const facts = { rejectsFile: 'file:///lake/.lakeshore/rejects/R2.ndjson' }
    serverState.runs = [{ ...FAILED, error: { code: 'rows-rejected', detail: '1 of 2 rows does not fit.', facts } }]
    renderPage(<RunPanel runId="R2" />)
    expect(await screen.findByText('Rows of the input do not fit the table')).toBeTruthy()
    expect(screen.getByText(/^Correct the rows, how they are read, or the limit/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
    expect(screen.getByRole('link', { name: 'Open the load' }).getAttribute('href')).toBe('/ingest/runs/R2')
  })

  test('says why it failed and can be retried as a new run', async () => {
    serverState.runs = [{ ...FAILED, error: { code: 'storage-full', detail: 'No room.', facts: {} } }]
    renderPage(<RunPanel runId="R2" />)
    expect(await screen.findByText('No room.')).toBeTruthy()
    expect(screen.getByText('The table was not changed.')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(sentRequests).toEqual([{ address: '/api/v1/jobs/runs/R2/retry', body: {} }])
    expect(router.push).toHaveBeenCalledWith('/jobs/R9?state=failed', { scroll: false })
    await userEvent.click(screen.getByRole('button', { name: 'Close' }))
    expect(router.push).toHaveBeenLastCalledWith('/jobs?state=failed', { scroll: false })
  })

  test('does not say that the table is unchanged when the outcome of the commit is unknown', async () => {
    const error = { code: 'commit-state-unknown', detail: 'Look first.', facts: {} } as const
    serverState.runs = [{ ...RUN, state: 'failed', finishedAtMs: RUN.createdAtMs + 1, error }]
    renderPage(<RunPanel runId="R1" />)
    expect(await screen.findByText('The files that the run wrote were not removed.')).toBeTruthy()
    expect(screen.queryByText('The table was not changed.')).toBeNull()
  })

  test('says why and when it will be retried', async () => {
    const error = { code: 'catalog-unavailable', detail: 'Away.', facts: {} } as const
    serverState.runs = [
      { ...RUN, state: 'queued', attempt: 2, nextAttemptAtMs: Date.now() + 90_000, error, progress: null },
    ]
    renderPage(<RunPanel runId="R1" />)
    expect(await screen.findByText('The run will be retried automatically.')).toBeTruthy()
    expect(screen.getByText('in 1 min')).toBeTruthy()
  })

  test('offers no actions to users who may not change it', async () => {
    serverState.runs = [{ ...RUN, canChange: false }]
    renderPage(<RunPanel runId="R1" />)
    await screen.findByRole('log')
    expect(screen.queryByRole('button', { name: /Cancel/ })).toBeNull()
  })

  test('says when it no longer exists', async () => {
    renderPage(<RunPanel runId="nothing" />)
    expect(await screen.findByText(/It may have been removed/)).toBeTruthy()
  })
})
