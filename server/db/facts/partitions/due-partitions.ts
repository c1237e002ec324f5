import 'server-only'
import type { KnownVersion } from '@/lib/facts/known-version'
import { splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Change, Database } from '../../database'
import { change, query } from '../../statement'

/** How far the facts of tables have been read by partition. */

export type PartitionProgress = { revision: number; seq: number; specId: number; isPartitioned: boolean }

/** The spec of a table that was not read. No table has such a spec. */
export const NO_SPEC = -1

/** A table whose history has facts that were not read by partition. */
export type DuePartitions = {
  id: number
  table: TableIdentifier
  tableUuid: string
  /** The newest row of its history, and how often that was continued. */
  seq: number
  historyRevision: number
  /** The default partition spec of its newest version. */
  specId: number
  droppedAtMs: number | null
  /** Null: none of it was read. */
  known: PartitionProgress | null
}

/**
 * Those that were never read come first, then those that were read longest ago.
 *
 * @param options.readBeforeMs other tables wait, so that many commits in a row are read together
 * @param options.except catalogs that are not read now
 */
export async function readDuePartitions(
  database: Database,
  { readBeforeMs, except, limit }: { readBeforeMs: number; except: readonly string[]; limit: number },
): Promise<DuePartitions[]> {
  const nowMs = database.nowMs()
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .leftJoin('fact_partitions', 'fact_partitions.table_id', 'fact_tables.id')
        .select([
          'fact_tables.id',
          'fact_tables.catalog',
          'fact_tables.namespace',
          'fact_tables.table_name',
          'fact_tables.table_uuid',
          'fact_tables.seq',
          'fact_tables.revision as history_revision',
          'fact_tables.version',
          'fact_tables.dropped_at_ms',
          'fact_partitions.revision',
          'fact_partitions.partition_seq',
          'fact_partitions.spec_id',
          'fact_partitions.is_partitioned',
        ])
        .where((eb) =>
          eb.or([
            eb('fact_partitions.table_id', 'is', null),
            eb.and([
              eb('fact_partitions.partition_seq', '<', eb.ref('fact_tables.seq')),
              eb('fact_partitions.read_at_ms', '<=', readBeforeMs),
              eb.or([eb('fact_partitions.retry_at_ms', 'is', null), eb('fact_partitions.retry_at_ms', '<=', nowMs)]),
            ]),
          ]),
        )
        .$if(except.length > 0, (due) => due.where('fact_tables.catalog', 'not in', except))
        .orderBy(({ fn, val }) => fn.coalesce('fact_partitions.read_at_ms', val(0)))
        .orderBy('fact_tables.id')
        .limit(limit),
    ),
  )
  return rows.map((row) => ({
    id: row.id,
    table: { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name },
    tableUuid: row.table_uuid,
    seq: row.seq,
    historyRevision: row.history_revision,
    specId: (JSON.parse(row.version) as KnownVersion).specId,
    droppedAtMs: row.dropped_at_ms,
    known: toProgress(row),
  }))
}

function toProgress(row: {
  revision: number | null
  partition_seq: number | null
  spec_id: number | null
  is_partitioned: number | null
}): PartitionProgress | null {
  if (row.revision === null || row.partition_seq === null || row.spec_id === null) return null
  return {
    revision: row.revision,
    seq: row.partition_seq,
    specId: row.spec_id,
    isPartitioned: row.is_partitioned === 1,
  }
}

/** Fails the transaction when another process has read more of the table since. */
export function partitionProgressChange(
  tableId: number,
  before: PartitionProgress | null,
  { seq, specId, isPartitioned }: Omit<PartitionProgress, 'revision'>,
): Change {
  return change(
    ({ db, nowMs }) => {
      const row = {
        partition_seq: seq,
        spec_id: specId,
        is_partitioned: isPartitioned ? 1 : 0,
        read_at_ms: nowMs,
        retry_at_ms: null,
      }
      return before === null
        ? db
            .insertInto('fact_partitions')
            .values({ table_id: tableId, revision: 1, ...row })
            .onConflict((conflict) => conflict.doNothing())
        : db
            .updateTable('fact_partitions')
            .set({ ...row, revision: before.revision + 1 })
            .where('table_id', '=', tableId)
            .where('revision', '=', before.revision)
    },
    { expectedRows: 1 },
  )
}

/** Reading failed; a later attempt goes on where this one began. A table that was never read gets a row without a spec. */
export function failedPartitionsChange(tableId: number, retryAtMs: number): Change {
  const neverRead = { revision: 1, partition_seq: 0, spec_id: NO_SPEC, is_partitioned: 0, read_at_ms: 0 }
  return change(({ db }) =>
    db
      .insertInto('fact_partitions')
      .values({ table_id: tableId, ...neverRead, retry_at_ms: retryAtMs })
      .onConflict((conflict) => conflict.column('table_id').doUpdateSet({ retry_at_ms: retryAtMs })),
  )
}
