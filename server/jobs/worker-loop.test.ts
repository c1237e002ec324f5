import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/types'
import { makeTestHome } from '@/scripts/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { claimRun, isWorkerAlive, listRuns, queueRun, type Run, readRun, requestCancel } from '@/server/db/jobs'
import { openDatabase } from '@/server/db/open-database'
import { followRun, withWorker } from './follow-run'
import type { RunContext, RunKind } from './run-kind'
import { workLoop } from './worker-loop'

makeTestHome()

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
  await openDatabase().transact([{ sql: 'DELETE FROM runs' }])
})

const queue = (spec: JsonObject = {}) => queueRun({ kind: 'test', spec, actor: COMMAND_LINE, table: TABLE })

function startWorker(kind: Partial<RunKind>, concurrency = 1): void {
  const kinds = { test: { work: async () => ({}), settle: async () => null, tidy: async () => {}, ...kind } }
  loops.push(workLoop({ kinds, concurrency, signal: stop.signal, pollMs: 5, renewMs: 20 }))
}

function ended(id: string): Promise<Run> {
  return followRun(id, { signal: new AbortController().signal, onProgress: () => {} })
}

const untilAborted = ({ signal }: RunContext) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/** As if the worker that has the run had been killed. */
async function loseWorker(): Promise<void> {
  await openDatabase().transact([
    { sql: "UPDATE runs SET lease_until_ms = 0, lease_owner = 'gone' WHERE state = 'running'" },
  ])
}

describe('A queued run', () => {
  it('is done and keeps what it was asked, who asked and what came of it', async () => {
    const id = await queue({ file: 'x' })
    expect(readRun(id)).toMatchObject({
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
        await vi.waitUntil(() => readRun(id)?.progress !== null, 10_000)
        return { rows: 2 }
      },
    })
    expect(await ended(id)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      outcome: { rows: 2 },
      progress: { ...progress, phase: 'done' },
    })
    expect(listRuns({ table: TABLE, limit: 10 }).map((run) => run.id)).toEqual([id])
    expect(listRuns({ table: { ...TABLE, table: 'other' }, limit: 10 })).toEqual([])
    expect(isWorkerAlive()).toBe(true)
  })

  it('is done once by several workers, oldest first, no more at a time than asked for', async () => {
    const done: string[] = []
    let atWork = 0
    let most = 0
    const ids = []
    for (let i = 0; i < 6; i += 1) ids.push(await queue())
    const kind: Partial<RunKind> = {
      work: async (run) => {
        atWork += 1
        most = Math.max(most, atWork)
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
    expect(most).toBeLessThanOrEqual(3)
  })

  it('is cancelled before it begins', async () => {
    const id = await queue()
    await requestCancel(id)
    expect(readRun(id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
    expect(await claimRun('anyone')).toBeNull()
    await requestCancel(id)
  })

  it('of an unknown kind fails', async () => {
    const id = await queueRun({ kind: 'other', spec: {}, actor: COMMAND_LINE, table: TABLE })
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

describe('A running run', () => {
  it('ends when it is cancelled', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context) })
    await vi.waitUntil(() => readRun(id)?.state === 'running', 10_000)
    const signal = AbortSignal.abort()
    expect(await followRun(id, { signal, onProgress: () => {} })).toMatchObject({ state: 'cancelled' })
  })

  it('goes back to the queue when its worker stops, and the try is not counted', async () => {
    const id = await queue()
    startWorker({ work: (_run, context) => untilAborted(context) })
    await vi.waitUntil(() => readRun(id)?.state === 'running', 10_000)
    stop.abort()
    await Promise.all(loops)
    expect(readRun(id)).toMatchObject({ state: 'queued', attempt: 0 })
  })

  it('is settled and begun anew when its worker is gone', async () => {
    const id = await queue()
    await claimRun('first')
    await openDatabase().transact([{ sql: `UPDATE runs SET journal = '{"n":1}' WHERE id = ?`, params: [id] }])
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

  it('is not done again when what it did is there', async () => {
    const id = await queue()
    await claimRun('first')
    await loseWorker()
    const work = vi.fn<RunKind['work']>()
    startWorker({ settle: async () => ({ found: true }), work })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', outcome: { found: true } })
    expect(work).not.toHaveBeenCalled()
  })

  it('whose worker is gone and that was cancelled meanwhile is not begun again', async () => {
    const id = await queue()
    await claimRun('first')
    await requestCancel(id)
    await loseWorker()
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
  })

  it('is given up after its worker died in it three times', async () => {
    const id = await queue()
    for (let i = 0; i < 3; i += 1) {
      await claimRun(`worker-${i}`)
      await loseWorker()
    }
    startWorker({})
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'internal' } })
  })

  it('that nobody can put right ends after as many tries, and says why', async () => {
    const id = await queue()
    for (let i = 0; i < 3; i += 1) {
      await claimRun(`worker-${i}`)
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
        await openDatabase().transact([{ sql: "UPDATE runs SET lease_owner = 'other' WHERE id = ?", params: [id] }])
        await openDatabase()
          .transact([context.succeeded({ mine: true })])
          .catch((error: unknown) => {
            refused = error
          })
        return untilAborted(context)
      },
    })
    await vi.waitUntil(() => refused !== undefined, 10_000)
    stop.abort()
    await Promise.all(loops)
    expect(String(refused)).toContain('changed 0 rows')
    expect(readRun(id)).toMatchObject({ state: 'running', leaseOwner: 'other', outcome: null })
    expect(settle).not.toHaveBeenCalled()
  })

  it('waits while another program keeps the database locked', async () => {
    const { transact } = openDatabase()
    let isLocked = true
    vi.spyOn(openDatabase(), 'transact').mockImplementation(async (statements) => {
      if (!isLocked) return transact(statements)
      isLocked = false
      throw new AppError('catalog-unavailable', 'Locked.')
    })
    startWorker({})
    await vi.waitUntil(() => !isLocked, 10_000)
    vi.restoreAllMocks()
    expect(await ended(await queue())).toMatchObject({ state: 'succeeded' })
  })

  it('whose outcome nobody knows is looked at again at once', async () => {
    const id = await queue()
    let tries = 0
    startWorker({
      work: async () => {
        tries += 1
        if (tries === 1) throw new AppError('commit-state-unknown', 'Nobody said.')
        return {}
      },
    })
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 2 })
  })
})

describe('A command without a worker', () => {
  it('brings its own, and leaves none behind', async () => {
    await openDatabase().transact([{ sql: 'DELETE FROM workers' }])
    const id = await queue()
    const kinds = { test: { work: async () => ({ own: true }), settle: async () => null, tidy: async () => {} } }
    expect(await withWorker(kinds, () => ended(id))).toMatchObject({ state: 'succeeded', outcome: { own: true } })
    expect(isWorkerAlive()).toBe(false)
  })

  it('leaves the work to the worker that is there', async () => {
    startWorker({ work: async () => ({ other: true }) })
    await vi.waitUntil(() => isWorkerAlive(), 10_000)
    const id = await queue()
    expect(await withWorker({}, () => ended(id))).toMatchObject({ outcome: { other: true } })
  })

  it('is told of a run that is not there', async () => {
    await expect(ended('nothing')).rejects.toMatchObject({ code: 'not-found' })
  })
})
