import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { describeSqlCorpus } from '@/testing/duckdb/sql-corpus/describe-sql-corpus'
import { NAME_DIFFERENCES } from '@/testing/duckdb/sql-corpus/name-differences'
import { createTestSession } from '@/testing/duckdb/test-session'

describeSqlCorpus(
  'SQL gives what native DuckDB gives',
  async (deps) => {
    const wasm = await resetNodeDuckdb()
    return createTestSession({ ...deps, startEngine: async () => nodeEngine(wasm) })
  },
  [
    ...NAME_DIFFERENCES,
    {
      sql: "select date_trunc('month', day) m, count(*), sum(fare) from demo.flights group by m order by m",
      reason: 'the release of DuckDB in the browser returns a date, the native one a timestamp',
      native: {
        names: ['m', 'count_star()', 'sum(fare)'],
        rows: [
          '["2023-01-01 00:00:00","124","51022.20"]',
          '["2023-02-01 00:00:00","93","42311.67"]',
          '["2023-03-01 00:00:00","93","42951.18"]',
          '["2023-04-01 00:00:00","90","38956.95"]',
        ],
      },
      adapter: {
        names: ['m', 'count_star()', 'sum(fare)'],
        rows: [
          '["2023-01-01","124","51022.20"]',
          '["2023-02-01","93","42311.67"]',
          '["2023-03-01","93","42951.18"]',
          '["2023-04-01","90","38956.95"]',
        ],
      },
    },
    {
      sql: `select json_extract_string('{"a": {"b": "c"}}', '$.a.b') j, to_json(location) l from demo.airports where code = 'ABQ'`,
      reason: 'DuckDB in the browser has no extension for JSON, and Lakeshore fetches none',
      native: { names: ['j', 'l'], rows: [String.raw`["c","{\"lat\":35.04,\"lon\":-106.6}"]`] },
      adapter: {
        code: 'query-failed',
        message:
          'Query has no JSON type and no JSON functions: DuckDB in this browser is without them (json_extract_string).',
      },
    },
  ],
)
