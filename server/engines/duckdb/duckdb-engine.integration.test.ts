import { describeSqlEngine } from '@/testing/conformance/sql-engine'
import { createSqlEngine } from '../create-sql-engine'

describeSqlEngine(
  'DuckDB in processes of the server',
  { LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_MEMORY_MIB: '256' },
  createSqlEngine,
)
