import { type RecordBatch, RecordBatchReader } from 'apache-arrow'
import { createTestSession } from './test-session'
import { toResultBatch } from '@/lib/query/session/result-rows'
import type { QueryEngine, ResultBatch } from '@/lib/query/engine'
import { type EngineLimits, startNativeEngine } from '@/server/engines/duckdb/process/native-engine'
import { toIpcStream } from '@/lib/query/load/decode'
import type { ParquetTableAccess } from './parquet-tables'

/**
 * Queries as the server runs them: each has a separate DuckDB, because it has a process, and its rows are sent as
 * Arrow.
 */
export function serverAdapter(access: ParquetTableAccess, limits: EngineLimits): Pick<QueryEngine, 'run'> {
  return {
    run: async (request, options) => {
      const batches: ResultBatch[] = []
      const session = createTestSession({
        ...access,
        startEngine: () => startNativeEngine(limits),
        passOn: async (batch, rowCount) => {
          batches.push(toResultBatch(sentBatch(batch), rowCount))
        },
      })
      return { ...(await session.run(request, options)), batches }
    },
  }
}

function sentBatch(batch: RecordBatch): RecordBatch {
  const [received] = RecordBatchReader.from(toIpcStream(batch))
  if (!received) throw new Error('no batch was sent')
  return received
}
