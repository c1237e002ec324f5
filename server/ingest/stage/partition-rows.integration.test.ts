import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DuckdbSession, openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { partitionColumns } from '@/server/data-files/write/partition-sql'
import { stagedColumn, stagedPartitionColumn } from '../input/checked-rows'
import { StagedRows } from '../input/staged-rows'
import { findPartitions } from './partition-rows'

let folder: string
let session: DuckdbSession

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-partitions-'))
  session = await openDuckdbSession(
    { inputPath: null, stagingDir: folder },
    { memoryMiB: 256, threads: 1, tempMiB: 64 },
  )
})
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true })
})

/** Two rows of each partition. */
async function findPartitionsOf(partitionCount: number) {
  const schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'n', required: false, type: 'int' as const }],
  }
  const spec = { specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'n', transform: 'identity' }] }
  const [value, key] = [stagedColumn(0), stagedPartitionColumn(0)]
  const rows = await StagedRows.hold(
    session,
    `SELECT (range % ${partitionCount})::INTEGER AS ${value}, ${value} AS ${key}, NULL::INTEGER AS misfits FROM range(${2 * partitionCount})`,
  )
  const staging = { request: { schema }, session, partitionColumns: partitionColumns(spec, schema, stagedColumn) }
  return findPartitions(staging, rows)
}

it('A load has at most 10,000 partitions', async () => {
  const partitions = await findPartitionsOf(10_000)
  expect(partitions).toHaveLength(10_000)
  expect(partitions.at(-1)?.values).toEqual([9_999])
  await expect(findPartitionsOf(10_001)).rejects.toMatchObject({
    code: 'too-large',
    message: 'The input has rows of more than 10000 partitions. Load it in parts.',
  })
})
