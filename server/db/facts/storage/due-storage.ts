import 'server-only'
import type { Amounts } from '@/lib/facts/amounts'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '../../database'
import { query } from '../../statement'
import { TOTAL_COLUMNS, toTotal } from '../fact-tables'

/** Tables whose storage is to be measured. */

export type DueTable = {
  id: number
  table: TableIdentifier
  tableUuid: string
  /** The newest version in the history; null: the table was dropped. */
  metadataLocation: string | null
  droppedAtMs: number | null
  /** By the summaries of its commits. */
  total: Amounts
}

/**
 * Those that are in another version than the one that was measured, or whose files were not all read. The ones that were
 * never measured come first, then those that were measured longest ago.
 *
 * @param options.measuredBeforeMs other tables wait, so that many commits in a row cost one measurement
 * @param options.except catalogs that are not read now
 */
export async function readDueTables(
  database: Database,
  { measuredBeforeMs, except, limit }: { measuredBeforeMs: number; except: readonly string[]; limit: number },
): Promise<DueTable[]> {
  const nowMs = database.nowMs()
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .leftJoin('fact_storage', 'fact_storage.table_id', 'fact_tables.id')
        .select([
          'fact_tables.id',
          'fact_tables.catalog',
          'fact_tables.namespace',
          'fact_tables.table_name',
          'fact_tables.table_uuid',
          'fact_tables.metadata_location',
          'fact_tables.dropped_at_ms',
          ...TOTAL_COLUMNS,
        ])
        .where((eb) =>
          eb.or([
            eb.and([eb('fact_storage.table_id', 'is', null), eb('fact_tables.dropped_at_ms', 'is', null)]),
            eb.and([
              eb('fact_storage.table_id', 'is not', null),
              eb('fact_storage.metadata_location', 'is distinct from', eb.ref('fact_tables.metadata_location')),
              eb('fact_storage.measured_at_ms', '<=', measuredBeforeMs),
              eb.or([eb('fact_storage.retry_at_ms', 'is', null), eb('fact_storage.retry_at_ms', '<=', nowMs)]),
            ]),
            eb('fact_storage.retry_at_ms', '<=', nowMs),
          ]),
        )
        .$if(except.length > 0, (due) => due.where('fact_tables.catalog', 'not in', except))
        .orderBy(({ fn, val }) => fn.coalesce('fact_storage.measured_at_ms', val(0)))
        .orderBy('fact_tables.id')
        .limit(limit),
    ),
  )
  return rows.map((row) => ({
    id: row.id,
    table: { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name },
    tableUuid: row.table_uuid,
    metadataLocation: row.metadata_location,
    droppedAtMs: row.dropped_at_ms,
    total: toTotal(row),
  }))
}
