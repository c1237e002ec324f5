import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'
import { RecordBatchReader, type RecordBatch } from 'apache-arrow'
import { createTestSession } from '@/testing/duckdb/test-session'
import { toResultBatch } from '@/lib/query/session/result-rows'
import type { ResultBatch } from '@/lib/query/engine'
import { describeSqlCorpus } from '@/testing/duckdb/sql-corpus/describe-sql-corpus'
import { NAME_DIFFERENCES } from '@/testing/duckdb/sql-corpus/name-differences'
import { startNativeEngine } from './native-engine'
import { toIpc } from './run-in-process'

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-native-engine-'))
const LIMITS = { threads: 2, memoryMiB: 512, tempMiB: 512, tempDir }

afterAll(() => rmSync(tempDir, { recursive: true }))

describeSqlCorpus(
  'SQL on the server gives what native DuckDB gives',
  async (deps) => ({
    // Each statement has a DuckDB of its own, as each query has a process, and its rows are sent as Arrow.
    run: async (request, options) => {
      const batches: ResultBatch[] = []
      const session = createTestSession({
        ...deps,
        startEngine: () => startNativeEngine(LIMITS),
        passOn: async (batch, rowCount) => {
          batches.push(toResultBatch(sentBatch(batch), rowCount))
        },
      })
      return { ...(await session.run(request, options)), batches }
    },
  }),
  NAME_DIFFERENCES,
)

function sentBatch(batch: RecordBatch): RecordBatch {
  const [received] = RecordBatchReader.from(toIpc(batch))
  if (!received) throw new Error('no batch was sent')
  return received
}
