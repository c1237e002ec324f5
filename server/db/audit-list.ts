import 'server-only'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { joinNamespace, LEVEL_SEPARATOR, type Namespace, splitNamespace } from '@/lib/names/identifiers'
import { cutToNameLimits } from '@/lib/names/name-limits'
import type { Resource } from '@/lib/permissions'
import { createTurns } from '@/server/timing/take-turns'
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
 */
export async function listAudit(
  database: Database,
  {
    tableUuid,
    limit,
    before,
    readable = [{}],
  }: {
    tableUuid?: string
    limit: number
    before?: string
    readable?: readonly Resource[]
  },
): Promise<AuditEntry[]> {
  const rows = await database.read(
    query((dialect) => {
      let entries = selectListed(dialect, readable).orderBy('audit.seq', 'desc').limit(Math.min(limit, MAX_ENTRIES))
      if (tableUuid !== undefined) entries = entries.where('audit.table_uuid', '=', tableUuid)
      return before === undefined ? entries : entries.where('audit.seq', '<', selectSeq(dialect, before))
    }),
  )
  return rows.map(toEntry)
}

/** The most entries that a list of changes looks at, in which a reader of few tables may find none. */
const MAX_LOOKED_AT = 20_000
/** Most readers find enough in the first entries. Between reads other requests have their turn. */
const [FIRST_LOOKED_AT, LOOKED_AT_PER_READ, ENTRIES_PER_READ] = [200, 1_000, 200]

/**
 * Changes of namespaces, and of objects in them, newest first. Looks at the newest entries only.
 *
 * @param readable the resources that the reader may read
 * @param isReadable whether they include a namespace or an object
 * @param isListed whether the list has an entry
 * @param limit ends the list once it has so many entries; it may have more
 * @param maxLookedAt the most entries to look at; for tests
 * @returns `unlistedAtMs`: the time of the newest entry that was not looked at; null if there is none, or if the list
 * reached its limit
 */
export async function listCatalogChanges(
  database: Database,
  {
    readable,
    isReadable,
    isListed,
    limit,
    maxLookedAt = MAX_LOOKED_AT,
  }: {
    readable: readonly Resource[]
    isReadable: (resource: Resource) => boolean
    isListed: (entry: AuditEntry) => boolean
    limit: number
    maxLookedAt?: number
  },
): Promise<{ entries: AuditEntry[]; unlistedAtMs: number | null }> {
  const entries: AuditEntry[] = []
  const takeTurn = createTurns()
  let beforeSeq = Number.MAX_SAFE_INTEGER
  for (let lookedAtCount = 0; lookedAtCount < maxLookedAt; ) {
    await takeTurn()
    const count = Math.min(lookedAtCount === 0 ? FIRST_LOOKED_AT : LOOKED_AT_PER_READ, maxLookedAt - lookedAtCount)
    const rows = await database.read(selectTargets(beforeSeq, count))
    const seqs = rows.filter((row) => isReadableChange(row, isReadable)).map(({ seq }) => seq)
    for (let start = 0; start < seqs.length; start += ENTRIES_PER_READ) {
      const found = await readListedEntries(database, seqs.slice(start, start + ENTRIES_PER_READ), readable)
      entries.push(...found.filter(isListed))
      if (entries.length >= limit) return { entries, unlistedAtMs: null }
    }
    if (rows.length < count) return { entries, unlistedAtMs: null }
    lookedAtCount += rows.length
    beforeSeq = rows.at(-1)?.seq ?? 0
  }
  const [unlisted] = await database.read(selectTargets(beforeSeq, 1))
  return { entries, unlistedAtMs: unlisted?.at_ms ?? null }
}

/** The columns that decide whether a reader sees an entry. SQLite has them on the first page of a long row. */
function selectTargets(beforeSeq: number, limit: number) {
  return query(({ db }) =>
    db
      .selectFrom('audit')
      .select(['seq', 'at_ms', 'action', 'catalog', 'namespace', 'table_name'])
      .where('audit.seq', '<', beforeSeq)
      .orderBy('audit.seq', 'desc')
      .limit(limit),
  )
}

function isReadableChange(
  { action, catalog, namespace, table_name: table }: Pick<EntryRow, 'action' | 'catalog' | 'namespace' | 'table_name'>,
  isReadable: (resource: Resource) => boolean,
): boolean {
  if (catalog === null || namespace === null || REFUSED_ACTIONS.includes(action)) return false
  return isReadable({ catalog, namespace: splitNamespace(namespace), ...(table !== null && { table }) })
}

async function readListedEntries(
  database: Database,
  seqs: readonly number[],
  readable: readonly Resource[],
): Promise<AuditEntry[]> {
  const rows = await database.read(
    query((dialect) => selectListed(dialect, readable).where('audit.seq', 'in', seqs).orderBy('audit.seq', 'desc')),
  )
  return rows.map(toEntry)
}

/** Entries by their ids, in no order. Omits ids that do not exist. */
export async function readAuditEntries(database: Database, ids: readonly string[]): Promise<AuditEntry[]> {
  if (ids.length === 0) return []
  const rows = await database.read(query((dialect) => selectEntries(dialect).where('audit.id', 'in', ids)))
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
  return selectEntries(dialect).where((eb) => eb.not(isDuplicateEntry(dialect, eb, readable)))
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
function isDuplicateEntry(
  dialect: Dialect,
  eb: ExpressionBuilder<Entries, 'audit'>,
  readable: readonly Resource[],
): Expression<SqlBool> {
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
      hasOther((pair) => [pair('other.via', 'is', null), isWithin(dialect, 'other', readable)]),
    ]),
    eb.and([
      eb('audit.via', 'is', null),
      hasOther((pair) => [pair('other.via', 'is not', null), pair('other.action', '<>', 'register-table')]),
      eb.not(isWithin(dialect, 'audit', readable)),
    ]),
  ])
}

/** The character after the separator of levels. */
const LEVEL_SEPARATOR_END = String.fromCharCode(LEVEL_SEPARATOR.charCodeAt(0) + 1)

/**
 * Like `covers`, for any of the resources. They are one parameter: SQLite prepares alternatives in a time that grows with
 * the square of their number, during which the process does nothing else, and takes a limited number of parameters.
 */
function isWithin(dialect: Dialect, row: keyof Pair, resources: readonly Resource[]): Expression<SqlBool> {
  const column = (name: 'catalog' | 'namespace' | 'table_name') => sql.ref(`${row}.${name}`)
  const sought = resources.map(({ catalog = null, namespace = [], table = null }) => [
    catalog,
    namespace.length === 0 ? null : joinNamespace(namespace),
    table,
  ])
  const [namespace, separator, end] = [column('namespace'), sql.lit(LEVEL_SEPARATOR), sql.lit(LEVEL_SEPARATOR_END)]
  return sql<SqlBool>`exists (select 1 from ${dialect.rowsOfTexts(sought)}
    where (sought.a is null or ${column('catalog')} = sought.a)
      and (sought.b is null or ${namespace} = sought.b
        or (${namespace} >= sought.b || ${separator} and ${namespace} < sought.b || ${end}))
      and (sought.c is null or ${column('table_name')} = sought.c))`
}

/** The namespace or one below it, as a range: text compares by bytes, and deeper levels start with the separator. */
export function isInNamespace(
  eb: ExpressionBuilder<Entries, 'audit'>,
  column: Expression<string | null>,
  namespace: Namespace,
): Expression<SqlBool> {
  const name = joinNamespace(namespace)
  return eb.or([
    eb(column, '=', name),
    eb.and([eb(column, '>=', name + LEVEL_SEPARATOR), eb(column, '<', name + LEVEL_SEPARATOR_END)]),
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
