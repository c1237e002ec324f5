import { afterAll } from 'vitest'
import { describeSqlEngine } from '@/testing/conformance/sql-engine'
import { SharedQueryProcess } from '@/testing/engines/shared-query-process'

const shared = new SharedQueryProcess()
afterAll(() => shared.end())

describeSqlEngine(
  'DuckDB in processes of the server',
  { LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_MEMORY_MIB: '256' },
  shared.createEngine,
)
