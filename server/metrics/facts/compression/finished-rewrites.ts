import 'server-only'
import * as z from 'zod'
import type { Compression } from '@/lib/contract/dashboards'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import { listRuns } from '@/server/db/jobs/runs'
import { DAY_MS } from '@/server/db/facts/sum-tables'
import type { DaySpan } from './day-levels'

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
  { fromDay, endDay }: DaySpan,
): Promise<Compression['done']> {
  // Another table may have had the name.
  const keyOf = (uuid: string, table: TableIdentifier) => `${uuid} ${table.catalog} ${entryLabel(table)}`
  const known = new Map(tables.map(({ table, tableUuid }) => [keyOf(tableUuid, table), table]))
  const runs = await listRuns(database, { kind: REWRITE_FILES, states: ['succeeded'], limit: MAX_RUNS })
  return runs
    .flatMap(({ id, table: named, exclusiveKey, outcome, finishedAtMs }) => {
      const table = named && known.get(keyOf(exclusiveKey?.split(' ')[1] ?? '', named))
      const isInPeriod = finishedAtMs !== null && finishedAtMs >= fromDay * DAY_MS && finishedAtMs < endDay * DAY_MS
      const result = rewriteOutcome.safeParse(outcome).data
      if (!table || !isInPeriod || result === undefined || result.filesRewritten === 0) return []
      const { filesRewritten: files, ...bytes } = result
      return [{ run: id, atMs: finishedAtMs, table, files, ...bytes }]
    })
    .slice(0, MAX_LISTED)
}
