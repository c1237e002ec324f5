import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isKillPlanned, killableEnv, planKill } from '@/testing/faults/planned-kill'
import { installPostgres } from '@/testing/databases/install-postgres'
import { listChildPids } from '@/testing/processes/process-tree'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { snapshotChain, TableWriter } from './table-writer'

/** Engines commit to `up` with two web processes behind one port, while one process after the other is killed. */

const WRITERS = 8
const COMMITS_BETWEEN_KILLS = 3 * WRITERS
/** Two web processes and the worker. */
const CHILDREN = 3
/** A machine may be slow. */
const WAIT = { timeout: 400_000, interval: 20 }

const STEPS = [
  { name: 'before the draft of the metadata file exists', at: 'create .*/killed/metadata/' },
  { name: 'before the draft has its bytes', at: 'write .*/killed/metadata/' },
  { name: 'before the draft is durable', at: 'sync .*/killed/metadata/' },
  { name: 'before the file has its final name', at: 'link .*/killed/metadata/' },
  { name: 'right before the commit', at: 'sync-folder .*/killed/metadata$' },
  { name: 'after the commit, before its response', at: 'answer POST .*/tables/killed 200' },
]

const postgres = await installOrSkip('PostgreSQL', () => installPostgres('newest'))

describe.each([
  { name: 'SQLite', exists: true, isPostgres: false },
  { name: 'PostgreSQL (skipped when it is unavailable)', exists: postgres !== null, isPostgres: true },
])('Two web processes of up on one port and $name', ({ exists, isPostgres }) => {
  describe.skipIf(!exists)('one of which is killed at each step of a commit (skipped without its database)', () => {
    let folder: string
    let database: TestDatabase | null = null
    let lakeshore: Lakeshore
    const killFile = () => path.join(folder, 'kill')

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'killed-web-'))
      if (isPostgres) database = await createTestDatabase(await startSharedPostgres('newest'))
      const options = { webProcesses: 2, ...(database && { databaseUrl: database.url }) }
      lakeshore = await startLakeshore(folder, killableEnv(killFile()), options)
    })
    afterAll(async () => {
      await lakeshore?.stop()
      await database?.drop()
      await rm(folder, { recursive: true })
    })

    test('keep every snapshot of 8 writers once, lose no acknowledged one, and are two again each time', async () => {
      const catalog = { catalogUri: `${lakeshore.uri}/v1/${lakeshore.warehouse}` }
      const writers = Array.from({ length: WRITERS }, () => new TableWriter([catalog], lakeshore.token, 'killed', 0))
      await writers[0]?.createTable()
      const acknowledged: number[] = []
      const stop = new AbortController()
      // Any other status than conflict and busy ends a writer, and with it the test.
      const writing = Promise.all(
        writers.map(async (writer, w) => {
          for (let number = 1; !stop.signal.aborted; number += 1) {
            const snapshotId = w * 100_000 + number
            await writer.append(snapshotId)
            acknowledged.push(snapshotId)
          }
        }),
      )
      writing.catch(() => stop.abort())
      const waitUntil = (isDone: () => boolean | Promise<boolean>) =>
        vi.waitUntil(async () => stop.signal.aborted || (await isDone()), WAIT)

      for (const { at } of STEPS) {
        const before = await listChildPids(lakeshore.pid)
        expect(before).toHaveLength(CHILDREN)
        planKill(killFile(), { program: 'web.mjs', at })
        await waitUntil(() => !isKillPlanned(killFile()))
        const killedAt = acknowledged.length
        await waitUntil(async () => {
          const now = await listChildPids(lakeshore.pid)
          return now.length === CHILDREN && now.filter((pid) => !before.includes(pid)).length === 1
        })
        await waitUntil(() => acknowledged.length >= killedAt + COMMITS_BETWEEN_KILLS)
      }
      stop.abort()
      await writing
      expect(writers.reduce((sum, { retryCounts: trouble }) => sum + trouble.unanswered, 0)).toBeGreaterThanOrEqual(
        STEPS.length,
      )
      const table = await writers[0]?.load('all')
      if (!table) throw new Error('There is no writer.')
      expect(snapshotChain(table).toSorted((a, b) => a - b)).toEqual(acknowledged.toSorted((a, b) => a - b))
      expect(table.snapshots).toHaveLength(acknowledged.length)
      expect(table['last-sequence-number']).toBe(acknowledged.length)
    })
  })
})
