import 'server-only'
import type { Amounts } from '@/lib/facts/amounts'
import type { KnownVersion } from '@/lib/facts/known-version'
import { joinNamespace, type Namespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '../database'
import { query } from '../statement'
import type { Tables } from '../tables'
import { isTableInScope } from './is-in-scope'

/** The tables that dashboards show, with their totals. */

export type FactTable = {
  /** The history. */
  id: number
  table: TableIdentifier
  tableUuid: string
  /** The newest version in the history; null: the table was dropped. */
  metadataLocation: string | null
  /** Null: it is still there. */
  droppedAtMs: number | null
  /** Before that, the history is what the metadata still said. */
  firstReadAtMs: number
  /** When the history was last continued. */
  readAtMs: number
  total: Amounts
  /** The newest commit to `main`; null: there was none. */
  lastCommitMs: number | null
  /** The median time between its newest loads; null: there are too few. */
  usualIntervalMs: number | null
  /** Whether it is a table of the demo lake. */
  isDemo: boolean
}

/** By default the whole lake. */
export type FactScope = { catalog?: string; namespace?: Namespace; table?: string }

/** The tables of a scope, dropped ones too, by name. A namespace has those of the namespaces below it. */
export async function readFactTables(
  database: Database,
  { catalog, namespace, table }: FactScope,
): Promise<FactTable[]> {
  const rows = await database.read(
    query(({ db }) => {
      const name = namespace === undefined ? '' : joinNamespace(namespace)
      return db
        .selectFrom('fact_tables')
        .select([...COLUMNS, ...TOTAL_COLUMNS])
        .$if(catalog !== undefined, (tables) => tables.where('catalog', '=', catalog ?? ''))
        .$if(namespace !== undefined, (tables) =>
          tables.where((eb) =>
            eb.or([
              eb('namespace', '=', name),
              // Text compares by bytes, and deeper levels start with the separator.
              eb.and([eb('namespace', '>=', `${name}\u001f`), eb('namespace', '<', `${name}\u0020`)]),
            ]),
          ),
        )
        .$if(table !== undefined, (tables) => tables.where('table_name', '=', table ?? ''))
        .orderBy('catalog')
        .orderBy('namespace')
        .orderBy('table_name')
        .orderBy('id')
    }),
  )
  return rows.map(toFactTable)
}

/** These histories, by their ids. */
export async function readFactTablesById(database: Database, ids: readonly number[]): Promise<Map<number, FactTable>> {
  if (ids.length === 0) return new Map()
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_tables')
        .select([...COLUMNS, ...TOTAL_COLUMNS])
        .where(isTableInScope(dialect, { tableIds: ids })),
    ),
  )
  return new Map(rows.map((row) => [row.id, toFactTable(row)]))
}

/** Another one whenever a history has been begun or continued. */
export async function readFactVersion(database: Database): Promise<string> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('revision').as('revisions')]),
    ),
  )
  return `${row?.count} ${row?.revisions}`
}

/** The table that has this name now; null if its history was not read yet. */
export async function findFactTable(database: Database, table: TableIdentifier): Promise<FactTable | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .select([...COLUMNS, ...TOTAL_COLUMNS])
        .where('catalog', '=', table.catalog)
        .where('namespace', '=', joinNamespace(table.namespace))
        .where('table_name', '=', table.table)
        .where('dropped_at_ms', 'is', null),
    ),
  )
  return row ? toFactTable(row) : null
}

type Row = Pick<Tables['fact_tables'], (typeof COLUMNS)[number] | (typeof TOTAL_COLUMNS)[number]>

function toFactTable(row: Row): FactTable {
  return {
    id: row.id,
    table: toName(row),
    tableUuid: row.table_uuid,
    metadataLocation: row.metadata_location,
    droppedAtMs: row.dropped_at_ms,
    firstReadAtMs: row.first_read_at_ms,
    readAtMs: row.read_at_ms,
    total: toTotal(row),
    lastCommitMs: row.last_commit_ms,
    usualIntervalMs: row.usual_interval_ms,
    isDemo: row.is_demo === 1,
  }
}

export function toName(row: Pick<Row, 'catalog' | 'namespace' | 'table_name'>): TableIdentifier {
  return { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name }
}

/** Whether a history has the commit that another one had last, so that both are of one table. */
export async function hasNewestCommitOf(database: Database, historyId: number, otherId: number): Promise<boolean> {
  const [other] = await database.read(
    query(({ db }) => db.selectFrom('fact_tables').select('version').where('id', '=', otherId)),
  )
  if (other === undefined) return false
  const { mainSnapshotId } = JSON.parse(other.version) as KnownVersion
  if (mainSnapshotId === null) return false
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_commits')
        .select('seq')
        .where('table_id', '=', historyId)
        .where('snapshot_id', '=', mainSnapshotId)
        .limit(1),
    ),
  )
  return rows.length > 0
}

const COLUMNS = [
  'id',
  'catalog',
  'namespace',
  'table_name',
  'table_uuid',
  'metadata_location',
  'dropped_at_ms',
  'first_read_at_ms',
  'read_at_ms',
  'last_commit_ms',
  'usual_interval_ms',
  'is_demo',
] as const

export const TOTAL_COLUMNS = [
  'total_rows',
  'total_files',
  'total_bytes',
  'total_delete_files',
  'total_position_deletes',
  'total_equality_deletes',
] as const

/** The total of a history, as its columns have it. */
export function toTotal(row: Pick<Tables['fact_tables'], (typeof TOTAL_COLUMNS)[number]>): Amounts {
  return {
    rows: row.total_rows,
    files: row.total_files,
    bytes: row.total_bytes,
    deleteFiles: row.total_delete_files,
    positionDeletes: row.total_position_deletes,
    equalityDeletes: row.total_equality_deletes,
  }
}
