import 'server-only'
import type { Compression } from '@/lib/contract/dashboards'
import { codecOfPart } from '@/lib/facts/storage-part'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import { readColumnBytes } from '@/server/db/facts/storage/read-columns'
import { readPartsOf } from '@/server/db/facts/storage/read-parts'
import type { TableStorage } from '@/server/db/facts/storage/read-storage'
import { foretoldChanges, type TrialsOfTables } from './codec-trials'
import { storedBytesOf } from './live-bytes'
import type { TableLevel } from './listed-tables'

type Candidate = Compression['candidates'][number]

const MAX_LISTED = 20

/**
 * The tables that would change if their files were rewritten as it is set. Those of which a user tried the codec come
 * first, in the order of the bytes that a rewrite would save.
 */
export async function readCandidates(
  database: Database,
  tables: readonly TableLevel[],
  { measured, trials }: { measured: ReadonlyMap<number, TableStorage>; trials: TrialsOfTables },
): Promise<Pick<Compression, 'candidates' | 'candidateCount' | 'couldBeSaved'>> {
  const differing = []
  for (const { table, live } of tables) {
    const { codec = null, setBytes = null, asSetBytes = null } = measured.get(table.id) ?? {}
    const otherwiseBytes = (setBytes ?? 0) - (asSetBytes ?? 0)
    if (table.droppedAtMs !== null || otherwiseBytes <= 0) continue
    const forecast = await readForecast(database, table, { codec, trials })
    differing.push({ table, codec, otherwiseBytes, storedBytes: storedBytesOf(live), forecast })
  }
  const byBytes = differing.toSorted((a, b) => b.otherwiseBytes - a.otherwiseBytes)
  const forecasts = byBytes.flatMap(({ forecast }) => forecast ?? [])
  const listed = byBytes
    .toSorted((a, b) => (a.forecast?.bytes ?? Infinity) - (b.forecast?.bytes ?? Infinity) || 0)
    .slice(0, MAX_LISTED)
  const parts = Map.groupBy(
    await readPartsOf(
      database,
      listed.map(({ table }) => table.id),
    ),
    ({ tableId }) => tableId,
  )
  return {
    candidates: listed.map(
      ({ table, ...bytes }): Candidate => ({
        ...bytes,
        table: table.table,
        written: (parts.get(table.id) ?? []).flatMap(({ part, bytes: { stored } }) => {
          const written = codecOfPart(part)
          return written === null ? [] : [{ codec: written, storedBytes: stored }]
        }),
      }),
    ),
    candidateCount: differing.length,
    couldBeSaved:
      forecasts.length === 0
        ? null
        : { bytes: sum(forecasts.map(({ bytes }) => Math.max(0, -bytes))), tableCount: forecasts.length },
  }
}

/**
 * By how much the columns would change on which users tried codecs, in the codec that is set, at its usual level.
 *
 * @returns null if no user did
 */
async function readForecast(
  database: Database,
  table: FactTable,
  { codec, trials }: { codec: string | null; trials: TrialsOfTables },
): Promise<Candidate['forecast']> {
  const changes = codec === null ? new Map<number, never>() : foretoldChanges(trials.of(table), codec)
  if (changes.size === 0) return null
  const columnBytes = await readColumnBytes(database, table.id)
  const known = [...changes].flatMap(([fieldId, change]) => {
    const bytes = columnBytes.get(fieldId)
    return bytes === undefined ? [] : [{ bytes: bytes * change.share, atMs: change.atMs }]
  })
  if (known.length === 0) return null
  return {
    bytes: Math.round(sum(known.map(({ bytes }) => bytes))),
    columns: known.length,
    atMs: Math.min(...known.map(({ atMs }) => atMs)),
  }
}
