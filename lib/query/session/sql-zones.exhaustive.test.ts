import { startNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { testSqlZones } from '@/testing/duckdb/test-sql-zones'
import { createTestSession } from '@/testing/duckdb/test-session'

testSqlZones(async (access) => {
  const wasm = await startNodeDuckdb()
  return createTestSession({ ...access, startEngine: async () => nodeEngine(wasm) })
})
