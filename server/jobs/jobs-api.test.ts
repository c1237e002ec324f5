import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import {
  cancelRun,
  getRun,
  listRuns,
  listSchedules,
  retryRun,
  runSchedule,
  runsChangedEvent,
  setSchedule,
  watchRuns,
} from '@/lib/contract/jobs'
import type { Role } from '@/lib/permissions'
import { type TestClock, useTestClock } from '@/testing/clock'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { type NewRun, queueRun, readRun } from '@/server/db/jobs/runs'
import { claimRun, endRun, renewLease } from '@/server/db/jobs/run-leases'
import { logChanges } from '@/server/db/jobs/run-logs'
import { ensureSchedule } from '@/server/db/jobs/schedules'
import { closeSession } from '@/server/db/auth/sessions'
import { listNewestEvents } from '@/testing/homes/newest-events'
import { readQueue } from './run-queue'
import { canChange, requireReadableRun, readRunPage } from './run-view'

/** Runs and schedules as the routes return them, for each role. */

const home = createTestHome()

const SOON = { timeout: 50_000, interval: 5 }
const POLL_INTERVAL_MS = 500
const TABLE = { catalog: 'local', namespace: ['a.b', 'c'], table: 't' }
const people = {} as Record<Role, SignedInUser>

beforeAll(async () => {
  for (const role of ['viewer', 'editor', 'admin'] as const) people[role] = await signInAs(home.services, role)
})
beforeEach(async () => {
  await home.database.commit(['runs', 'run_logs', 'schedules'].map((table) => rawChange(`DELETE FROM ${table}`)))
})

const queue = (more: Partial<NewRun> = {}) =>
  queueRun(home.database, {
    kind: 'test',
    title: 'Test',
    spec: { secretSpec: true },
    actor: { userId: 'nobody', username: 'nobody', role: 'admin' },
    table: TABLE,
    ...more,
  })

async function fail(id: string) {
  await claimRun(home.database, 'w', { overall: 50, byKind: {} })
  await endRun(home.database, id, 'w', 'failed', {
    code: 'file-missing',
    detail: 'There is no file.',
    facts: { file: 'x.csv' },
  })
}

async function request<I extends z.ZodObject>(
  endpoint: Endpoint<I>,
  input: z.output<I>,
  { cookie }: SignedInUser,
  signal?: AbortSignal,
): Promise<Response> {
  const fields: Record<string, unknown> = { ...z.encode(endpoint.input, input) }
  const params: Record<string, string> = {}
  for (const [, name = ''] of endpoint.path.matchAll(/:(\w+)/g)) {
    params[name] = String(fields[name])
    delete fields[name]
  }
  const isGet = endpoint.method === 'GET'
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const request = new Request(`http://test/x${isGet ? `?${query}` : ''}`, {
    method: endpoint.method,
    headers: { cookie, ...(!isGet && { 'content-type': 'application/json' }) },
    ...(!isGet && { body: JSON.stringify(fields) }),
    ...(signal && { signal }),
  })
  const services = { ...home.services, buildId: 'the build' }
  return (await loadRouteHandler(services, endpoint))(request, { params: Promise.resolve(params) })
}

async function readAnswer<I extends z.ZodObject, O extends z.ZodType>(
  endpoint: Endpoint<I, O>,
  input: z.output<I>,
  person: SignedInUser,
): Promise<z.output<O>> {
  const response = await request(endpoint, input, person)
  expect(response.status).toBe(200)
  return endpoint.output.parse(await response.json())
}

async function refusal<I extends z.ZodObject>(endpoint: Endpoint<I>, input: z.output<I>, person: SignedInUser) {
  return ((await (await request(endpoint, input, person)).json()) as { code?: string }).code
}

describe('Runs are listed', () => {
  it('newest first, page by page, with exactly what the user may know', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i += 1) ids.unshift(await queue())
    const first = await readAnswer(listRuns, { limit: 2 }, people.viewer)
    expect(first.runs.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(first.runs[0]).toMatchObject({
      state: 'queued',
      title: 'Test',
      table: TABLE,
      actor: 'nobody',
      canChange: false,
    })
    expect(JSON.stringify(first)).not.toContain('secretSpec')
    const seen = [...first.runs]
    let before = first.nextBefore
    while (before !== null) {
      const page = await readAnswer(listRuns, { limit: 2, before }, people.viewer)
      seen.push(...page.runs)
      before = page.nextBefore
    }
    expect(seen.map(({ id }) => id)).toEqual(ids)
  })

  it('by state, kind and table', async () => {
    const done = await queue()
    await fail(done)
    const other = await queue({ kind: 'other', table: null })
    const idsOf = async (input: z.output<typeof listRuns.input>) =>
      (await readAnswer(listRuns, input, people.viewer)).runs.map(({ id }) => id)
    expect(await idsOf({ state: 'ended' })).toEqual([done])
    expect(await idsOf({ state: 'open' })).toEqual([other])
    expect(await idsOf({ state: 'failed' })).toEqual([done])
    expect(await idsOf({ kind: 'other' })).toEqual([other])
    expect(await idsOf({ ...TABLE })).toEqual([done])
    expect(await idsOf({ ...TABLE, table: 'u' })).toEqual([])
    expect(await refusal(listRuns, { catalog: 'local' }, people.viewer)).toBe('invalid-request')
    expect((await readAnswer(listRuns, {}, people.viewer)).kinds).toEqual(['other', 'test'])
  })

  it('only for tables that the user may read, page by page too', async () => {
    const ids: string[] = []
    for (let i = 0; i < 30; i += 1) {
      const isTheirs = i % 7 === 0
      const id = await queue({ table: { ...TABLE, namespace: [isTheirs ? 'theirs' : 'other'] } })
      if (isTheirs) ids.unshift(id)
    }
    const on = { catalog: 'local', namespace: ['theirs'] }
    const reader: Actor = {
      userId: 'r',
      username: 'r',
      role: 'viewer',
      grants: [{ permission: 'table:read', resource: on }],
    }
    const seen: string[] = []
    let before: string | null = null
    do {
      const page: Awaited<ReturnType<typeof readRunPage>> = await readRunPage(
        home.database,
        { limit: 2, ...(before !== null && { before }) },
        reader,
      )
      seen.push(...page.runs.map(({ id }) => id))
      before = page.nextBefore
    } while (before !== null)
    expect(seen).toEqual(ids)
    const viewer = actorFor({ ...people.viewer, role: 'viewer' })
    const { runs: hidden } = await readRunPage(home.database, { ...TABLE, namespace: ['other'] }, viewer)
    await expect(requireReadableRun(home.database, hidden[0]?.id ?? '', reader)).rejects.toThrow('There is no run')
    expect(canChange(reader, { table: { ...TABLE, namespace: ['theirs'] }, actor: reader })).toBe(true)
  })

  it('with a note that no worker is running', async () => {
    await home.database.commit([rawChange('DELETE FROM workers')])
    expect(await readAnswer(listRuns, {}, people.viewer)).toMatchObject({ isWorkerAlive: false })
    const seen = (atMs: number) =>
      home.database.commit([
        rawChange("DELETE FROM workers WHERE id = 'w'"),
        rawChange("INSERT INTO workers VALUES ('w', ?)", [atMs]),
      ])
    await seen(home.database.nowMs())
    expect(await readAnswer(listRuns, {}, people.viewer)).toMatchObject({ isWorkerAlive: true })
    // By a clock that has been set back since.
    await seen(home.database.nowMs() + 3_600_000)
    expect(await readAnswer(listRuns, {}, people.viewer)).toMatchObject({ isWorkerAlive: false })
  })
})

describe('One run', () => {
  it('is returned with its log from the reader’s position, and with its outcome', async () => {
    const id = await queue()
    const lines = ['a', 'b', 'c'].map((text) => ({ atMs: 5, level: 'info', text }) as const)
    await home.database.commit(logChanges(id, lines))
    await home.database.commit([
      rawChange('UPDATE runs SET outcome = ? WHERE id = ?', ['{"rows":3,"list":[1],"snapshotId":"7"}', id]),
    ])
    const { run, lines: retained } = await readAnswer(getRun, { run: id, after: 1 }, people.viewer)
    expect(run).toMatchObject({ id, lastLine: 3, outcome: { rows: 3, snapshotId: '7' } })
    expect(run.outcome).not.toHaveProperty('list')
    expect(retained).toEqual([
      { seq: 2, atMs: 5, level: 'info', text: 'b' },
      { seq: 3, atMs: 5, level: 'info', text: 'c' },
    ])
  })

  it('may get more lines until its worker has had time to write the last ones', async () => {
    const id = await queue()
    const isLogOpen = async () => (await readAnswer(getRun, { run: id }, people.viewer)).isLogOpen
    expect(await isLogOpen(), 'queued').toBe(true)
    await fail(id)
    expect(await isLogOpen(), 'just ended').toBe(true)
    await home.database.commit([
      rawChange('UPDATE runs SET finished_at_ms = finished_at_ms - 60000 WHERE id = ?', [id]),
    ])
    expect(await isLogOpen(), 'ended a minute ago').toBe(false)
  })

  it('that succeeded with rejected rows says so, in the list of its kind and in a filter', async () => {
    const end = (id: string, state: string, rowsRejected: number) =>
      home.database.commit([
        rawChange("UPDATE runs SET kind = 'ingest', state = ?, outcome = ?, finished_at_ms = 1 WHERE id = ?", [
          state,
          JSON.stringify({ rowsCommitted: 3, rowsRejected }),
          id,
        ]),
      ])
    const [rejecting, clean, failed] = [await queue(), await queue(), await queue()]
    await end(rejecting, 'succeeded', 12)
    await end(clean, 'succeeded', 0)
    await end(failed, 'failed', 12)
    const warningsOf = async (run: string) => (await readAnswer(getRun, { run }, people.viewer)).run.warnings
    expect(await warningsOf(rejecting)).toEqual({ rowsRejected: 12 })
    expect(await warningsOf(clean)).toEqual({})
    expect(await warningsOf(failed)).toEqual({})
    const idsOf = async (state: 'with-warnings' | 'succeeded') =>
      (await readAnswer(listRuns, { state }, people.viewer)).runs.map(({ id }) => id)
    expect(await idsOf('with-warnings')).toEqual([rejecting])
    expect(await idsOf('succeeded')).toEqual([clean, rejecting])
  })

  it('of a change of many tables is linked with the run that undid it', async () => {
    const step = (name: string) =>
      queue({
        kind: 'change-tables',
        title: name,
        table: null,
        exclusiveKey: 'change-tables B1',
        spec: { catalog: 'local', bulkChangeId: 'B1', step: name },
      })
    const [preview, write, undo] = [await step('preview'), await step('write'), await step('undo')]
    const linksOf = async (run: string) => {
      const { undoes, undoneBy } = await readAnswer(getRun, { run }, people.admin)
      return [undoes?.id ?? null, undoneBy?.id ?? null]
    }
    expect(await linksOf(preview)).toEqual([null, null])
    expect(await linksOf(write)).toEqual([null, undo])
    expect(await linksOf(undo)).toEqual([write, null])
  })

  it('that waits names the loads before it that its reader may see, and counts the others', async () => {
    const load = (namespace: string, username: string, lane: NewRun['lane'] = 'common') =>
      queue({
        kind: 'ingest',
        lane,
        table: { ...TABLE, namespace: [namespace] },
        actor: { userId: username, username, role: 'editor' },
      })
    const running = await load('theirs', 'ada')
    await claimRun(home.database, 'w', { overall: 50, byKind: {} })
    await queue()
    for (const namespace of ['other', 'theirs', 'other']) await load(namespace, 'bob')
    const id = await load('theirs', 'carol')
    const queueOf = async (runId: string) => (await readAnswer(getRun, { run: runId }, people.viewer)).queue
    expect(await queueOf(id)).toMatchObject({ aheadCount: 4, runs: [{ id: running, state: 'running' }, {}, {}, {}] })
    expect(await queueOf(running), 'it has started').toBeNull()
    expect(await queueOf(await load('theirs', 'dora', 'small'))).toEqual({ lane: 'small', aheadCount: 0, runs: [] })
    expect(await queueOf(await load('theirs', 'dora', 'small'))).toMatchObject({
      aheadCount: 1,
      runs: [{ actor: 'dora' }],
    })
    const reader: Actor = {
      userId: 'r',
      username: 'r',
      role: 'viewer',
      grants: [{ permission: 'table:read', resource: { catalog: 'local', namespace: ['theirs'] } }],
    }
    const own = await requireReadableRun(home.database, id, reader)
    expect(await readQueue(home.database, own, reader)).toEqual({
      lane: 'common',
      aheadCount: 4,
      runs: ['ada', 'bob'].map((actor) => ({
        id: expect.any(String),
        kind: 'ingest',
        state: actor === 'ada' ? 'running' : 'queued',
        table: { ...TABLE, namespace: ['theirs'] },
        actor,
      })),
    })
    for (let i = 0; i < 3; i += 1) await load('theirs', 'dan')
    const last = await queueOf(await load('theirs', 'eve'))
    expect([last?.aheadCount, last?.runs.length]).toEqual([8, 5])
    const later = await queue({ kind: 'ingest', scheduledForMs: home.database.nowMs() + 60_000 })
    expect(await queueOf(later), 'it waits for its time').toBeNull()
    expect(await queueOf(await queue()), 'a kind without a limit').toBeNull()
  })

  it('that does not exist is not found', async () => {
    expect(await refusal(getRun, { run: 'nothing' }, people.admin)).toBe('not-found')
  })
})

describe('Cancelling', () => {
  it.each([
    ['viewer', 'of a table', TABLE, 'forbidden'],
    ['editor', 'of a table', TABLE, undefined],
    ['viewer', 'of no table', null, 'forbidden'],
    ['editor', 'of no table', null, 'forbidden'],
    ['admin', 'of no table', null, undefined],
  ] as const)('a %s a run %s', async (role, _of, table, code) => {
    const id = await queue({ table })
    expect(await refusal(cancelRun, { run: id }, people[role])).toBe(code)
    expect((await readRun(home.database, id))?.state).toBe(code ? 'queued' : 'cancelled')
  })

  it('of any user', async () => {
    const { userId, username } = people.viewer
    const id = await queue({ actor: { userId, username, role: 'viewer' }, table: null })
    expect((await readAnswer(getRun, { run: id }, people.viewer)).run.canChange).toBe(true)
    expect(await readAnswer(cancelRun, { run: id }, people.viewer)).toMatchObject({ run: { state: 'cancelled' } })
  })

  it('is audited once, however often it is requested', async () => {
    const id = await queue()
    await claimRun(home.database, 'w', { overall: 9, byKind: {} })
    for (let i = 0; i < 2; i += 1) await readAnswer(cancelRun, { run: id }, people.editor)
    expect(await renewLease(home.database, id, 'w', null)).toEqual({ isOurs: true, isCancelRequested: true })
    const entries = await listAudit(home.database, { limit: 10 })
    const audit = entries.filter(({ after }) => after?.run?.id === id)
    expect(audit).toMatchObject([{ action: 'cancel-run', actor: { username: people.editor.username }, table: TABLE }])
    expect(
      await listNewestEvents(home.services, actorFor({ ...people.viewer, role: 'viewer' }), 10),
      'the table is as it was',
    ).toEqual([])
    expect((await readAnswer(getRun, { run: id }, people.viewer)).lines.map(({ text }) => text)).toEqual([
      `${people.editor.username} cancelled it.`,
    ])
  })
})

describe('A run is retried', () => {
  it('as a new run in the caller’s name', async () => {
    const id = await queue({ exclusiveKey: 'k', lane: 'small' })
    await fail(id)
    const { run } = await readAnswer(retryRun, { run: id }, people.editor)
    expect(run).toMatchObject({ state: 'queued', actor: people.editor.username, title: 'Test', table: TABLE })
    expect(await readRun(home.database, run.id)).toMatchObject({
      spec: { secretSpec: true },
      exclusiveKey: 'k',
      lane: 'small',
      actor: { role: 'editor' },
    })
    expect((await readRun(home.database, id))?.state).toBe('failed')
  })

  it('only by users who may queue such a run', async () => {
    const id = await queue()
    await fail(id)
    expect(await refusal(retryRun, { run: id }, people.viewer)).toBe('forbidden')
  })

  it('only after it failed', async () => {
    const id = await queue()
    expect(await refusal(retryRun, { run: id }, people.editor)).toBe('invalid-request')
  })
})

describe('Schedules', () => {
  beforeEach(async () => {
    await ensureSchedule(home.database, {
      id: 'nightly',
      kind: 'test',
      title: 'Every night',
      spec: {},
      actor: { userId: 'lakeshore', username: 'Lakeshore', role: 'admin' },
      table: null,
      cron: '30 3 * * *',
      timeZone: 'UTC',
      isEnabled: true,
      nextAtMs: home.database.nowMs() + 1_000,
    })
  })

  it('are shown with their next three times', async () => {
    const { schedules } = await readAnswer(listSchedules, {}, people.viewer)
    expect(schedules).toMatchObject([{ id: 'nightly', cron: '30 3 * * *', isEnabled: true, lastRun: null }])
    const [first = 0, second = 0, third = 0] = schedules[0]?.nextRunsAtMs ?? []
    expect(second).toBeGreaterThan(first)
    expect(third - second).toBe(24 * 3_600_000)
  })

  it('are rescheduled, disabled and enabled by an admin, which is audited', async () => {
    const set = (change: object) => readAnswer(setSchedule, { schedule: 'nightly', ...change }, people.admin)
    expect(await set({ cron: '0 4 * * *', timeZone: 'Europe/Berlin' })).toMatchObject({
      schedule: { cron: '0 4 * * *', timeZone: 'Europe/Berlin', isEnabled: true },
    })
    expect(await set({ isEnabled: false })).toMatchObject({ schedule: { isEnabled: false, nextRunsAtMs: [] } })
    expect((await set({ isEnabled: true })).schedule.nextRunsAtMs).toHaveLength(3)
    expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
      action: 'set-schedule',
      before: { schedule: { isEnabled: false } },
      after: { schedule: { cron: '0 4 * * *', isEnabled: true } },
    })
    expect(await refusal(setSchedule, { schedule: 'nightly', isEnabled: false }, people.editor)).toBe('forbidden')
  })

  it.each([[{ cron: 'whenever' }], [{ cron: '0 0 31 2 *' }], [{ timeZone: 'Mars/Olympus' }]])(
    'refuse invalid times: %j',
    async (change) => {
      expect(await refusal(setSchedule, { schedule: 'nightly', ...change }, people.admin)).toBe('invalid-request')
      expect(await refusal(setSchedule, { schedule: 'none', ...change }, people.admin)).toBe('not-found')
    },
  )

  it('are run once when two users ask at the same time, and it is audited', async () => {
    const answers = await Promise.all(
      [people.admin, people.admin, people.admin].map((person) =>
        readAnswer(runSchedule, { schedule: 'nightly' }, person),
      ),
    )
    const ids = new Set(answers.map(({ run }) => run.id))
    expect(ids.size).toBe(1)
    const entries = (await listAudit(home.database, { limit: 500 })).filter(({ action }) => action === 'run-schedule')
    expect(entries.map(({ after }) => after?.run?.id)).toEqual([...ids])
  })
  it('are run on demand, one run at a time', async () => {
    const { run } = await readAnswer(runSchedule, { schedule: 'nightly' }, people.admin)
    expect(run).toMatchObject({ state: 'queued', scheduleId: 'nightly', actor: people.admin.username })
    expect((await readAnswer(runSchedule, { schedule: 'nightly' }, people.admin)).run.id).toBe(run.id)
    expect((await readAnswer(listSchedules, {}, people.viewer)).schedules[0]?.lastRun).toMatchObject({ id: run.id })
    expect(await refusal(runSchedule, { schedule: 'nightly' }, people.editor)).toBe('forbidden')
  })
})

describe('Changes', () => {
  /** Collects the events of a stream; `ended` resolves when the server ends it. */
  let time: TestClock
  beforeEach(() => {
    time = useTestClock()
  })

  /** Lets the watch of runs poll once, and waits until it has reported what it found. */
  async function poll() {
    await time.whenWaiting(POLL_INTERVAL_MS)
    await time.advance(POLL_INTERVAL_MS)
    await time.whenWaiting(POLL_INTERVAL_MS)
  }

  async function listen(person: SignedInUser) {
    const stop = new AbortController()
    const response = await request(watchRuns, {}, person, stop.signal)
    const events: { event: string; data: unknown }[] = []
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const ended = (async () => {
      let text = ''
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done) return
        text += value ?? ''
        const messages = text.split('\n\n')
        text = messages.pop() ?? ''
        for (const message of messages) {
          const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(message) ?? []
          if (event !== undefined && data !== undefined) events.push({ event, data: JSON.parse(data) })
        }
      }
    })()
    const runs = () =>
      events.filter(({ event }) => event === 'runs').flatMap(({ data }) => runsChangedEvent.parse(data).runs)
    return { response, events, runs, ended, stop }
  }

  it('are streamed from the moment a client listens: queued, progress, log, end', async () => {
    const before = await queue()
    const { response, events, runs, stop, ended } = await listen(people.viewer)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('cache-control')).toContain('no-transform')
    const id = await queue()
    await poll()
    await vi.waitUntil(() => runs().some((run) => run.id === id), SOON)
    await fail(before)
    await poll()
    await vi.waitUntil(() => runs().some((run) => run.id === before && run.state === 'failed'), SOON)
    await home.database.commit(logChanges(id, [{ atMs: 1, level: 'info', text: 'hello' }]))
    await poll()
    await vi.waitUntil(() => runs().some((run) => run.id === id && run.lastLine === 1), SOON)
    expect(runs().every(({ canChange }) => !canChange)).toBe(true)
    // Pages cannot read the headers of a stream.
    expect(events.map(({ data }) => runsChangedEvent.safeParse(data).data?.build)).toContain('the build')
    stop.abort()
    await ended
  })

  it('are not streamed while only the lease changes', async () => {
    const id = await queue()
    await claimRun(home.database, 'w', { overall: 50, byKind: {} })
    const { runs, stop, ended } = await listen(people.viewer)
    for (let i = 0; i < 3; i += 1) {
      await renewLease(home.database, id, 'w', null)
      await poll()
    }
    const last = await queue()
    await poll()
    await vi.waitUntil(() => runs().length > 0, SOON)
    expect(runs().map((run) => run.id)).toEqual([last])
    stop.abort()
    await ended
  })

  it('stop with the session', async () => {
    const person = await signInAs(home.services, 'viewer')
    const { ended } = await listen(person)
    await closeSession(home.database, person.sessionId)
    await queue()
    await time.whenWaiting(POLL_INTERVAL_MS)
    await time.advance(POLL_INTERVAL_MS)
    await expect(ended).resolves.toBeUndefined()
  })

  it('are streamed to at most three pages of a user, and a closed page makes room', async () => {
    const streams = [await listen(people.admin), await listen(people.admin), await listen(people.admin)]
    expect((await request(watchRuns, {}, people.admin)).status).toBe(429)
    const other = await listen(people.editor)
    expect(other.response.status).toBe(200)
    streams[0]?.stop.abort()
    await streams[0]?.ended
    const again = await listen(people.admin)
    expect(again.response.status).toBe(200)
    for (const { stop, ended } of [...streams, other, again]) {
      stop.abort()
      await ended
    }
  })

  it('of schedules are streamed as such', async () => {
    const { events, stop, ended } = await listen(people.viewer)
    await home.database.commit([
      rawChange(
        `INSERT INTO schedules (id, kind, title, spec, actor, cron, time_zone, is_enabled)
          VALUES ('s', 'test', 'S', '{}', '{}', '* * * * *', 'UTC', 0)`,
      ),
    ])
    await poll()
    await vi.waitUntil(() => events.length > 0, SOON)
    expect(events).toEqual([{ event: 'schedules', data: {} }])
    stop.abort()
    await ended
  })
})
