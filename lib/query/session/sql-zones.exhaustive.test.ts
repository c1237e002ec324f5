import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { testSqlZones } from '@/testing/duckdb/test-sql-zones'
import { createTestSession } from '@/testing/duckdb/test-session'

testSqlZones(async (access) => {
  const wasm = await resetNodeDuckdb()
  return createTestSession({ ...access, startEngine: async () => nodeEngine(wasm) })
})
