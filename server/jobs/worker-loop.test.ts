import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listRuns, type NewRun, queueRun, type Run, readRun, requestCancel } from '@/server/db/jobs/runs'
import { claimRun } from '@/server/db/jobs/run-leases'
import { TRUNCATED_TEXT, logChanges, readLog } from '@/server/db/jobs/run-logs'
import { isWorkerAlive } from '@/server/db/jobs/workers'
import { followRun, withWorker } from './follow-run'
import { LeaseWatch } from './lease-watch'
import type { RunContext, RunKind } from './run-kind'
import { runWorkerLoop } from './worker-loop'
import type { JsonObject } from '@/lib/iceberg/json/json'

const home = createTestHome()

/** Long enough that no lease expires before a test makes it. */
const LONG_PAUSE_MS = 10 * 60_000

const TABLE = { catalog: 'local', namespace: ['a.b', 'c'], table: 't' }
const SOON = { timeout: 50_000, interval: 5 }
let stop: AbortController
let loops: Promise<void>[]

beforeEach(() => {
  stop = new AbortController()
  loops = []
})
afterEach(async () => {
  stop.abort()
  await Promise.all(loops)
  await home.database.commit([rawChange('DELETE FROM runs'), rawChange('DELETE FROM run_logs')])
})

const LIMITS = { overall: 8, byKind: {} }
const queue = (spec: JsonObject = {}, more: Partial<NewRun> = {}) =>
  queueRun(home.database, { kind: 'test', title: 'Test', spec, actor: COMMAND_LINE, table: TABLE, ...more })

function startWorker(kind: Partial<RunKind>, concurrency = 1): void {
  const kinds = { test: { work: async () => ({}), settle: async () => null, tidy: async () => {}, ...kind } }
  const pauses = { pollMs: 5, renewMs: 20, pauseMsBeforeRetry: () => LONG_PAUSE_MS }
  loops.push(runWorkerLoop(home.services, { kinds, concurrency, signal: stop.signal, ...pauses }))
}

function ended(id: string): Promise<Run> {
  return followRun(home.database, id, { signal: new AbortController().signal, onProgress: () => {}, pollMs: 5 })
}

const untilAborted = ({ signal }: RunContext) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

const readLogTexts = async (id: string) => (await readLog(home.database, id, 0, 2_000)).map(({ text }) => text)

/** Simulates that the worker with the run was killed. */
async function loseWorker(): Promise<void> {
  await home.database.commit([
    rawChange("UPDATE runs SET lease_until_ms = 0, lease_owner = 'gone' WHERE state = 'running'"),
  ])
}

describe('A queued run', () => {
  it('is executed, and records its task, its actor and its outcome', async () => {
    const id = await queue({ file: 'x' })
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'queued',
      attempt: 0,
      table: TABLE,
      actor: COMMAND_LINE,
      spec: { file: 'x' },
    })
    const progress = { phase: 'reading', done: 5, total: 10, unit: 'bytes', counters: { rowsRead: 2 } } as const
    startWorker({
      work: async (_run, context) => {
        context.report(progress)
        await vi.waitUntil(async () => (await readRun(home.database, id))?.progress !== null, SOON)
        return { rows: 2 }
      },
    })
    expect(await ended(id)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      outcome: { rows: 2 },
      progress,
    })
    expect((await listRuns(home.database, { table: TABLE, limit: 10 })).map((run) => run.id)).toEqual([id])
    expect(await listRuns(home.database, { table: { ...TABLE, table: 'other' }, limit: 10 })).toEqual([])
    expect(await isWorkerAlive(home.database)).toBe(true)
  })

  it('is executed once by several workers, oldest first, within the limit', async () => {
    const done: string[] = []
    let atWork = 0
    let maxAtWork = 0
    const ids = []
    for (let i = 0; i < 6; i += 1) ids.push(await queue())
    const kind: Partial<RunKind> = {
      work: async (run) => {
        atWork += 1
        maxAtWork = Math.max(maxAtWork, atWork)
        await new Promise((resolve) => setTimeout(resolve, 10))
        done.push(run.id)
        atWork -= 1
        return {}
      },
    }
    startWorker(kind, 2)
    startWorker(kind)
    for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 1 })
    expect(done.toSorted()).toEqual(ids)
    expect(maxAtWork).toBeLessThanOrEqual(3)
  })

  it('is cancelled before it starts', async () => {
    const id = await queue()
    await requestCancel(home.database, id)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
    expect(await claimRun(home.database, 'anyone', LIMITS)).toBeNull()
    await requestCancel(home.database, id)
  })

  it('fails if its kind is unknown', async () => {
    const id = await queue({}, { kind: 'other' })
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'not-supported' } })
  })
})

describe('A run that fails', () => {
  it('says why, with facts', async () => {
    const id = await queue()
    startWorker({ work: () => Promise.reject(new AppError('too-large', 'Too much.', { facts: { rows: 3 } })) })
    expect(await ended(id)).toMatchObject({
      state: 'failed',
      error: { code: 'too-large', detail: 'Too much.', facts: { rows: 3 } },
    })
  })

  it('because of a bug reveals nothing more', async () => {
    const id = await queue()
    startWorker({ work: () => Promise.reject(new Error('secret')) })
    const run = await ended(id)
    expect(run).toMatchObject({ state: 'failed', error: { code: 'internal' } })
    expect(JSON.stringify(run.error)).not.toContain('secret')
  })

  it('is cleaned up by its journal first', async () => {
    const id = await queue()
    const settled: unknown[] = []
    startWorker({
      work: async (_run, context) => {
        await context.saveJournal({ files: ['a'] })
        throw new AppError('storage-full', 'Full.')
      },
      settle: async (run) => {
        settled.push(run.journal)
        return null
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'failed', journal: null })
    expect(settled).toEqual([{ files: ['a'] }])
  })
})

describe('A transient failure', () => {
  const unavailable = () => Promise.reject(new AppError('catalog-unavailable', 'The catalog is away.'))
  const atOnce = (id: string) =>
    home.database.commit([rawChange('UPDATE runs SET next_attempt_at_ms = 0 WHERE id = ?', [id])])

  it('makes the run retry after a pause, and says why', async () => {
    const id = await queue()
    let attempts = 0
    startWorker({
      retryOn: ['catalog-unavailable'],
      work: async () => {
        attempts += 1
        return attempts < 3 ? unavailable() : { attempts }
      },
    })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.nextAttemptAtMs !== null, SOON)
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'queued',
      attempt: 1,
      retries: 1,
      error: { code: 'catalog-unavailable', detail: 'The catalog is away.' },
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(attempts).toBe(1)
    await atOnce(id)
    await vi.waitUntil(async () => (await readRun(home.database, id))?.retries === 2, SOON)
    await atOnce(id)
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 3, error: null, outcome: { attempts: 3 } })
    // The last line is written after the end of the run.
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 6, SOON)
    expect(await readLogTexts(id)).toEqual([
      'Started (attempt 1).',
      'The catalog is away. Retry 1 of 5 in 10 min.',
      'Started (attempt 2).',
      expect.stringContaining('Retry 2 of 5 in '),
      'Started (attempt 3).',
      'Succeeded.',
    ])
  })

  it('fails the run after five retries, which do not count as lost workers', async () => {
    const id = await queue()
    startWorker({ retryOn: ['catalog-unavailable'], work: unavailable })
    // One at a time: on a slow disk, writes on a timer would queue up before those of the worker.
    const isEndedAfterRetry = async () => {
      await atOnce(id)
      return (await readRun(home.database, id))?.finishedAtMs !== null
    }
    await vi.waitUntil(isEndedAfterRetry, { timeout: 50_000, interval: 5 })
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'failed',
      attempt: 6,
      retries: 5,
      error: { detail: 'The catalog is away.' },
    })
  })

  it('is final for a kind that does not retry on it', async () => {
    const id = await queue()
    startWorker({ retryOn: ['commit-conflict'], work: unavailable })
    expect(await ended(id)).toMatchObject({ state: 'failed', retries: 0 })
  })

  it('does not requeue a run that is being cancelled', async () => {
    const id = await queue()
    startWorker({
      retryOn: ['catalog-unavailable'],
      work: async () => {
        await requestCancel(home.database, id)
        return unavailable()
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
  })

  it('delays the run, which can be cancelled during the pause', async () => {
    const id = await queue()
    startWorker({ retryOn: ['catalog-unavailable'], work: unavailable })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.retries === 1, SOON)
    await requestCancel(home.database, id)
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'cancelled',
      nextAttemptAtMs: null,
      error: { code: 'cancelled' },
    })
  })

  it('delays the run no longer than the longest pause after the clock was set back', async () => {
    const id = await queue()
    await home.database.commit([
      rawChange('UPDATE runs SET next_attempt_at_ms = ? WHERE id = ?', [home.database.nowMs() + 86_400_000, id]),
    ])
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'succeeded' })
  })
})

describe('Of runs that exclude each other', () => {
  /** @param atLeast the first run keeps working until this many runs are at work */
  const measureMaxAtWork = async (ids: readonly string[], kind: Partial<RunKind>, atLeast = 1) => {
    let atWork = 0
    let maxAtWork = 0
    const work = async () => {
      atWork += 1
      maxAtWork = Math.max(maxAtWork, atWork)
      await vi.waitUntil(() => maxAtWork >= atLeast, { timeout: 50_000, interval: 5 })
      await new Promise((resolve) => setTimeout(resolve, 20))
      atWork -= 1
      return {}
    }
    startWorker({ ...kind, work }, 4)
    startWorker({ ...kind, work }, 4)
    for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'succeeded' })
    return maxAtWork
  }
  const several = async (more: (i: number) => Partial<NewRun>) => {
    const ids = []
    for (let i = 0; i < 6; i += 1) ids.push(await queue({}, more(i)))
    return ids
  }

  it('only one with the same key runs at a time, over all workers', async () => {
    expect(await measureMaxAtWork(await several(() => ({ exclusiveKey: 'table' })), {})).toBe(1)
  })

  it('those with other keys do not wait', async () => {
    expect(await measureMaxAtWork(await several((i) => ({ exclusiveKey: `table ${i % 2}` })), {}, 2)).toBe(2)
  })

  it('no more of a kind run at once than its limit', async () => {
    expect(await measureMaxAtWork(await several(() => ({})), { maxConcurrent: 2 }, 2)).toBe(2)
  })

  it('a kind at its limit does not block other kinds', async () => {
    const slow = await queue({}, { kind: 'slow' })
    await queue({}, { kind: 'slow' })
    const other = await queue()
    expect((await claimRun(home.database, 'a', { overall: 8, byKind: { slow: 1 } }))?.run.id).toBe(slow)
    expect((await claimRun(home.database, 'b', { overall: 8, byKind: { slow: 1 } }))?.run.id).toBe(other)
    expect(await claimRun(home.database, 'c', { overall: 8, byKind: { slow: 1 } })).toBeNull()
    expect(await claimRun(home.database, 'c', { overall: 2, byKind: {} })).toBeNull()
  })
})

describe('The log of a run', () => {
  it('is stored in order, together with the lines of its worker', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, { log }) => {
        log('one')
        log('two', 'warning')
        throw new AppError('too-large', 'Too much.')
      },
    })
    await ended(id)
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 4, SOON)
    expect(await readLog(home.database, id, 0, 10)).toMatchObject([
      { seq: 1, level: 'info', text: 'Started (attempt 1).' },
      { seq: 2, level: 'info', text: 'one' },
      { seq: 3, level: 'warning', text: 'two' },
      { seq: 4, level: 'error', text: 'Failed: Too much.' },
    ])
    expect(await readLog(home.database, id, 2, 1)).toMatchObject([{ seq: 3 }])
  })

  it('is cut at its limit and says so, but still records how the run ended', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, { log }) => {
        for (let second = 0; second < 12; second += 1) {
          for (let i = 0; i < 150; i += 1) log(`line ${second}.${i}`)
          // Wait until the lines are written: faster lines are dropped for another reason.
          const isWritten = (text: string) => text === `line ${second}.149` || text === TRUNCATED_TEXT
          await vi.waitUntil(async () => (await readLogTexts(id)).some(isWritten), SOON)
        }
        return {}
      },
    })
    await ended(id)
    await vi.waitUntil(async () => (await readLogTexts(id)).at(-1) === 'Succeeded.', SOON)
    const texts = await readLogTexts(id)
    expect(texts).toHaveLength(1_002)
    expect(texts.at(-2)).toBe(TRUNCATED_TEXT)
  })

  it('is stored even if it has characters that no database can hold', async () => {
    const id = await queue()
    const line = { atMs: 1, level: 'info', text: 'a\0b\uD800c' } as const
    await home.database.commit(logChanges(id, [line]))
    expect(await readLogTexts(id)).toEqual(['a\uFFFDb\uFFFDc'])
  })

  it('is cut at a limit of bytes too, and each line at a limit of length', async () => {
    const id = await queue()
    const lines = Array.from({ length: 200 }, () => ({ atMs: 1, level: 'info', text: 'é'.repeat(5_000) }) as const)
    await home.database.commit(logChanges(id, lines))
    const retained = await readLog(home.database, id, 0, 500)
    expect(retained.at(-1)?.text).toBe(TRUNCATED_TEXT)
    expect(retained.slice(0, -1).every(({ text }) => text.length === 2_000)).toBe(true)
    const retainedBytes = retained.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    expect(retainedBytes).toBeLessThanOrEqual(256 * 1024 + TRUNCATED_TEXT.length)
    expect(retainedBytes).toBeGreaterThan(250 * 1024)
  })

  it('is cut when lines come too fast', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, { log }) => {
        for (let i = 0; i < 300; i += 1) log(`line ${i}`)
        return {}
      },
    })
    await ended(id)
    await vi.waitUntil(async () => (await readLogTexts(id)).at(-1) === 'Succeeded.', SOON)
    expect((await readLogTexts(id)).at(-2)).toBe('100 lines dropped because the run logged too fast.')
  })
})

describe('A running run', () => {
  it('ends when it is cancelled', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context) })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', SOON)
    const signal = AbortSignal.abort()
    expect(await followRun(home.database, id, { signal, onProgress: () => {}, pollMs: 5 })).toMatchObject({
      state: 'cancelled',
    })
  })

  it('that is cancelled while its effect is being committed succeeds, and says that the cancel came too late', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, context) => {
        await requestCancel(home.database, id)
        await home.database.commit(context.successChanges({ done: true }))
        return { done: true }
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', isCancelRequested: true, outcome: { done: true } })
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 2, SOON)
    expect(await readLog(home.database, id, 1, 10)).toMatchObject([
      { level: 'warning', text: 'Succeeded; the cancel came too late.' },
    ])
  })

  it('that was cancelled after its effect was committed says so too', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context), settle: async () => ({ found: true }) })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', SOON)
    await requestCancel(home.database, id)
    expect(await ended(id)).toMatchObject({ state: 'succeeded', outcome: { found: true } })
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 2, SOON)
    expect((await readLogTexts(id)).at(-1)).toBe(
      'Its result was already committed: succeeded; the cancel came too late.',
    )
  })

  it('goes back to the queue when its worker stops, and the attempt is not counted', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context) })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', SOON)
    stop.abort()
    await Promise.all(loops)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'queued', attempt: 0 })
  })

  it('is settled and started again when its worker is gone', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    await home.database.commit([rawChange(`UPDATE runs SET journal = '{"n":1}' WHERE id = ?`, [id])])
    await loseWorker()
    const settled: unknown[] = []
    startWorker({
      settle: async (run) => {
        settled.push(run.journal)
        return null
      },
      work: async () => ({ again: true }),
    })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, outcome: { again: true } })
    expect(settled).toEqual([{ n: 1 }])
  })

  it('whose worker is gone is taken over even after the clock was set back', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    await home.database.commit([
      rawChange('UPDATE runs SET lease_until_ms = ? WHERE id = ?', [home.database.nowMs() + 3_600_000, id]),
    ])
    const watch = new LeaseWatch(home.database)
    await watch.check(0)
    await watch.check(14_000)
    expect(await claimRun(home.database, 'second', LIMITS)).toBeNull()
    await watch.check(16_000)
    expect(await claimRun(home.database, 'second', LIMITS)).toMatchObject({ isAbandoned: true, run: { id } })
  })

  it('whose lease is renewed under such a clock is left alone', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    const watch = new LeaseWatch(home.database)
    for (let now = 0; now < 60_000; now += 2_000) {
      await home.database.commit([
        rawChange('UPDATE runs SET lease_until_ms = ? WHERE id = ?', [home.database.nowMs() + 3_600_000 + now, id]),
      ])
      await watch.check(now)
    }
    expect(await claimRun(home.database, 'second', LIMITS)).toBeNull()
  })

  it('is not considered lost by its own worker after the machine slept', async () => {
    const id = await queue()
    const settle = vi.fn<RunKind['settle']>(async () => null)
    let isSlept = false
    let works = 0
    startWorker(
      {
        settle,
        work: async (_run, { saveJournal }) => {
          works += 1
          await saveJournal({ works })
          await vi.waitUntil(() => isSlept, SOON)
          return { works }
        },
      },
      2,
    )
    await vi.waitUntil(() => works === 1, SOON)
    // Leases are not renewed during sleep: every poll of the queue comes before a renewal, as may happen right after
    // waking up.
    const awakeAtMs = performance.now() + 200
    while (performance.now() < awakeAtMs)
      await home.database.commit([rawChange('UPDATE runs SET lease_until_ms = 0 WHERE id = ?', [id])])
    isSlept = true
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 1, outcome: { works: 1 } })
    expect(settle).not.toHaveBeenCalled()
  })

  it('is not executed again when its effect is already committed', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    await loseWorker()
    const work = vi.fn<RunKind['work']>()
    startWorker({ settle: async () => ({ found: true }), work })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', outcome: { found: true } })
    expect(work).not.toHaveBeenCalled()
  })

  it('whose worker is gone and that was cancelled is not started again', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    await requestCancel(home.database, id)
    await loseWorker()
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
  })

  it('fails after three of its workers died', async () => {
    const id = await queue()
    for (let i = 0; i < 3; i += 1) {
      await claimRun(home.database, `worker-${i}`, LIMITS)
      await loseWorker()
    }
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'internal' } })
  })

  it('that cannot be cleaned up fails after three lost workers, and says why', async () => {
    const id = await queue()
    for (let i = 0; i < 3; i += 1) {
      await claimRun(home.database, `worker-${i}`, LIMITS)
      await loseWorker()
    }
    startWorker({
      settle: async () => {
        throw new AppError('invalid-request', 'No file can have this name.')
      },
    })
    expect(await ended(id)).toMatchObject({
      state: 'failed',
      error: { code: 'invalid-request', detail: 'No file can have this name.' },
    })
  })

  it('is cleaned up once its storage answers again, however many workers it has lost', async () => {
    const id = await queue()
    for (let i = 0; i < 3; i += 1) {
      await claimRun(home.database, `worker-${i}`, LIMITS)
      await loseWorker()
    }
    let isAway = true
    const settle = vi.fn<RunKind['settle']>(async () => {
      if (isAway) throw new AppError('storage-unavailable', 'The storage is away.')
      return null
    })
    startWorker({ settle })
    await vi.waitUntil(() => settle.mock.calls.length >= 2, SOON)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'running' })
    isAway = false
    await vi.waitUntil(async () => {
      await loseWorker()
      return (await readRun(home.database, id))?.state !== 'running'
    }, SOON)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'failed', error: { code: 'internal' } })
    await expect(settle.mock.results.at(-1)?.value).resolves.toBeNull()
  })

  it('that fails while its storage does not answer waits for it, and runs again', async () => {
    const id = await queue()
    let isAway = true
    let attempts = 0
    startWorker({
      settle: async () => {
        if (isAway) throw new AppError('storage-unavailable', 'The storage is away.')
        return null
      },
      work: async () => {
        attempts += 1
        if (isAway) throw new AppError('storage-unavailable', 'The storage is away.')
        return { attempts }
      },
    })
    // Longer than a run may lose workers.
    const isWaiting = async (retries: number) => {
      await home.database.commit([
        rawChange("UPDATE runs SET lease_until_ms = 0 WHERE state = 'running' AND lease_owner IS NULL"),
      ])
      return ((await readRun(home.database, id))?.retries ?? 0) >= retries
    }
    await vi.waitUntil(() => isWaiting(6), SOON)
    isAway = false
    await vi.waitUntil(async () => {
      await isWaiting(0)
      return (await readRun(home.database, id))?.finishedAtMs !== null
    }, SOON)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'succeeded', outcome: { attempts: 2 } })
    const lines = await readLogTexts(id)
    expect(lines[1]).toBe(
      'The storage is away. The run is cleaned up when it answers again, which is checked every 15 s.',
    )
    expect(lines.filter((line) => line.includes('worker is gone'))).toEqual([])
  })

  it('changes nothing once another worker has it', async () => {
    const id = await queue()
    const settle = vi.fn<RunKind['settle']>(async () => null)
    let refused: unknown
    startWorker({
      settle,
      work: async (_run, context) => {
        await home.database.commit([rawChange("UPDATE runs SET lease_owner = 'other' WHERE id = ?", [id])])
        await home.database.commit(context.successChanges({ mine: true })).catch((error: unknown) => {
          refused = error
        })
        return untilAborted(context)
      },
    })
    await vi.waitUntil(() => refused !== undefined, SOON)
    stop.abort()
    await Promise.all(loops)
    expect(String(refused)).toContain('changed 0 rows')
    expect(await readRun(home.database, id)).toMatchObject({ state: 'running', leaseOwner: 'other', outcome: null })
    expect(settle).not.toHaveBeenCalled()
  })

  it('is not logged as succeeded by a worker that lost it', async () => {
    const id = await queue()
    startWorker({
      work: async () => {
        await home.database.commit([rawChange("UPDATE runs SET lease_owner = 'other' WHERE id = ?", [id])])
        return {}
      },
    })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.leaseOwner === 'other', SOON)
    stop.abort()
    await Promise.all(loops)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'running', leaseOwner: 'other' })
    expect(await readLogTexts(id)).toEqual(['Started (attempt 1).'])
  })

  it('waits while another program keeps the database locked', async () => {
    const { commit } = home.database
    let isLocked = true
    vi.spyOn(home.database, 'commit').mockImplementation(async (changes) => {
      if (!isLocked) return commit(changes)
      isLocked = false
      throw new AppError('database-busy', 'Locked.')
    })
    startWorker({})
    await vi.waitUntil(() => !isLocked, SOON)
    vi.restoreAllMocks()
    expect(await ended(await queue())).toMatchObject({ state: 'succeeded' })
  })

  it('whose outcome is unknown is checked again at once', async () => {
    const id = await queue()
    let attempts = 0
    startWorker({
      work: async () => {
        attempts += 1
        if (attempts === 1) throw new AppError('commit-state-unknown', 'Nobody said.')
        return {}
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null })
  })

  it('says why it is not known what it did, until it is', async () => {
    const id = await queue()
    const errors: unknown[] = []
    let attempts = 0
    const settle = async () => {
      errors.push((await readRun(home.database, id))?.error?.detail)
      return null
    }
    const work = async () => {
      attempts += 1
      if (attempts === 1) throw new AppError('commit-state-unknown', 'Nobody said.')
      errors.push((await readRun(home.database, id))?.error)
      return {}
    }
    startWorker({ work, settle })
    expect(await ended(id)).toMatchObject({ state: 'succeeded' })
    expect(errors).toEqual(['Nobody said.', null])
  })
})

describe('A command without a worker', () => {
  it('starts its own, and leaves none behind', async () => {
    await home.database.commit([rawChange('DELETE FROM workers')])
    const id = await queue()
    const kinds = { test: { work: async () => ({ own: true }), settle: async () => null, tidy: async () => {} } }
    expect(await withWorker(home.services, kinds, () => ended(id))).toMatchObject({
      state: 'succeeded',
      outcome: { own: true },
    })
    expect(await isWorkerAlive(home.database)).toBe(false)
  })

  it('leaves the work to a running worker', async () => {
    startWorker({ work: async () => ({ other: true }) })
    await vi.waitUntil(() => isWorkerAlive(home.database), SOON)
    const id = await queue()
    expect(await withWorker(home.services, {}, () => ended(id))).toMatchObject({ outcome: { other: true } })
  })

  it('fails for a run that does not exist', async () => {
    await expect(ended('nothing')).rejects.toMatchObject({ code: 'not-found' })
  })
})
