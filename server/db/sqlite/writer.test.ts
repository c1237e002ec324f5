import { syncBuiltinESMExports } from 'node:module'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import workerThreads from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { prepareFile } from './prepare-file'
import { Writer } from './writer'

const threads = vi.spyOn(workerThreads, 'Worker')
syncBuiltinESMExports()

test('When the writer dies during a write, the outcome is unknown, and the writer starts again for the next write', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'writer-'))
  const file = path.join(folder, 'lakeshore.db')
  prepareFile(file)
  const writer = new Writer(file)
  expect(await writer.transact([{ sql: 'DELETE FROM idempotency' }])).toEqual([0])
  const slow = `INSERT INTO idempotency SELECT 'a', i, 'o', 'r', i FROM
    (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n)`
  const writing = writer.transact([{ sql: slow }]).catch((error: unknown) => error)
  await threads.mock.instances[0]?.terminate()
  expect(await writing).toMatchObject({ code: 'commit-state-unknown' })
  expect(await writer.transact([{ sql: 'DELETE FROM idempotency' }])).toHaveLength(1)
  await writer.close()
  await rm(folder, { recursive: true })
})
