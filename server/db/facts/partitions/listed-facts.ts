import 'server-only'
import type { KnownAmounts } from '@/lib/facts/amounts'
import type { FactKind } from '@/lib/facts/terms'
import type { Database } from '../../database'
import { query } from '../../statement'
import type { Tables } from '../../tables'
import { DAY_MS } from '../sum-tables'

/** A row of a history, with the measures that facts have by partition. */
export type ListedFact = {
  seq: number
  kind: FactKind
  atMs: number
  snapshotId: string | null
  operation: string | null
  added: KnownAmounts
  removed: KnownAmounts
}

/** The next rows of a history, in their order; the oldest may have been removed. */
export async function readNextFacts(
  database: Database,
  tableId: number,
  { after, limit }: { after: number; limit: number },
): Promise<ListedFact[]> {
  const rows = await database.read(
    query(({ db }) => selectFacts(db, tableId).where('seq', '>', after).orderBy('seq').limit(limit)),
  )
  return rows.map(toFact)
}

/** The first of them that is not of another branch, whose rows may be of any time; null if there is none. */
export async function readNextMainFact(database: Database, tableId: number, after: number): Promise<ListedFact | null> {
  const [row] = await database.read(
    query(({ db }) =>
      selectFacts(db, tableId).where('seq', '>', after).where('kind', '!=', 'off-main').orderBy('seq').limit(1),
    ),
  )
  return row ? toFact(row) : null
}

/** The rows of a day from one on. */
export async function readFactsOfDay(
  database: Database,
  tableId: number,
  { from, day }: { from: number; day: number },
): Promise<ListedFact[]> {
  const rows = await database.read(
    query(({ db }) =>
      selectFacts(db, tableId)
        .where('seq', '>=', from)
        .where('at_ms', '>=', day * DAY_MS)
        .where('at_ms', '<', (day + 1) * DAY_MS)
        .orderBy('seq'),
    ),
  )
  return rows.map(toFact)
}

type Db = Parameters<Parameters<typeof query>[0]>[0]['db']

function selectFacts(db: Db, tableId: number) {
  return db.selectFrom('fact_commits').selectAll().where('table_id', '=', tableId)
}

/** Deletes are in other rows, and have no partitions. */
const NO_DELETES = { deleteFiles: 0, positionDeletes: 0, equalityDeletes: 0 }

function toFact(row: Tables['fact_commits']): ListedFact {
  return {
    seq: row.seq,
    kind: row.kind as FactKind,
    atMs: row.at_ms,
    snapshotId: row.snapshot_id,
    operation: row.operation,
    added: { rows: row.rows_added, files: row.files_added, bytes: row.bytes_added, ...NO_DELETES },
    removed: { rows: row.rows_removed, files: row.files_removed, bytes: row.bytes_removed, ...NO_DELETES },
  }
}
