import 'server-only'
import type { ErrorCode } from '@/lib/errors'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'

/** How current the history of each catalog is. */

/** The last reading of a catalog and its outcome. Times are by the database's clock. */
export type FactCatalog = {
  catalog: string
  /** The last attempt. */
  polledAtMs: number
  /** The newest response; null: it has never answered. */
  answeredAtMs: number | null
  /** The newest time at which each table had been read within its interval; null: there was none yet. */
  completeAtMs: number | null
  /** The last list of its tables that reached every namespace which the credentials may list. */
  listedAtMs: number | null
  /** How many tables it listed last; null: it was never listed. */
  tableCount: number | null
  /** Tables whose last reading failed: their histories end before it. */
  unreadCount: number
  /** Tables that are due and were not read yet. */
  lateCount: number
  /** Whether it has more tables than are read. */
  isTruncated: boolean
  /** Why it cannot be read now; null: it answers. */
  problem: { code: ErrorCode; detail: string } | null
}

export async function readFactCatalogs(database: Database): Promise<FactCatalog[]> {
  return (await database.read(ALL_CATALOGS)).map(toFactCatalog)
}

const ALL_CATALOGS = query(({ db }) => db.selectFrom('fact_catalogs').selectAll().orderBy('catalog'))

export async function findFactCatalog(database: Database, catalog: string): Promise<FactCatalog | null> {
  const [row] = await database.read(
    query(({ db }) => db.selectFrom('fact_catalogs').selectAll().where('catalog', '=', catalog)),
  )
  return row ? toFactCatalog(row) : null
}

/** The row of a reading. Times that are null leave those of earlier readings, which another process may have made. */
export function factCatalogChange(reading: FactCatalog): Change {
  const row = toColumns(reading)
  return change(({ db }) =>
    db
      .insertInto('fact_catalogs')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('catalog').doUpdateSet((eb) => ({
          ...row,
          answered_at_ms: eb.fn.coalesce(eb.val(row.answered_at_ms), 'fact_catalogs.answered_at_ms'),
          complete_at_ms: eb.fn.coalesce(eb.val(row.complete_at_ms), 'fact_catalogs.complete_at_ms'),
          listed_at_ms: eb.fn.coalesce(eb.val(row.listed_at_ms), 'fact_catalogs.listed_at_ms'),
          table_count: eb.fn.coalesce(eb.val(row.table_count), 'fact_catalogs.table_count'),
        })),
      ),
  )
}

export function removedFactCatalogChange(catalog: string): Change {
  return change(({ db }) => db.deleteFrom('fact_catalogs').where('catalog', '=', catalog))
}

function toColumns({ problem, ...reading }: FactCatalog): Tables['fact_catalogs'] {
  return {
    catalog: reading.catalog,
    polled_at_ms: reading.polledAtMs,
    answered_at_ms: reading.answeredAtMs,
    complete_at_ms: reading.completeAtMs,
    listed_at_ms: reading.listedAtMs,
    table_count: reading.tableCount,
    unread_count: reading.unreadCount,
    late_count: reading.lateCount,
    is_truncated: reading.isTruncated ? 1 : 0,
    problem_code: problem?.code ?? null,
    problem: problem?.detail ?? null,
  }
}

function toFactCatalog(row: Tables['fact_catalogs']): FactCatalog {
  return {
    catalog: row.catalog,
    polledAtMs: row.polled_at_ms,
    answeredAtMs: row.answered_at_ms,
    completeAtMs: row.complete_at_ms,
    listedAtMs: row.listed_at_ms,
    tableCount: row.table_count,
    unreadCount: row.unread_count,
    lateCount: row.late_count,
    isTruncated: row.is_truncated === 1,
    problem: row.problem_code === null ? null : { code: row.problem_code as ErrorCode, detail: row.problem ?? '' },
  }
}
