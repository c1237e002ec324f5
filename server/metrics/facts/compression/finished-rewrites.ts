import 'server-only'
import * as z from 'zod'
import type { Compression } from '@/lib/contract/dashboards'
import { sum } from '@/lib/sum'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import { listRuns } from '@/server/db/jobs/runs'
import { readColumnBytes, readColumnDays } from '@/server/db/facts/storage/read-columns'
import { readTableChanges, readTableParts } from '@/server/db/facts/storage/read-parts'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import { type ColumnTrial, foretoldChanges, type TrialsOfTables } from './codec-trials'
import type { DaySpan } from './day-levels'
import { dataBytesOf, NO_LIVE } from './live-bytes'

const REWRITE_FILES = 'rewrite-files'
const MAX_RUNS = 500
const MAX_LISTED = 20

const rewriteOutcome = z.object({
  filesRewritten: z.int(),
  bytesBefore: z.int(),
  bytesAfter: z.int(),
  codecs: z.string().nullable().default(null),
})

/** The runs that rewrote files of these tables during a period, of the newest ones. */
export async function readFinishedRewrites(
  database: Database,
  tables: readonly FactTable[],
  { span: { fromDay, endDay }, trials }: { span: DaySpan; trials: TrialsOfTables },
): Promise<Compression['done']> {
  // Another table may have had the name.
  const keyOf = (uuid: string, table: TableIdentifier) => `${uuid} ${table.catalog} ${entryLabel(table)}`
  const known = new Map(tables.map((one) => [keyOf(one.tableUuid, one.table), one]))
  const runs = await listRuns(database, { kind: REWRITE_FILES, states: ['succeeded'], limit: MAX_RUNS })
  const listed = runs
    .flatMap(({ id, table: named, exclusiveKey, outcome, createdAtMs, finishedAtMs }) => {
      const table = named && known.get(keyOf(exclusiveKey?.split(' ')[1] ?? '', named))
      const isInPeriod = finishedAtMs !== null && finishedAtMs >= fromDay * DAY_MS && finishedAtMs < endDay * DAY_MS
      const result = rewriteOutcome.safeParse(outcome).data
      if (!table || !isInPeriod || result === undefined || result.filesRewritten === 0) return []
      const { filesRewritten: files, ...bytes } = result
      return [{ run: id, createdAtMs, atMs: finishedAtMs, table, files, ...bytes }]
    })
    .slice(0, MAX_LISTED)
  const done: Compression['done'] = []
  for (const { table, createdAtMs, ...rewrite } of listed) {
    const before = trials.of(table).filter(({ finishedAtMs }) => finishedAtMs <= createdAtMs)
    const forecastBytes = await readForecast(database, table.id, { ...rewrite, createdAtMs, trials: before })
    done.push({ ...rewrite, table: table.table, forecastBytes })
  }
  return done
}

/**
 * The change of the files of a rewrite that trials of its codec had foretold, if their columns had the share in these
 * files that they had in the table.
 *
 * @returns null if no user had tried the codec, or if columns had codecs of their own
 */
async function readForecast(
  database: Database,
  tableId: number,
  {
    codecs,
    bytesBefore,
    createdAtMs,
    trials,
  }: { codecs: string | null; bytesBefore: number; createdAtMs: number; trials: readonly ColumnTrial[] },
): Promise<number | null> {
  if (codecs === null || codecs.includes(',')) return null
  const changes = foretoldChanges(trials, codecs)
  if (changes.size === 0) return null
  const [columns, [now]] = await Promise.all([
    readColumnBytes(database, tableId),
    readTableParts(database, { tableIds: [tableId] }),
  ])
  const fromDay = toDay(createdAtMs)
  const [columnDays, [later]] = await Promise.all([
    readColumnDays(database, { columns: [...changes.keys()].map((fieldId) => ({ tableId, fieldId })), fromDay }),
    readTableChanges(database, { of: { tableIds: [tableId] }, fromDay }),
  ])
  const bytesNow = dataBytesOf(now?.live ?? NO_LIVE)
  const bytesThen = bytesNow - dataBytesOf(later?.live ?? NO_LIVE)
  // A table that was loaded and rewritten on one day had no bytes when the day began.
  const isThen = bytesThen > 0
  const changed = sum(
    [...changes].map(([fieldId, { share }]) => {
      const since = sum(columnDays.flatMap((one) => (one.fieldId === fieldId ? one.bytes.stored : [])))
      return share * ((columns.get(fieldId) ?? 0) - (isThen ? since : 0))
    }),
  )
  const all = isThen ? bytesThen : bytesNow
  return all <= 0 ? null : Math.round((changed / all) * bytesBefore)
}
