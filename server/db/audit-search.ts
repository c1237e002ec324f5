import 'server-only'
import { type ExpressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { AuditFilter } from '@/lib/contract/audit'
import { joinNamespace } from '@/lib/names/identifiers'
import { type AuditEntry, FAILED_ACTIONS, REFUSED_ACTIONS } from './audit'
import { isInNamespace, selectEntries, toEntry } from './audit-list'
import type { Database } from './database'
import { lowerAscii } from './lower-ascii'
import { type Dialect, query } from './statement'
import type { Tables } from './tables'

/**
 * Entries of everything that fit a filter, in the order of their times. That is not the order of writing: a write to
 * another catalog is settled days after it was sent, and the history of the demo lake was written at once. The table has
 * an index for times only, so a page reads a bounded range of it.
 */

/** The most entries that one page reads. */
export const MAX_LOOKED_AT = 100_000

/** Where an entry is in the order of times; of entries with the same time, the one that was written later is newer. */
export type AuditPosition = { atMs: number; seq: number }

/** From the first position, and before the second. */
export type AuditSpan = { start: AuditPosition; end: AuditPosition }

export type AuditSearchPage = {
  entries: AuditEntry[]
  /** Position to continue before; null at the oldest entry. */
  nextBefore: AuditPosition | null
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
  { before, limit, maxLookedAt = MAX_LOOKED_AT }: { before?: AuditPosition; limit: number; maxLookedAt?: number },
): Promise<AuditSearchPage> {
  const whole = toSpan(filter, before)
  // If every entry of the span fits, the limit of the page is bound enough.
  const { span, isTruncated } = fitsWholeSpan(filter)
    ? { span: whole, isTruncated: false }
    : await readNewest(database, whole, maxLookedAt)
  const rows = await database.read(
    query((dialect) =>
      selectEntries(dialect)
        .where(isWithinSpan(span))
        .where((eb) => eb.and(toConditions(eb, dialect, filter)))
        .orderBy('audit.at_ms', 'desc')
        .orderBy('audit.seq', 'desc')
        .limit(limit + 1),
    ),
  )
  const listed = rows.slice(0, limit)
  const entries = listed.map(toEntry)
  const oldest = listed.at(-1)
  if (rows.length > limit && oldest) {
    const nextBefore = { atMs: oldest.at_ms, seq: oldest.seq }
    return { entries, nextBefore, isTruncated: false, oldestReadAtMs: oldest.at_ms }
  }
  return {
    entries,
    nextBefore: isTruncated ? span.start : null,
    isTruncated,
    oldestReadAtMs: await readOldestTime(database, span),
  }
}

function fitsWholeSpan({ fromMs: _from, toMs: _to, ...conditions }: AuditFilter): boolean {
  return Object.values(conditions).every((value) => value === undefined)
}

/** The positions of the entries in the time of a filter, and before the end of the previous page. */
export function toSpan({ fromMs, toMs }: AuditFilter, before?: AuditPosition): AuditSpan {
  const end = { atMs: toMs ?? Number.MAX_SAFE_INTEGER, seq: 0 }
  const isBeforeEnd = before !== undefined && before.atMs < end.atMs
  return { start: { atMs: fromMs ?? Number.MIN_SAFE_INTEGER, seq: 0 }, end: isBeforeEnd ? before : end }
}

/** The part of a span that has its newest entries, as many as may be looked at. */
export async function readNewest(
  database: Database,
  span: AuditSpan,
  maxLookedAt: number,
): Promise<{ span: AuditSpan; isTruncated: boolean }> {
  const [last, next] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('audit')
        .select(['at_ms', 'seq'])
        .where(isWithinSpan(span))
        .orderBy('at_ms', 'desc')
        .orderBy('seq', 'desc')
        .limit(2)
        .offset(maxLookedAt - 1),
    ),
  )
  if (last === undefined || next === undefined) return { span, isTruncated: false }
  return { span: { ...span, start: { atMs: last.at_ms, seq: last.seq } }, isTruncated: true }
}

/** The time of the oldest entry of a span; null if it has none. */
export async function readOldestTime(database: Database, span: AuditSpan): Promise<number | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db.selectFrom('audit').select('at_ms').where(isWithinSpan(span)).orderBy('at_ms').orderBy('seq').limit(1),
    ),
  )
  return row?.at_ms ?? null
}

/** As rows, which both databases compare by the index for times. */
export function isWithinSpan({ start, end }: AuditSpan): RawBuilder<SqlBool> {
  const position = sql`(audit.at_ms, audit.seq)`
  return sql<SqlBool>`(${position} >= (${start.atMs}, ${start.seq}) and ${position} < (${end.atMs}, ${end.seq}))`
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
