import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPostgres } from '@/testing/databases/install-postgres'
import { postgresSettings } from '@/testing/databases/postgres-settings'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { snapshotChain, type Reply, TableWriter } from './table-writer'
import { startWebProcesses, type WebProcesses } from '@/testing/product/web-processes'

/** Many clients commit to one table through two web servers of the built product on one home. */

const WRITERS = 16
const COMMITS = 50

const postgres = await installOrSkip('PostgreSQL', () => installPostgres('newest'))

describe.each([
  { name: 'SQLite', exists: true, isPostgres: false },
  { name: 'PostgreSQL (skipped when it is unavailable)', exists: postgres !== null, isPostgres: true },
])('Two web processes on $name', ({ exists, isPostgres }) => {
  describe.skipIf(!exists)('and one table (skipped without its database)', () => {
    let folder: string
    let database: TestDatabase | null = null
    let web: WebProcesses

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'many-writers-'))
      if (isPostgres) database = await createTestDatabase(await startSharedPostgres('newest'))
      web = await startWebProcesses(folder, 2, database ? postgresSettings(database.url) : {})
    })
    afterAll(async () => {
      await web.stop()
      await database?.drop()
      await rm(folder, { recursive: true })
    })

    /** Half of the writers start with one process, half with the other. */
    const createWriters = (table: string, count: number) =>
      Array.from({ length: count }, (_, first) => new TableWriter(web.processes, web.token, table, first))

    test('accept 800 changes of 16 writers that assert only the table’s id, without a conflict', async () => {
      const writers = createWriters('properties', WRITERS)
      const uuid = (await writers[0]?.createTable())?.['table-uuid']
      const replies: { key: string; reply: Reply }[] = []
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let number = 0; number < COMMITS; number += 1) {
            const key = `w${w}.${number}`
            const requirements = [{ type: 'assert-table-uuid', uuid }]
            const updates = [{ action: 'set-properties', updates: { [key]: 'v' } }]
            replies.push({ key, reply: await writer.commit(requirements, updates) })
          }
        }),
      )
      expect(replies).toHaveLength(WRITERS * COMMITS)
      const refused = replies.filter(({ reply }) => reply.status !== 200)
      const expectedError = refused.map(({ reply }) => [reply.status, (reply.retryAfterSeconds ?? 0) > 0])
      expect(expectedError).toEqual(refused.map(() => [429, true]))
      expect(refused.length).toBeLessThanOrEqual(replies.length / 100)
      const acknowledged = replies.flatMap(({ key, reply }) => (reply.status === 200 ? [key] : []))
      const properties = (await writers[0]?.load('refs'))?.properties ?? {}
      expect(Object.keys(properties).filter((key) => key.startsWith('w'))).toEqual(expect.arrayContaining(acknowledged))
    })

    test('keep every snapshot of 16 appending writers once, in one chain', async () => {
      const writers = createWriters('snapshots', WRITERS)
      await writers[0]?.createTable()
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let number = 1; number <= COMMITS; number += 1) await writer.append(w * 1000 + number)
        }),
      )
      const table = await writers[0]?.load('all')
      if (!table) throw new Error('There is no writer.')
      const chain = snapshotChain(table)
      const expected = writers.flatMap((_, w) => Array.from({ length: COMMITS }, (__, i) => w * 1000 + i + 1))
      expect(chain.toSorted((a, b) => a - b)).toEqual(expected)
      expect(table.snapshots).toHaveLength(WRITERS * COMMITS)
      expect(table['last-sequence-number']).toBe(WRITERS * COMMITS)
      expect(writers.reduce((sum, { retryCounts: trouble }) => sum + trouble.rebased, 0)).toBeGreaterThan(0)
    })

    test('keep every acknowledged snapshot once when one of them is killed, and its writers continue with the other', async () => {
      const writers = createWriters('survives', 8)
      await writers[0]?.createTable()
      const acknowledged: number[] = []
      let isKilled = false
      const afterKill = writers.map(() => 0)
      const writing = Promise.all(
        writers.map(async (writer, w) => {
          for (let number = 1; (afterKill[w] ?? 0) < 10; number += 1) {
            const snapshotId = w * 100_000 + number
            await writer.append(snapshotId)
            acknowledged.push(snapshotId)
            if (isKilled) afterKill[w] = (afterKill[w] ?? 0) + 1
          }
        }),
      )
      while (acknowledged.length < 40) await pause(10)
      await web.processes[0]?.kill9()
      isKilled = true
      await writing
      // Only writers of the killed process noticed.
      expect(writers.map(({ retryCounts: trouble }) => trouble.unanswered > 0)).toEqual(
        writers.map((_, w) => w % 2 === 0),
      )
      const table = await writers[1]?.load('all')
      if (!table) throw new Error('There is no writer.')
      expect(snapshotChain(table).toSorted((a, b) => a - b)).toEqual(acknowledged.toSorted((a, b) => a - b))
      expect(table.snapshots).toHaveLength(acknowledged.length)
    })
  })
})
