import { RecordBatchReader, tableFromIPC } from 'apache-arrow'
import { ENGINE_SETTINGS, type Engine } from '@/lib/query/duckdb/engine'
import type { NodeDuckdb } from './node-duckdb'

/** DuckDB-WASM in this process as the engine of a query session. Each call needs a DuckDB without the session's schemas. */
export function nodeEngine(wasm: NodeDuckdb): Engine {
  for (const setting of ENGINE_SETTINGS) wasm.run(setting)
  return {
    query: async (sql) => tableFromIPC(wasm.run(sql)),
    runPrepared: async (sql, values) => wasm.runPrepared(sql, values),
    async *stream(sql) {
      for (const batch of RecordBatchReader.from(wasm.run(sql))) yield batch
    },
    insert: async (name, ipc) => wasm.insert({ schema: 'held', name }, ipc),
    isRunning: true,
    end: () => {},
  }
}
