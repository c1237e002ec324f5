import 'server-only'
import { type ExpressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely'
import { encodeTime } from 'ulid'
import type { AuditFilter } from '@/lib/contract/audit'
import { joinNamespace } from '@/lib/names/identifiers'
import { type AuditEntry, FAILED_ACTIONS, REFUSED_ACTIONS } from './audit'
import { isInNamespace, selectEntries, toEntry } from './audit-list'
import type { Database } from './database'
import { lowerAscii } from './lower-ascii'
import { type Dialect, query } from './statement'
import type { Tables } from './tables'

/**
 * Entries of everything that fit a filter. The table has an index only for the order in which entries were written, so
 * a page reads a bounded range of it.
 */

/** The most entries that one page reads. */
export const MAX_LOOKED_AT = 100_000

/**
 * How much earlier or later than its id an entry may say that it happened: a write to another catalog is settled days
 * after it was sent, and the history of the demo lake was written at once.
 */
const MAX_DISTANCE_MS = 32 * 24 * 3_600_000

/** Ids around a time that are looked at for its position: processes write ids a little out of order. */
const IDS_PER_TIME = 1000

/** The length of a ULID's time and random part. */
const ULID_CHARS = { time: 10, random: 16 } as const
const MAX_ULID_TIME_MS = 2 ** 48 - 1

export type AuditSearchPage = {
  entries: AuditEntry[]
  /** Position to continue before; null at the oldest entry. */
  nextBefore: number | null
  /** Whether the page ended because it had looked at as many entries as it may. */
  isTruncated: boolean
  /** The time of the oldest entry that was looked at. */
  oldestReadAtMs: number | null
}

/**
 * @param before position of the previous page's end
 * @param limit of entries
 * @param maxLookedAt the most entries to read; for tests
 */
export async function searchAudit(
  database: Database,
  filter: AuditFilter,
  { before, limit, maxLookedAt = MAX_LOOKED_AT }: { before?: number; limit: number; maxLookedAt?: number },
): Promise<AuditSearchPage> {
  const { first, last } = await readPositions(database, filter)
  const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, last + 1)
  const start = Math.max(first, end - maxLookedAt)
  if (end <= first) return { entries: [], nextBefore: null, isTruncated: false, oldestReadAtMs: null }
  const rows = await database.read(
    query((dialect) =>
      selectEntries(dialect)
        .where('audit.seq', '<', end)
        .where('audit.seq', '>=', start)
        .where((eb) => eb.and(toConditions(eb, dialect, filter)))
        .orderBy('audit.seq', 'desc')
        .limit(limit + 1),
    ),
  )
  const listed = rows.slice(0, limit)
  const entries = listed.map(toEntry)
  const oldest = listed.at(-1)
  if (rows.length > limit && oldest) {
    return { entries, nextBefore: oldest.seq, isTruncated: false, oldestReadAtMs: oldest.at_ms }
  }
  const isTruncated = start > first
  return {
    entries,
    nextBefore: isTruncated ? start : null,
    isTruncated,
    oldestReadAtMs: await readTimeFrom(database, start),
  }
}

/** The first and the last position between which entries of the time span are; of no entry, `first` is after `last`. */
export async function readPositions(
  database: Database,
  { fromMs, toMs }: AuditFilter,
): Promise<{ first: number; last: number }> {
  const [whole] = await database.read(
    query(({ db }) => db.selectFrom('audit').select(({ fn }) => [fn.min('seq').as('first'), fn.max('seq').as('last')])),
  )
  const [first, last] = [whole?.first ?? 1, whole?.last ?? 0].map(Number) as [number, number]
  return {
    first:
      fromMs === undefined ? first : ((await readPosition(database, 'from', fromMs - MAX_DISTANCE_MS)) ?? last + 1),
    last: toMs === undefined ? last : ((await readPosition(database, 'to', toMs + MAX_DISTANCE_MS)) ?? first - 1),
  }
}

/** Ids begin with the time, and are indexed. Null when no id is on that side of the time. */
async function readPosition(database: Database, side: 'from' | 'to', atMs: number): Promise<number | null> {
  const id = encodeTime(Math.min(Math.max(atMs, 0), MAX_ULID_TIME_MS), ULID_CHARS.time) + '0'.repeat(ULID_CHARS.random)
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom(
          db
            .selectFrom('audit')
            .select('seq')
            .where('id', side === 'from' ? '>=' : '<', id)
            .orderBy('id', side === 'from' ? 'asc' : 'desc')
            .limit(IDS_PER_TIME)
            .as('near'),
        )
        .select(({ fn }) => (side === 'from' ? fn.min('near.seq') : fn.max('near.seq')).as('seq')),
    ),
  )
  return row?.seq ?? null
}

async function readTimeFrom(database: Database, seq: number): Promise<number | null> {
  const [row] = await database.read(
    query(({ db }) => db.selectFrom('audit').select('at_ms').where('seq', '>=', seq).orderBy('seq').limit(1)),
  )
  return row?.at_ms ?? null
}

type Conditions = ExpressionBuilder<{ audit: Tables['audit'] }, 'audit'>

/** The conditions of an entry that fits the filter. */
export function toConditions(eb: Conditions, dialect: Dialect, filter: AuditFilter) {
  const { text, actor, action, source, outcome, catalog, namespace, table, fromMs, toMs } = filter
  return [
    ...(fromMs === undefined ? [] : [eb('audit.at_ms', '>=', fromMs)]),
    ...(toMs === undefined ? [] : [eb('audit.at_ms', '<', toMs)]),
    ...(actor === undefined ? [] : [isText(dialect, 'audit.actor_name', actor)]),
    ...(action === undefined ? [] : [eb('audit.action', '=', action)]),
    ...(catalog === undefined ? [] : [eb('audit.catalog', '=', catalog)]),
    ...(namespace === undefined ? [] : [isInNamespace(eb, sql.ref<string | null>('audit.namespace'), namespace)]),
    ...(table === undefined ? [] : [eb('audit.table_name', '=', table)]),
    ...(outcome === undefined ? [] : [hasOutcome(eb, outcome)]),
    ...(source === undefined ? [] : [isFrom(eb, source)]),
    ...(text === undefined ? [] : [containsText(eb, dialect, text)]),
  ]
}

function hasOutcome(eb: Conditions, outcome: NonNullable<AuditFilter['outcome']>) {
  const isRefused = eb('audit.action', 'in', REFUSED_ACTIONS)
  const isFailed = eb('audit.action', 'in', FAILED_ACTIONS)
  switch (outcome) {
    case 'refused':
      return isRefused
    case 'failed':
      return isFailed
    case 'done':
      return eb.and([eb('audit.outcome', 'is', null), eb.not(isRefused), eb.not(isFailed)])
    case 'found-done':
      return eb('audit.outcome', '=', 'committed')
    default:
      return eb('audit.outcome', '=', outcome)
  }
}

/** Like `readSource`. */
function isFrom(eb: Conditions, source: NonNullable<AuditFilter['source']>) {
  return source === 'server' ? eb('audit.origin', 'is', null) : eb('audit.origin', 'like', `{"kind":"${source}"%`)
}

/** Names ignore the case of ASCII letters; ids are whole. */
function containsText(eb: Conditions, dialect: Dialect, text: string) {
  const names = ['audit.actor_name', 'audit.table_name', 'audit.namespace', 'audit.catalog', 'audit.action']
  const pattern = `%${lowerAscii(text).replaceAll(/[\\%_]/g, (char) => `\\${char}`)}%`
  return eb.or([
    ...names.map((name) => sql<SqlBool>`lower(${sql.ref(name)}) like ${pattern} escape '\\'`),
    eb('audit.request_id', '=', text),
    eb('audit.id', '=', text),
    // `sales.orders`: levels and names are joined by dots where people see them.
    ...(text.includes('.') ? [isQualifiedName(dialect, lowerAscii(text))] : []),
  ])
}

function isQualifiedName({ position }: Dialect, text: string): RawBuilder<SqlBool> {
  const separator = joinNamespace(['', ''])
  const name = sql`lower(replace(audit.namespace, ${separator}, '.') || '.' || coalesce(audit.table_name, ''))`
  return sql<SqlBool>`${position(name, sql`${text}`)} > 0`
}

function isText({ ignoreCase }: Dialect, column: string, text: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${ignoreCase(column)} = ${lowerAscii(text)}`
}
