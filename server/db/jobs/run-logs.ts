import 'server-only'
import type { LogLevel } from '@/lib/contract/jobs'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/**
 * The log of a run, for the users who follow it. It is bounded: the first lines stay, then one line announces the rest.
 * Lines of the worker itself (started, retry, ended) have extra room.
 */

export type LogLine = { atMs: number; level: LogLevel; text: string }
export type NumberedLine = LogLine & { seq: number }

/** For lines that the work itself logs. */
const MAX_LINES = 1_000
const MAX_BYTES = 256 * 1024
/** For the whole run: a run has a few attempts, and the worker logs a few lines for each. */
const MAX_LINES_WITH_WORKER = 1_200
const MAX_LINE_CHARS = 2_000

export const TRUNCATED_TEXT = 'The log is full. Further lines of this run are dropped.'

/** Appends lines to the log. */
export function logChanges(
  runId: string,
  lines: readonly LogLine[],
  { isFromWorker = false }: { isFromWorker?: boolean } = {},
): Change[] {
  return lines.map((line) => logChange(runId, { ...line, text: toStorable(line.text) }, isFromWorker))
}

function logChange(runId: string, { atMs, level, text }: LogLine, isFromWorker: boolean): Change {
  return change(
    ({ db, byteLength }) =>
      db
        .insertInto('run_logs')
        .columns(['run_id', 'seq', 'at_ms', 'level', 'text'])
        .expression((insert) => {
          const log = insert
            .selectFrom('run_logs')
            .where('run_id', '=', runId)
            .select((eb) => [
              eb.fn.coalesce(eb.fn.max('seq'), eb.lit(0)).as('last'),
              eb.fn.countAll<number>().as('lines'),
              eb.fn.coalesce(eb.fn.sum<number>(byteLength(eb.ref('text'))), eb.lit(0)).as('bytes'),
              eb.fn
                .coalesce(
                  eb.fn.max(eb.case().when('text', '=', TRUNCATED_TEXT).then(eb.lit(1)).else(eb.lit(0)).end()),
                  eb.lit(0),
                )
                .as('is_cut'),
            ])
            .as('log')
          return insert
            .selectFrom(log)
            .select((eb) => {
              const isFull = eb.or([
                eb('log.lines', '=', MAX_LINES),
                eb('log.bytes', '>', MAX_BYTES - Buffer.byteLength(text)),
              ])
              return [
                eb.cast<string>(eb.val(runId), 'text').as('run_id'),
                eb('log.last', '+', 1).as('seq'),
                eb.cast<number>(eb.val(atMs), 'bigint').as('at_ms'),
                (isFromWorker ? eb.val(level) : eb.case().when(isFull).then('warning').else(level).end()).as('level'),
                (isFromWorker ? eb.val(text) : eb.case().when(isFull).then(TRUNCATED_TEXT).else(text).end()).as('text'),
              ]
            })
            .where((eb) =>
              isFromWorker
                ? eb('log.lines', '<', MAX_LINES_WITH_WORKER)
                : eb.and([
                    eb('log.lines', '<=', MAX_LINES),
                    eb('log.bytes', '<=', MAX_BYTES),
                    eb('log.is_cut', '=', 0),
                  ]),
            )
        }),
    { guards: ['run-logs'] },
  )
}

/**
 * PostgreSQL cannot store NUL, and neither database can store half of a surrogate pair; such a line is stored with
 * replacements.
 */
function toStorable(text: string): string {
  return text.slice(0, MAX_LINE_CHARS).toWellFormed().replaceAll('\0', '\uFFFD')
}

/** Oldest first, after line `after`. */
export async function readLog(
  database: Database,
  runId: string,
  after: number,
  limit: number,
): Promise<NumberedLine[]> {
  return database.read(
    query(({ db }) =>
      db
        .selectFrom('run_logs')
        .select(['seq', 'at_ms as atMs', 'level', 'text'])
        .where('run_id', '=', runId)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(limit),
    ),
  )
}

/** The number of the last line of each of these runs; 0 for a run without lines. */
export async function readLastLines(
  database: Database,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (runIds.length === 0) return new Map()
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('runs')
        .select((eb) => [
          'runs.id',
          // Seeks for each run: grouping would read every line.
          eb
            .selectFrom('run_logs')
            .select(({ fn }) => fn.max('seq').as('seq'))
            .whereRef('run_logs.run_id', '=', 'runs.id')
            .as('last'),
        ])
        .where('runs.id', 'in', runIds),
    ),
  )
  return new Map(rows.map(({ id, last }) => [id, last ?? 0]))
}
