import 'server-only'
import * as z from 'zod'
import type { Compression } from '@/lib/contract/dashboards'
import { codecTrial } from '@/lib/contract/table/compression'
import { codecOfPart } from '@/lib/facts/storage-part'
import { codecOf, DEFAULT_LEVELS } from '@/lib/iceberg/properties/compression'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import { readColumnBytes } from '@/server/db/facts/storage/read-columns'
import { readPartsOf } from '@/server/db/facts/storage/read-parts'
import type { TableStorage } from '@/server/db/facts/storage/read-storage'
import { listRuns } from '@/server/db/jobs/runs'
import { storedBytesOf } from './live-bytes'
import type { TableLevel } from './listed-tables'

type Candidate = Compression['candidates'][number]

const MAX_LISTED = 20
const MAX_TRIALS = 100
const COMPRESSION_TRIAL = 'compression-trial'

/** The parts of runs that a forecast needs, of those that tried codecs on a column. */
const trialSpec = z.object({ fieldId: z.int() })
const trialOutcome = z.object({ trials: z.array(codecTrial) })

/** The tables that would change if their files were rewritten as it is set. */
export async function readCandidates(
  database: Database,
  tables: readonly TableLevel[],
  measured: ReadonlyMap<number, TableStorage>,
): Promise<Pick<Compression, 'candidates' | 'candidateCount'>> {
  const differing = tables.flatMap(({ table, live }) => {
    const { codec = null, setBytes = null, asSetBytes = null } = measured.get(table.id) ?? {}
    const otherwiseBytes = (setBytes ?? 0) - (asSetBytes ?? 0)
    return table.droppedAtMs === null && otherwiseBytes > 0
      ? [{ table, codec, otherwiseBytes, storedBytes: storedBytesOf(live) }]
      : []
  })
  const listed = differing.toSorted((a, b) => b.otherwiseBytes - a.otherwiseBytes).slice(0, MAX_LISTED)
  const parts = Map.groupBy(
    await readPartsOf(
      database,
      listed.map(({ table }) => table.id),
    ),
    ({ tableId }) => tableId,
  )
  const candidates: Candidate[] = []
  for (const { table, codec, ...bytes } of listed) {
    candidates.push({
      table: table.table,
      codec,
      ...bytes,
      written: (parts.get(table.id) ?? []).flatMap(({ part, bytes: { stored } }) => {
        const written = codecOfPart(part)
        return written === null ? [] : [{ codec: written, storedBytes: stored }]
      }),
      forecast: await readForecast(database, table, codec),
    })
  }
  return { candidates, candidateCount: differing.length }
}

/**
 * By how much the columns would change on which users tried codecs, in the codec that is set, at its usual level.
 *
 * @returns null if no user did
 */
async function readForecast(
  database: Database,
  { id, table, tableUuid }: FactTable,
  codecName: string | null,
): Promise<Candidate['forecast']> {
  const codec = codecName === null ? null : codecOf(codecName)
  if (codec === null) return null
  const runs = await listRuns(database, { kind: COMPRESSION_TRIAL, table, states: ['succeeded'], limit: MAX_TRIALS })
  // Another table may have had the name.
  const trials = runs.filter(({ exclusiveKey }) => exclusiveKey?.split(' ')[1] === tableUuid)
  if (trials.length === 0) return null
  const columnBytes = await readColumnBytes(database, id)
  const changes = new Map<number, { bytes: number; atMs: number }>()
  for (const { spec, outcome, finishedAtMs } of trials) {
    const fieldId = trialSpec.safeParse(spec).data?.fieldId
    const bytes = fieldId === undefined ? undefined : columnBytes.get(fieldId)
    if (fieldId === undefined || bytes === undefined || changes.has(fieldId)) continue
    const trial = trialOutcome
      .safeParse(outcome)
      .data?.trials.find((one) => one.codec === codec && (one.level === null || one.level === DEFAULT_LEVELS[codec]))
    if (trial) changes.set(fieldId, { bytes: bytes * trial.change, atMs: finishedAtMs ?? 0 })
  }
  if (changes.size === 0) return null
  const all = [...changes.values()]
  return {
    bytes: Math.round(all.reduce((total, { bytes }) => total + bytes, 0)),
    columns: changes.size,
    atMs: Math.min(...all.map(({ atMs }) => atMs)),
  }
}
