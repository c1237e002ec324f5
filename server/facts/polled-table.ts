import 'server-only'
import { backoffMs } from '@/lib/backoff'
import type { ErrorCode } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { clock } from '@/server/timing/clock'
import { MIN_INTERVAL_MS } from './commit-interval'

/** A table that is read again and again. Times are by `elapsedMs`. */
export type PolledTable = {
  readonly identifier: TableIdentifier
  /** Where in its interval it is read, from 0 to 1: at random, so that many tables are not read at once. */
  readonly phase: number
  /** Infinity while it is read. */
  dueAtMs: number
  /** How often it is read without an ETag. */
  ownIntervalMs: number
  /** The version that its history has; null: this process does not know. */
  version: string | null
  /** Whether the catalog seems to understand the ETag of this table. */
  answersTags: boolean
  /** When the last successful reading began. */
  readAtMs: number | null
  /** Since that. */
  failures: number
  problem: ErrorCode | null
  /** Whether its name is not in the histories, and it was not read yet. It may be that of a renamed table. */
  isNew: boolean
}

/** 10,000 tables are read within a minute; a catalog with more takes longer, so that the load stays the same. */
const INTERVAL_PER_TABLE_MS = MIN_INTERVAL_MS / 10_000
/** A name that cannot be read for so long keeps no renamed or dropped table in its history. */
const MAX_FAILURES_AS_NEW = 3
/** A table that cannot be read, while its catalog answers. */
const FAILURE_BACKOFF = { firstMs: MIN_INTERVAL_MS, maxMs: 60 * 60_000 }

export function newPolledTable(identifier: TableIdentifier, { isNew }: { isNew: boolean }): PolledTable {
  return {
    identifier,
    phase: Math.random(),
    dueAtMs: Number.MIN_SAFE_INTEGER,
    ownIntervalMs: MIN_INTERVAL_MS,
    version: null,
    answersTags: true,
    readAtMs: null,
    failures: 0,
    problem: null,
    isNew,
  }
}

/** @param options.hasTag whether the next reading costs nothing unless the table changes */
export function recordReading(
  table: PolledTable,
  { startedAtMs, hasTag, tableCount }: { startedAtMs: number; hasTag: boolean; tableCount: number },
): void {
  table.readAtMs = startedAtMs
  table.isNew = false
  table.failures = 0
  table.problem = null
  const ownMs = hasTag && table.answersTags ? MIN_INTERVAL_MS : table.ownIntervalMs
  table.dueAtMs = nextDueMs(clock.elapsedMs(), Math.max(ownMs, tableCount * INTERVAL_PER_TABLE_MS), table.phase)
}

/** @returns whether the table has another problem than before */
export function recordFailure(table: PolledTable, problem: ErrorCode): boolean {
  const isOther = table.problem !== problem
  table.dueAtMs = clock.elapsedMs() + backoffMs(FAILURE_BACKOFF, table.failures)
  table.failures += 1
  if (table.failures >= MAX_FAILURES_AS_NEW) table.isNew = false
  table.problem = problem
  return isOther
}

/** The next time of this phase, at least a quarter of the interval ahead. */
function nextDueMs(nowMs: number, intervalMs: number, phase: number): number {
  const earliestMs = nowMs + intervalMs / 4
  return (Math.ceil(earliestMs / intervalMs - phase) + phase) * intervalMs
}
