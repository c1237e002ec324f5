import { beforeEach, describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { claimRun } from '@/server/db/jobs/run-leases'
import { readRunsAhead } from '@/server/db/jobs/run-queue'
import { queueRunChange, readRun, requestCancel } from '@/server/db/jobs/runs'
import {
  awaitUploadsChanges,
  countAwaitingRuns,
  endWaitChanges,
  extendAwaitedUploads,
  failAwaitingRun,
  listAwaitedUploads,
  listAwaitingRuns,
  MAX_AWAITING_RUNS,
} from '@/server/db/uploads/awaiting-runs'
import { addUpload, deleteUpload, readUpload, tryAddPart } from '@/server/db/uploads/uploads'
import { newRun, NO_LIMITS } from './jobs/jobs'
import { type OpenDatabase, runConcurrently, setUpDatabase, undoneAtChange } from './testbed'

const HOUR_MS = 3_600_000
const ON = { catalog: 'local', namespace: ['a'], table: 't' }
const ERROR = { code: 'not-found', detail: 'a.csv has expired.', facts: {} } as const

export function describeAwaitingRuns(open: OpenDatabase): void {
  describe('Runs that wait for uploads', () => {
    const database = setUpDatabase(open)
    beforeEach(() =>
      database().commit([
        rawChange('DELETE FROM uploads'),
        rawChange("UPDATE runs SET state = 'failed' WHERE state = 'queued' OR state = 'running'"),
      ]),
    )
    const add = (uploadId: string, { sizeBytes = 2, lifeMs = HOUR_MS, userId = 'u' } = {}) =>
      addUpload(
        database(),
        { uploadId, userId, target: ON, fileName: `${uploadId}.csv`, sizeBytes },
        { lifeMs, maxUserBytes: null },
      )
    const send = (uploadId: string, startByte = 0, sizeBytes = 2) =>
      tryAddPart(database(), uploadId, { startByte, sizeBytes, name: `${startByte}` }, HOUR_MS)
    const queue = async (uploadIds: readonly string[], userId = 'u') => {
      const run = queueRunChange(database(), newRun({ awaitedUploads: uploadIds.length }))
      await database().commit([run.change, ...awaitUploadsChanges(run.id, { userId, uploadIds })])
      return run.id
    }
    const claim = async () => (await claimRun(database(), 'w', NO_LIMITS))?.run.id ?? null
    const read = (uploadId: string) => readUpload(database(), { uploadId, userId: 'u' })
    const waiting = async () => (await listAwaitingRuns(database(), '', 9)).map(({ id }) => id)

    test('are claimed once the last byte of the last upload is here, and are before no other run until then', async () => {
      for (const id of ['a', 'b']) await add(id)
      await send('a')
      const run = await queue(['a', 'b'])
      const next = queueRunChange(database(), newRun())
      await database().commit([next.change])
      const of = { id: next.id, kind: 'ingest', lane: 'common' } as const
      expect(await readRunsAhead(database(), of, 9)).toEqual({ count: 0, runs: [] })
      expect([await claim(), await claim()]).toEqual([next.id, null])
      expect(await listAwaitedUploads(database(), run)).toMatchObject([
        { uploadId: 'a', receivedBytes: 2 },
        { uploadId: 'b', receivedBytes: 0 },
      ])
      await send('b', 0, 1)
      expect([await claim(), await waiting()]).toEqual([null, [run]])
      await send('b', 1, 1)
      expect([await waiting(), await claim()]).toEqual([[], run])
      expect(await read('a')).toMatchObject({ runId: null })
      expect(await countAwaitingRuns(database(), 'u')).toBe(0)
    })

    test('are released whichever of many uploads is complete last, if all are completed at the same time', async () => {
      const ids = Array.from({ length: 16 }, (_, i) => `c${i}`)
      for (const id of ids) await add(id)
      const run = await queue(ids)
      const { refused } = await runConcurrently((i) => send(ids[i] ?? ''))
      expect([refused, await claim()]).toEqual([[], run])
    })

    test('do not wait if the uploads are completed while they are queued', async () => {
      const ids = Array.from({ length: 8 }, (_, i) => `d${i}`)
      for (const id of ids) await add(id)
      const { done, refused } = await runConcurrently((i) =>
        i < 8 ? send(ids[i] ?? '') : queue([ids[i - 8] ?? '']).then(() => true),
      )
      expect([refused, done.length, await waiting()]).toEqual([[], 16, []])
    })

    test('need uploads that their user has, and that no other run waits for', async () => {
      await add('a')
      await add('foreign', { userId: 'v' })
      await add('expired', { lifeMs: 0 })
      await queue(['a'])
      for (const id of ['a', 'foreign', 'expired', 'none'])
        await expect(queue([id])).rejects.toEqual(undoneAtChange(1, 0))
      expect(await waiting()).toHaveLength(1)
    })

    test('are a few of each user', async () => {
      const ids = Array.from({ length: MAX_AWAITING_RUNS + 6 }, (_, i) => `e${i}`)
      for (const id of ids) await add(id)
      await add('other', { userId: 'v' })
      for (const id of ids.slice(0, MAX_AWAITING_RUNS - 2)) await queue([id])
      const { done } = await runConcurrently((i) => queue([ids[MAX_AWAITING_RUNS - 2 + i] ?? '']), 8)
      expect([done.length, await countAwaitingRuns(database(), 'u')]).toEqual([2, MAX_AWAITING_RUNS])
      await queue(['other'], 'v')
    })

    test('fail with the upload that is removed, and leave the others', async () => {
      for (const id of ['a', 'b']) await add(id)
      const run = await queue(['a', 'b'])
      expect(await deleteUpload(database(), { uploadId: 'a', userId: 'v' })).toBe(false)
      expect(await waiting()).toEqual([run])
      expect(await deleteUpload(database(), { uploadId: 'a', userId: 'u' })).toBe(true)
      expect(await readRun(database(), run)).toMatchObject({
        state: 'failed',
        awaitedUploads: 0,
        finishedAtMs: expect.any(Number),
        error: { code: 'not-found', facts: { file: 'a.csv' } },
      })
      expect([await read('a'), await read('b')]).toMatchObject([null, { runId: null }])
      await queue(['b'])
    })

    test('are cancelled at once, and not failed or released after that', async () => {
      for (const id of ['a', 'b']) await add(id)
      const run = await queue(['a', 'b'])
      await requestCancel(database(), run)
      expect(await readRun(database(), run)).toMatchObject({ state: 'cancelled', awaitedUploads: 0 })
      expect(await read('a')).toMatchObject({ runId: null })
      expect(await failAwaitingRun(database(), run, ERROR)).toBe(false)
      for (const id of ['a', 'b']) await send(id)
      await database().commit(endWaitChanges(run))
      expect([(await readRun(database(), run))?.state, await claim()]).toEqual(['cancelled', null])
    })

    test('do not begin with an upload that has expired, and fail for good', async () => {
      for (const id of ['a', 'b']) await add(id)
      const run = await queue(['a', 'b'])
      await send('a')
      await database().commit([rawChange("UPDATE uploads SET expires_at_ms = 1 WHERE id = 'a'")])
      await send('b')
      expect([await claim(), (await listAwaitedUploads(database(), run)).length]).toEqual([null, 1])
      expect(await failAwaitingRun(database(), run, ERROR)).toBe(true)
      expect(await failAwaitingRun(database(), run, ERROR)).toBe(false)
      expect(await readRun(database(), run)).toMatchObject({ state: 'failed', error: ERROR })
    })

    test('have uploads that live as long as the newest of them, never shorter', async () => {
      await add('a', { lifeMs: 60_000 })
      await add('b', { lifeMs: 3 * HOUR_MS })
      await add('other', { lifeMs: 60_000 })
      const run = await queue(['a', 'b'])
      const [a, b, other] = await Promise.all(['a', 'b', 'other'].map(read))
      await extendAwaitedUploads(database(), run, (a?.expiresAtMs ?? 0) + HOUR_MS)
      expect(await Promise.all(['a', 'b', 'other'].map(read))).toMatchObject([
        { expiresAtMs: (a?.expiresAtMs ?? 0) + HOUR_MS },
        { expiresAtMs: b?.expiresAtMs },
        { expiresAtMs: other?.expiresAtMs },
      ])
    })
  })
}
