import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RecordBatchReader, type RecordBatch } from 'apache-arrow'
import { createQuerySession } from '@/lib/client/duckdb/query-session'
import { toResultBatch } from '@/lib/client/duckdb/result-rows'
import type { QueryEngine, ResultBatch } from '@/lib/query/engine'
import { CORPUS_STATEMENTS, openSqlCorpus, type SqlCorpus } from '@/testing/duckdb/sql-corpus'
import { startNativeEngine } from './native-engine'
import { toIpc } from './run-in-process'

/** Statements whose results differ from those of DuckDB itself, with the reason. */
const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  [
    `select demo.flights.origin || '-' || demo.flights.dest from demo.flights where id = 9`,
    'the name of an unnamed expression has the table’s name alone',
  ],
  ['select id from demo.STAFF where id = 2', 'the names of tables are case-sensitive in Iceberg'],
])

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-native-engine-'))
const LIMITS = { threads: 2, memoryMiB: 512, tempMiB: 512, tempDir }
let corpus: SqlCorpus

beforeAll(async () => {
  corpus = await openSqlCorpus(
    async (deps): Promise<Pick<QueryEngine, 'run'>> => ({
      // Each statement has a DuckDB of its own, as each query has a process, and its rows are sent as Arrow.
      run: async (request, options) => {
        const batches: ResultBatch[] = []
        const session = createQuerySession({
          ...deps,
          startEngine: () => startNativeEngine(LIMITS),
          passOn: async (batch, rowCount) => {
            batches.push(toResultBatch(sentBatch(batch), rowCount))
          },
        })
        return { ...(await session.run(request, options)), batches }
      },
    }),
  )
})
afterAll(() => {
  corpus.close()
  rmSync(tempDir, { recursive: true })
})

describe('SQL on the server gives what native DuckDB gives', () => {
  test.each(CORPUS_STATEMENTS.filter((sql) => !DIFFERENCES.has(sql)))('%s', async (sql) => {
    const expected = await corpus.runNatively(sql)
    const ours = await corpus.runInAdapter(sql)
    expect(ours.names).toEqual(expected.names)
    expect(ours.rows).toEqual(expected.rows)
  })

  test.each([...DIFFERENCES])('except %s: %s', async (sql) => {
    expect(CORPUS_STATEMENTS).toContain(sql)
    const [expected, ours] = [await corpus.runNatively(sql), await corpus.runInAdapter(sql).catch(() => null)]
    expect(ours).not.toEqual(expected)
  })
})

function sentBatch(batch: RecordBatch): RecordBatch {
  const [received] = RecordBatchReader.from(toIpc(batch))
  if (!received) throw new Error('no batch was sent')
  return received
}
