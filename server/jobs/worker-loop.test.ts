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

// So long that none is over before a test says so.
vi.mock('./retry-pause', async (original) => ({
  ...(await original<typeof import('./retry-pause')>()),
  retryPauseMs: () => 10 * 60_000,
}))

const TABLE = { catalog: 'local', namespace: ['a.b', 'c'], table: 't' }
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
  loops.push(runWorkerLoop(home.services, { kinds, concurrency, signal: stop.signal, pollMs: 5, renewMs: 20 }))
}

function ended(id: string): Promise<Run> {
  return followRun(home.database, id, { signal: new AbortController().signal, onProgress: () => {} })
}

const untilAborted = ({ signal }: RunContext) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

const readLogTexts = async (id: string) => (await readLog(home.database, id, 0, 2_000)).map(({ text }) => text)

/** As if the worker that has the run had been killed. */
async function loseWorker(): Promise<void> {
  await home.database.commit([
    rawChange("UPDATE runs SET lease_until_ms = 0, lease_owner = 'gone' WHERE state = 'running'"),
  ])
}

describe('A queued run', () => {
  it('is done and keeps what it was asked, who asked and what came of it', async () => {
    const id = await queue({ file: 'x' })
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'queued',
      attempt: 0,
      table: TABLE,
      actor: COMMAND_LINE,
      spec: { file: 'x' },
    })
    const progress = { phase: 'reading', bytesRead: 5, bytesTotal: 10, rowsRead: 2, filesWritten: 0 }
    startWorker({
      work: async (_run, context) => {
        context.report(progress)
        await vi.waitUntil(async () => (await readRun(home.database, id))?.progress !== null, 50_000)
        return { rows: 2 }
      },
    })
    expect(await ended(id)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      outcome: { rows: 2 },
      progress: { ...progress, phase: 'done' },
    })
    expect((await listRuns(home.database, { table: TABLE, limit: 10 })).map((run) => run.id)).toEqual([id])
    expect(await listRuns(home.database, { table: { ...TABLE, table: 'other' }, limit: 10 })).toEqual([])
    expect(await isWorkerAlive(home.database)).toBe(true)
  })

  it('is done once by several workers, oldest first, no more at a time than asked for', async () => {
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

  it('is cancelled before it begins', async () => {
    const id = await queue()
    await requestCancel(home.database, id)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
    expect(await claimRun(home.database, 'anyone', LIMITS)).toBeNull()
    await requestCancel(home.database, id)
  })

  it('of an unknown kind fails', async () => {
    const id = await queue({}, { kind: 'other' })
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'not-supported' } })
  })
})

describe('A run that fails', () => {
  it('says why, with the facts', async () => {
    const id = await queue()
    startWorker({ work: () => Promise.reject(new AppError('too-large', 'Too much.', { facts: { rows: 3 } })) })
    expect(await ended(id)).toMatchObject({
      state: 'failed',
      error: { code: 'too-large', detail: 'Too much.', facts: { rows: 3 } },
    })
  })

  it('by a bug says no more than that', async () => {
    const id = await queue()
    startWorker({ work: () => Promise.reject(new Error('secret')) })
    const run = await ended(id)
    expect(run).toMatchObject({ state: 'failed', error: { code: 'internal' } })
    expect(JSON.stringify(run.error)).not.toContain('secret')
  })

  it('is put right by its journal first', async () => {
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

describe('A failure that may be gone in a while', () => {
  const unavailable = () => Promise.reject(new AppError('catalog-unavailable', 'The catalog is away.'))
  const atOnce = (id: string) =>
    home.database.commit([rawChange('UPDATE runs SET next_try_at_ms = 0 WHERE id = ?', [id])])

  it('has the run tried again after a pause, which says why', async () => {
    const id = await queue()
    let attempts = 0
    startWorker({
      retryOn: ['catalog-unavailable'],
      work: async () => {
        attempts += 1
        return attempts < 3 ? unavailable() : { tries: attempts }
      },
    })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.nextTryAtMs !== null, 50_000)
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'queued',
      attempt: 1,
      retries: 1,
      error: { code: 'catalog-unavailable', detail: 'The catalog is away.' },
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(attempts).toBe(1)
    await atOnce(id)
    await vi.waitUntil(async () => (await readRun(home.database, id))?.retries === 2, 50_000)
    await atOnce(id)
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 3, error: null, outcome: { tries: 3 } })
    expect(await readLogTexts(id)).toEqual([
      'Begun, try 1.',
      'The catalog is away. Tried again in 10 min, for time 1 of 5.',
      'Begun, try 2.',
      expect.stringContaining('for time 2 of 5.'),
      'Begun, try 3.',
      'Succeeded.',
    ])
  })

  it('ends the run after five more tries, which are not taken for lost workers', async () => {
    const id = await queue()
    startWorker({ retryOn: ['catalog-unavailable'], work: unavailable })
    const retryTimer = setInterval(() => void atOnce(id), 5)
    const run = await ended(id)
    clearInterval(retryTimer)
    expect(run).toMatchObject({ state: 'failed', attempt: 6, retries: 5, error: { detail: 'The catalog is away.' } })
  })

  it('is final for a kind that does not name it', async () => {
    const id = await queue()
    startWorker({ retryOn: ['commit-conflict'], work: unavailable })
    expect(await ended(id)).toMatchObject({ state: 'failed', retries: 0 })
  })

  it('does not bring back a run that somebody wants to end', async () => {
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

  it('is waited for until then, and the waiting can be cancelled', async () => {
    const id = await queue()
    startWorker({ retryOn: ['catalog-unavailable'], work: unavailable })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.retries === 1, 50_000)
    await requestCancel(home.database, id)
    expect(await readRun(home.database, id)).toMatchObject({
      state: 'cancelled',
      nextTryAtMs: null,
      error: { code: 'cancelled' },
    })
  })

  it('is not waited for longer than any pause lasts, when the clock was set back', async () => {
    const id = await queue()
    await home.database.commit([
      rawChange('UPDATE runs SET next_try_at_ms = ? WHERE id = ?', [home.database.nowMs() + 86_400_000, id]),
    ])
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'succeeded' })
  })
})

describe('Of runs that are in each other’s way', () => {
  /** @param atLeast the first run is at work until so many are */
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

  it('one is done at a time over all workers, by their key', async () => {
    expect(await measureMaxAtWork(await several(() => ({ exclusiveKey: 'table' })), {})).toBe(1)
  })

  it('those of other keys do not wait', async () => {
    expect(await measureMaxAtWork(await several((i) => ({ exclusiveKey: `table ${i % 2}` })), {}, 2)).toBe(2)
  })

  it('no more of a kind are done than it says', async () => {
    expect(await measureMaxAtWork(await several(() => ({})), { maxConcurrent: 2 }, 2)).toBe(2)
  })

  it('a kind at its limit lets others pass', async () => {
    const slow = await queue({}, { kind: 'slow' })
    await queue({}, { kind: 'slow' })
    const other = await queue()
    expect((await claimRun(home.database, 'a', { overall: 8, byKind: { slow: 1 } }))?.run.id).toBe(slow)
    expect((await claimRun(home.database, 'b', { overall: 8, byKind: { slow: 1 } }))?.run.id).toBe(other)
    expect(await claimRun(home.database, 'c', { overall: 8, byKind: { slow: 1 } })).toBeNull()
    expect(await claimRun(home.database, 'c', { overall: 2, byKind: {} })).toBeNull()
  })
})

describe('What a run says', () => {
  it('is kept in order, with what its worker says of it', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, { log }) => {
        log('one')
        log('two', 'warning')
        throw new AppError('too-large', 'Too much.')
      },
    })
    await ended(id)
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 4, 50_000)
    expect(await readLog(home.database, id, 0, 10)).toMatchObject([
      { seq: 1, level: 'info', text: 'Begun, try 1.' },
      { seq: 2, level: 'info', text: 'one' },
      { seq: 3, level: 'warning', text: 'two' },
      { seq: 4, level: 'error', text: 'Failed: Too much.' },
    ])
    expect(await readLog(home.database, id, 2, 1)).toMatchObject([{ seq: 3 }])
  })

  it('is cut where it is more than can be kept, and says so; how it ended is told nevertheless', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, { log }) => {
        for (let second = 0; second < 12; second += 1) {
          for (let i = 0; i < 150; i += 1) log(`line ${second}.${i}`)
          // Not before they are written: what is said faster than that is cut for another reason.
          const isWritten = (text: string) => text === `line ${second}.149` || text === TRUNCATED_TEXT
          await vi.waitUntil(async () => (await readLogTexts(id)).some(isWritten), 50_000)
        }
        return {}
      },
    })
    await ended(id)
    await vi.waitUntil(async () => (await readLogTexts(id)).at(-1) === 'Succeeded.', 50_000)
    const texts = await readLogTexts(id)
    expect(texts).toHaveLength(1_002)
    expect(texts.at(-2)).toBe(TRUNCATED_TEXT)
  })

  it('is kept though no database could hold a character of it', async () => {
    const id = await queue()
    const line = { atMs: 1, level: 'info', text: 'a\0b\uD800c' } as const
    await home.database.commit(logChanges(id, [line]))
    expect(await readLogTexts(id)).toEqual(['a\uFFFDb\uFFFDc'])
  })

  it('is cut by its bytes, too, and a line by its length', async () => {
    const id = await queue()
    const lines = Array.from({ length: 200 }, () => ({ atMs: 1, level: 'info', text: 'é'.repeat(5_000) }) as const)
    await home.database.commit(logChanges(id, lines))
    const kept = await readLog(home.database, id, 0, 500)
    expect(kept.at(-1)?.text).toBe(TRUNCATED_TEXT)
    expect(kept.slice(0, -1).every(({ text }) => text.length === 2_000)).toBe(true)
    const keptBytes = kept.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    expect(keptBytes).toBeLessThanOrEqual(256 * 1024 + TRUNCATED_TEXT.length)
    expect(keptBytes).toBeGreaterThan(250 * 1024)
  })

  it('is cut where it comes too fast', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, { log }) => {
        for (let i = 0; i < 300; i += 1) log(`line ${i}`)
        return {}
      },
    })
    await ended(id)
    await vi.waitUntil(async () => (await readLogTexts(id)).at(-1) === 'Succeeded.', 50_000)
    expect((await readLogTexts(id)).at(-2)).toBe('100 lines came too fast and are left out.')
  })
})

describe('A running run', () => {
  it('ends when it is cancelled', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context) })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', 50_000)
    const signal = AbortSignal.abort()
    expect(await followRun(home.database, id, { signal, onProgress: () => {} })).toMatchObject({ state: 'cancelled' })
  })

  it('that is cancelled while its effect is committed has succeeded, and says that the cancel came too late', async () => {
    const id = await queue()
    startWorker({
      work: async (_run, context) => {
        await requestCancel(home.database, id)
        await home.database.commit([context.successChange({ done: true })])
        return { done: true }
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', isCancelRequested: true, outcome: { done: true } })
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 2, 10_000)
    expect(await readLog(home.database, id, 1, 10)).toMatchObject([
      { level: 'warning', text: 'Succeeded; the cancel came too late.' },
    ])
  })

  it('that was cancelled and whose effect is found to be there says so as well', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context), settle: async () => ({ found: true }) })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', 10_000)
    await requestCancel(home.database, id)
    expect(await ended(id)).toMatchObject({ state: 'succeeded', outcome: { found: true } })
    await vi.waitUntil(async () => (await readLogTexts(id)).length === 2, 10_000)
    expect((await readLogTexts(id)).at(-1)).toBe('What it did is there: succeeded; the cancel came too late.')
  })

  it('goes back to the queue when its worker stops, and the try is not counted', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context) })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', 50_000)
    stop.abort()
    await Promise.all(loops)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'queued', attempt: 0 })
  })

  it('is settled and begun anew when its worker is gone', async () => {
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

  it('whose worker is gone is taken over after the clock was set back as well', async () => {
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

  it('that is renewed under such a clock is left alone', async () => {
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

  it('is not taken for lost by the worker that has it, after the machine slept', async () => {
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
          await vi.waitUntil(() => isSlept, 10_000)
          return { works }
        },
      },
      2,
    )
    await vi.waitUntil(() => works === 1, 10_000)
    // Nobody renews in sleep: each look at the queue comes before a renewal does, as the first one after it may.
    const sleeping = setInterval(
      () => void home.database.commit([rawChange('UPDATE runs SET lease_until_ms = 0 WHERE id = ?', [id])]),
      1,
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    clearInterval(sleeping)
    isSlept = true
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 1, outcome: { works: 1 } })
    expect(settle).not.toHaveBeenCalled()
  })

  it('is not done again when what it did is there', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    await loseWorker()
    const work = vi.fn<RunKind['work']>()
    startWorker({ settle: async () => ({ found: true }), work })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', outcome: { found: true } })
    expect(work).not.toHaveBeenCalled()
  })

  it('whose worker is gone and that was cancelled meanwhile is not begun again', async () => {
    const id = await queue()
    await claimRun(home.database, 'first', LIMITS)
    await requestCancel(home.database, id)
    await loseWorker()
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
  })

  it('is given up after its worker died in it three times', async () => {
    const id = await queue()
    for (let i = 0; i < 3; i += 1) {
      await claimRun(home.database, `worker-${i}`, LIMITS)
      await loseWorker()
    }
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'internal' } })
  })

  it('that nobody can put right ends after as many tries, and says why', async () => {
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

  it('changes nothing once it is another worker’s', async () => {
    const id = await queue()
    const settle = vi.fn<RunKind['settle']>(async () => null)
    let refused: unknown
    startWorker({
      settle,
      work: async (_run, context) => {
        await home.database.commit([rawChange("UPDATE runs SET lease_owner = 'other' WHERE id = ?", [id])])
        await home.database.commit([context.successChange({ mine: true })]).catch((error: unknown) => {
          refused = error
        })
        return untilAborted(context)
      },
    })
    await vi.waitUntil(() => refused !== undefined, 50_000)
    stop.abort()
    await Promise.all(loops)
    expect(String(refused)).toContain('changed 0 rows')
    expect(await readRun(home.database, id)).toMatchObject({ state: 'running', leaseOwner: 'other', outcome: null })
    expect(settle).not.toHaveBeenCalled()
  })

  it('is not said to have succeeded by a worker that lost it', async () => {
    const id = await queue()
    startWorker({
      work: async () => {
        await home.database.commit([rawChange("UPDATE runs SET lease_owner = 'other' WHERE id = ?", [id])])
        return {}
      },
    })
    await vi.waitUntil(async () => (await readRun(home.database, id))?.leaseOwner === 'other', 10_000)
    stop.abort()
    await Promise.all(loops)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'running', leaseOwner: 'other' })
    expect(await readLogTexts(id)).toEqual(['Begun, try 1.'])
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
    await vi.waitUntil(() => !isLocked, 50_000)
    vi.restoreAllMocks()
    expect(await ended(await queue())).toMatchObject({ state: 'succeeded' })
  })

  it('whose outcome nobody knows is looked at again at once', async () => {
    const id = await queue()
    let attempts = 0
    startWorker({
      work: async () => {
        attempts += 1
        if (attempts === 1) throw new AppError('commit-state-unknown', 'Nobody said.')
        return {}
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 2 })
  })
})

describe('A command without a worker', () => {
  it('brings its own, and leaves none behind', async () => {
    await home.database.commit([rawChange('DELETE FROM workers')])
    const id = await queue()
    const kinds = { test: { work: async () => ({ own: true }), settle: async () => null, tidy: async () => {} } }
    expect(await withWorker(home.services, kinds, () => ended(id))).toMatchObject({
      state: 'succeeded',
      outcome: { own: true },
    })
    expect(await isWorkerAlive(home.database)).toBe(false)
  })

  it('leaves the work to the worker that is there', async () => {
    startWorker({ work: async () => ({ other: true }) })
    await vi.waitUntil(() => isWorkerAlive(home.database), 50_000)
    const id = await queue()
    expect(await withWorker(home.services, {}, () => ended(id))).toMatchObject({ outcome: { other: true } })
  })

  it('is told of a run that is not there', async () => {
    await expect(ended('nothing')).rejects.toMatchObject({ code: 'not-found' })
  })
})
