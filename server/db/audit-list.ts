import 'server-only'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { joinNamespace, type Namespace, splitNamespace } from '@/lib/names/identifiers'
import { cutToNameLimits } from '@/lib/names/name-limits'
import type { Resource } from '@/lib/permissions'
import { type AuditEntry, REFUSED_ACTIONS } from './audit'
import type { Database } from './database'
import { type Dialect, query } from './statement'
import type { Tables } from './tables'

/** Reads entries of the audit, in the order in which the database wrote them. */

const MAX_ENTRIES = 500

/**
 * Entries, newest first; a commit that two entries record is listed once.
 *
 * @param tableUuid of one table, whatever its name was at the time; absent: of everything
 * @param limit at most 500
 * @param before the id of an entry: only older ones
 * @param readable the resources that the reader may read: of two entries of one commit, the one within them is listed.
 * It filters no other entries; absent: everything
 * @param isOfCatalog only changes of namespaces and of objects in them
 */
export async function listAudit(
  database: Database,
  {
    tableUuid,
    limit,
    before,
    readable = [{}],
    isOfCatalog = false,
  }: {
    tableUuid?: string
    limit: number
    before?: string
    readable?: readonly Resource[]
    isOfCatalog?: boolean
  },
): Promise<AuditEntry[]> {
  const rows = await database.read(
    query((dialect) => {
      let entries = selectListed(dialect, readable).orderBy('audit.seq', 'desc').limit(Math.min(limit, MAX_ENTRIES))
      if (tableUuid !== undefined) entries = entries.where('audit.table_uuid', '=', tableUuid)
      if (isOfCatalog) {
        entries = entries.where('audit.catalog', 'is not', null).where('audit.action', 'not in', REFUSED_ACTIONS)
      }
      return before === undefined ? entries : entries.where('audit.seq', '<', selectSeq(dialect, before))
    }),
  )
  return rows.map(toEntry)
}

/**
 * An entry of a table and the next ones that were written, in that order.
 *
 * @param limit at most 500
 * @param readable as in {@link listAudit}
 */
export async function listAuditFrom(
  database: Database,
  {
    tableUuid,
    from,
    limit,
    readable,
  }: { tableUuid: string; from: string; limit: number; readable: readonly Resource[] },
): Promise<AuditEntry[]> {
  const rows = await database.read(
    query((dialect) =>
      selectListed(dialect, readable)
        .where('audit.table_uuid', '=', tableUuid)
        .where('audit.seq', '>=', selectSeq(dialect, from))
        .orderBy('audit.seq')
        .limit(Math.min(limit, MAX_ENTRIES)),
    ),
  )
  return rows.map(toEntry)
}

/**
 * Drops of tables from a namespace that have not been undone, newest first.
 *
 * @param limit at most 500
 */
export async function listDrops(
  database: Database,
  { catalog, namespace }: { catalog: string; namespace: Namespace },
  limit: number,
): Promise<AuditEntry[]> {
  const rows = await database.read(
    query((dialect) =>
      selectEntries(dialect)
        .where('audit.action', 'in', [sql.lit('drop-table'), sql.lit('purge-table'), sql.lit('drop-view')])
        .where('audit.catalog', '=', catalog)
        .where('audit.namespace', '=', joinNamespace(namespace))
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('audit as restore').select('restore.id').whereRef('restore.undoes', '=', 'audit.id'))),
        )
        .orderBy('audit.seq', 'desc')
        .limit(Math.min(limit, MAX_ENTRIES)),
    ),
  )
  return rows.map(toEntry)
}

/** Null when the entry does not exist. */
export async function readAudit(database: Database, id: string): Promise<AuditEntry | null> {
  const [row] = await database.read(query((dialect) => selectEntries(dialect).where('audit.id', '=', id)))
  return row ? toEntry(row) : null
}

function selectSeq({ db }: Dialect, id: string) {
  return db.selectFrom('audit as one').select('one.seq').where('one.id', '=', id)
}

function selectListed(dialect: Dialect, readable: readonly Resource[]) {
  return selectEntries(dialect).where((eb) => eb.not(isDuplicateEntry(eb, readable)))
}

/** Entries with the entry that undid them. */
export function selectEntries({ db }: Dialect) {
  return db
    .selectFrom('audit')
    .selectAll('audit')
    .select(({ selectFrom }) =>
      // The last one, if two entries undid it.
      selectFrom('audit as undo')
        .select('undo.id')
        .whereRef('undo.undoes', '=', 'audit.id')
        .where(isMade('undo.outcome'))
        .orderBy('undo.seq', 'desc')
        .limit(1)
        .as('undone_by'),
    )
}

/** Excludes an undo that never arrived at another catalog, or whose outcome is unknown. */
function isMade(column: 'undo.outcome'): Expression<SqlBool> {
  return sql<SqlBool>`(${sql.ref(column)} IS NULL OR ${sql.ref(column)} = ${sql.lit('committed')})`
}

type Entries = { audit: Tables['audit'] }
type Pair = Entries & { other: Tables['audit'] }

/**
 * Whether another entry of the same commit is listed instead of this one. A connection may lead to the embedded catalog
 * itself. A commit of the console through such a connection has two entries, one by the console and one by the catalog,
 * as for a commit over REST: the same table version in two catalogs. The console knows the user, so its entry is listed
 * for readers of the table under the console's name for it; other readers see the catalog's entry. Registering names a
 * version that already exists.
 *
 * Few rows have another entry to compare with. A reader of everything always sees the console's entry if it exists.
 */
function isDuplicateEntry(eb: ExpressionBuilder<Entries, 'audit'>, readable: readonly Resource[]): Expression<SqlBool> {
  const hasOther = (toConditions: (pair: ExpressionBuilder<Pair, 'audit' | 'other'>) => Expression<SqlBool>[]) =>
    eb.exists(
      eb
        .selectFrom('audit as other')
        .select('other.seq')
        .whereRef('other.table_uuid', '=', 'audit.table_uuid')
        .whereRef('other.metadata_location', '=', 'audit.metadata_location')
        .whereRef('other.catalog', '<>', 'audit.catalog')
        .where((pair) => pair.and(toConditions(pair))),
    )
  return eb.or([
    eb.and([
      eb('audit.via', 'is not', null),
      eb('audit.action', '<>', 'register-table'),
      hasOther((pair) => [pair('other.via', 'is', null), isWithin(eb, 'other', readable)]),
    ]),
    eb.and([
      eb('audit.via', 'is', null),
      eb.not(isWithin(eb, 'audit', readable)),
      hasOther((pair) => [pair('other.via', 'is not', null), pair('other.action', '<>', 'register-table')]),
    ]),
  ])
}

/** Like `covers`, for any of the resources. */
function isWithin(
  eb: ExpressionBuilder<Entries, 'audit'>,
  row: keyof Pair,
  resources: readonly Resource[],
): Expression<SqlBool> {
  const column = (name: 'catalog' | 'namespace' | 'table_name') => sql.ref<string | null>(`${row}.${name}`)
  return eb.or(
    resources.map(({ catalog, namespace = [], table }) =>
      eb.and([
        ...(catalog === undefined ? [] : [eb(column('catalog'), '=', catalog)]),
        ...(namespace.length === 0 ? [] : [isInNamespace(eb, column('namespace'), namespace)]),
        ...(table === undefined ? [] : [eb(column('table_name'), 'is not distinct from', table)]),
      ]),
    ),
  )
}

/** The namespace or one below it, as a range: text compares by bytes, and deeper levels start with the separator. */
export function isInNamespace(
  eb: ExpressionBuilder<Entries, 'audit'>,
  column: Expression<string | null>,
  namespace: Namespace,
): Expression<SqlBool> {
  const childPrefix = joinNamespace([...namespace, ''])
  const childPrefixEnd =
    childPrefix.slice(0, -1) + String.fromCharCode(childPrefix.charCodeAt(childPrefix.length - 1) + 1)
  return eb.or([
    eb(column, '=', joinNamespace(namespace)),
    eb.and([eb(column, '>=', childPrefix), eb(column, '<', childPrefixEnd)]),
  ])
}

type EntryRow = Omit<Tables['audit'], 'seq'> & { undone_by: string | null }

export function toEntry(row: EntryRow): AuditEntry {
  const { catalog, table_name: table } = row
  // Entries from before there were limits stay in the audit, with as much of their names as anything may have.
  const target =
    catalog === null || row.namespace === null
      ? null
      : cutToNameLimits({ catalog, namespace: splitNamespace(row.namespace) })
  return {
    id: row.id,
    atMs: row.at_ms,
    actor: { userId: row.actor_id, username: row.actor_name },
    via: row.via === null ? null : JSON.parse(row.via),
    action: row.action,
    table: target && table !== null ? { ...target, table } : null,
    namespace: table === null ? target : null,
    tableUuid: row.table_uuid,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    requestId: row.request_id,
    origin: row.origin === null ? null : JSON.parse(row.origin),
    outcome: row.outcome,
    undoes: row.undoes,
    undoneBy: row.undone_by,
  }
}
