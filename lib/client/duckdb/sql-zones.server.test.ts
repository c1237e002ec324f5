import { startNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { testSqlZones } from '@/testing/duckdb/test-sql-zones'
import { createQuerySession } from './query-session'

testSqlZones(async (access) => {
  const wasm = await startNodeDuckdb()
  return createQuerySession({ ...access, startEngine: async () => nodeEngine(wasm) })
})
