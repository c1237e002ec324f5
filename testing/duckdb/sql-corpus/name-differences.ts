import type { CorpusDifference } from './describe-sql-corpus'

/** How every adapter differs from native DuckDB, because Lakeshore resolves the names of tables itself. */
export const NAME_DIFFERENCES: readonly CorpusDifference[] = [
  {
    sql: "select demo.flights.origin || '-' || demo.flights.dest from demo.flights where id = 9",
    reason: 'a column without a name is named by its SQL, in which the name of the table was shortened',
    native: { names: ["((demo.flights.origin || '-') || demo.flights.dest)"], rows: ['["OSL-SFO"]'] },
    adapter: { names: ["((flights.origin || '-') || flights.dest)"], rows: ['["OSL-SFO"]'] },
  },
  {
    sql: 'select id from demo.STAFF where id = 2',
    reason: 'the names of tables are case-sensitive in Iceberg',
    native: { names: ['id'], rows: ['[2]'] },
    adapter: { code: 'not-found', message: 'There is no table demo.STAFF.' },
  },
]
