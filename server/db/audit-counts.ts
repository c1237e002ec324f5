import 'server-only'
import { sql } from 'kysely'
import type { AuditFilter } from '@/lib/contract/audit'
import type { AUDIT_OUTCOMES } from '@/lib/contract/shapes/plain-values'
import { FAILED_ACTIONS, REFUSED_ACTIONS } from './audit'
import { isWithinSpan, MAX_LOOKED_AT, readNewest, readOldestTime, toConditions, toSpan } from './audit-search'
import type { Database } from './database'
import { query } from './statement'

type Outcome = (typeof AUDIT_OUTCOMES)[number]

export type AuditCounts = {
  /** The start of the first step. */
  fromMs: number
  /** Before this time. */
  toMs: number
  stepMs: number
  /** The number of entries with each outcome in each step, oldest first. Steps without entries are left out. */
  counts: { startMs: number; outcome: Outcome; entryCount: number }[]
  /** Whether older entries of the span were not looked at. */
  isTruncated: boolean
}

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000]
const STEPS_MS = [1, 2, 5, 10, 15, 30]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS))
  .concat([1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY_MS))
const MAX_STEPS = 60

/**
 * The number of entries that fit a filter in each step of its time. Without `fromMs`, the time begins with the oldest
 * entry. Reads as many entries as a page of the list, the newest.
 *
 * @param maxLookedAt the most entries to read; for tests
 */
export async function countAudit(
  database: Database,
  filter: AuditFilter,
  maxLookedAt = MAX_LOOKED_AT,
): Promise<AuditCounts> {
  const toMs = filter.toMs ?? database.nowMs() + 1
  const { span, isTruncated } = await readNewest(database, toSpan({ ...filter, toMs }), maxLookedAt)
  const oldestMs = isTruncated || filter.fromMs === undefined ? await readOldestTime(database, span) : null
  const spanMs = { from: Math.min(Math.max(filter.fromMs ?? 0, oldestMs ?? 0), toMs), to: toMs }
  const stepMs = STEPS_MS.find((step) => (spanMs.to - spanMs.from) / step <= MAX_STEPS - 1) ?? 10 * 365 * DAY_MS
  const fromMs = Math.floor(spanMs.from / stepMs) * stepMs
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('audit')
        .select(({ fn }) => [
          sql<number | string>`(audit.at_ms - ${sql.lit(fromMs)}) / ${sql.lit(stepMs)}`.as('step_index'),
          sql<Outcome>`case when audit.action in (${sql.join(REFUSED_ACTIONS.map((action) => sql.lit(action)))}) then 'refused'
            when audit.action in (${sql.join(FAILED_ACTIONS.map((action) => sql.lit(action)))}) then 'failed'
            when audit.outcome is null then 'done' when audit.outcome = 'committed' then 'found-done' else audit.outcome end`.as(
            'outcome_name',
          ),
          fn.countAll<number | string>().as('entry_count'),
        ])
        .where(isWithinSpan(span))
        .where((eb) => eb.and(toConditions(eb, dialect, filter)))
        .groupBy(['step_index', 'outcome_name'])
        .orderBy('step_index')
        .orderBy('outcome_name'),
    ),
  )
  return {
    fromMs,
    toMs,
    stepMs,
    counts: rows.map((row) => ({
      startMs: fromMs + Number(row.step_index) * stepMs,
      outcome: row.outcome_name,
      entryCount: Number(row.entry_count),
    })),
    isTruncated,
  }
}
