import 'server-only'
import type { LogLevel } from '@/lib/contract/jobs'
import type { Statement } from './database'
import { openDatabase } from './open-database'

/**
 * What a run says while it is done, for the people who asked for it. Bounded: the first lines are kept, then one that
 * says that there were more; lines of the worker itself (begun, tried again, ended) always find room.
 */

export type LogLine = { atMs: number; level: LogLevel; text: string }
export type KeptLine = LogLine & { seq: number }

/** Of what the work itself says. */
const MOST_LINES = 1_000
const MOST_BYTES = 256 * 1024
/** Of a run altogether: a run has a few tries, and each says a few things. */
const MOST_LINES_AT_ALL = 1_200
const LONGEST_LINE = 2_000

export const CUT_TEXT = 'The log is full: what the work says from here on is left out.'

/** Adds lines behind those that are there. */
export function logStatements(
  runId: string,
  lines: readonly LogLine[],
  { isOfWorker = false }: { isOfWorker?: boolean } = {},
): Statement[] {
  const room = isOfWorker
    ? `lines < ${MOST_LINES_AT_ALL}`
    : `lines <= ${MOST_LINES} AND bytes <= ${MOST_BYTES} AND NOT is_cut`
  const isFull = isOfWorker ? 'false' : `lines = ${MOST_LINES} OR bytes + length(CAST(?4 AS BLOB)) > ${MOST_BYTES}`
  return lines.map(({ atMs, level, text }) => ({
    sql: `INSERT INTO run_logs (run_id, seq, at_ms, level, text)
      SELECT ?1, last + 1, ?2, CASE WHEN ${isFull} THEN 'warning' ELSE ?3 END, CASE WHEN ${isFull} THEN ?5 ELSE ?4 END
      FROM (SELECT coalesce(max(seq), 0) AS last, count(*) AS lines,
          coalesce(sum(length(CAST(text AS BLOB))), 0) AS bytes, coalesce(max(text = ?5), 0) AS is_cut
        FROM run_logs WHERE run_id = ?1)
      WHERE ${room}`,
    params: [runId, atMs, level, text.slice(0, LONGEST_LINE), CUT_TEXT],
  }))
}

/** Oldest first, behind line `after`. */
export function readLog(runId: string, after: number, limit: number): KeptLine[] {
  return openDatabase()
    .read<{ seq: number; at_ms: number; level: LogLevel; text: string }>(
      'SELECT seq, at_ms, level, text FROM run_logs WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?',
      [runId, after, limit],
    )
    .map(({ at_ms: atMs, ...line }) => ({ ...line, atMs }))
}

/** The number of the last line of each of these runs; 0 of one that has said nothing. */
export function lastLines(runIds: readonly string[]): ReadonlyMap<string, number> {
  const rows = openDatabase().read<{ id: string; last: number }>(
    `SELECT value AS id, coalesce((SELECT max(seq) FROM run_logs WHERE run_id = value), 0) AS last FROM json_each(?)`,
    [JSON.stringify(runIds)],
  )
  return new Map(rows.map(({ id, last }) => [id, last]))
}
