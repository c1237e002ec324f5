import 'server-only'
import * as z from 'zod'
import { type CodecTrial, codecTrial } from '@/lib/contract/table/compression'
import { DEFAULT_LEVELS, codecOf } from '@/lib/iceberg/properties/compression'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { Database } from '@/server/db/database'
import { listRuns } from '@/server/db/jobs/runs'

/** The trials of codecs that users ran, of the newest ones. */

const COMPRESSION_TRIAL = 'compression-trial'
const MAX_TRIALS = 500

/** The parts of runs that a forecast needs. */
const trialSpec = z.object({ fieldId: z.int() })
const trialOutcome = z.object({ trials: z.array(codecTrial) })

export type ColumnTrial = { fieldId: number; finishedAtMs: number; trials: readonly CodecTrial[] }
type TrialTable = { table: TableIdentifier; tableUuid: string }

/** By table, newest first. */
export class TrialsOfTables {
  readonly #byTable: ReadonlyMap<string, readonly ColumnTrial[]>

  private constructor(byTable: ReadonlyMap<string, readonly ColumnTrial[]>) {
    this.#byTable = byTable
  }

  static async read(database: Database): Promise<TrialsOfTables> {
    const runs = await listRuns(database, { kind: COMPRESSION_TRIAL, states: ['succeeded'], limit: MAX_TRIALS })
    const trials = runs.flatMap(({ table, exclusiveKey, spec, outcome, finishedAtMs }) => {
      const fieldId = trialSpec.safeParse(spec).data?.fieldId
      const tried = trialOutcome.safeParse(outcome).data?.trials
      // Another table may have had the name.
      const tableUuid = exclusiveKey?.split(' ')[1]
      if (table === null || tableUuid === undefined || fieldId === undefined || tried === undefined) return []
      return [{ key: keyOf({ table, tableUuid }), fieldId, finishedAtMs: finishedAtMs ?? 0, trials: tried }]
    })
    return new TrialsOfTables(Map.groupBy(trials, ({ key }) => key))
  }

  of(table: TrialTable): readonly ColumnTrial[] {
    return this.#byTable.get(keyOf(table)) ?? []
  }
}

function keyOf({ table, tableUuid }: TrialTable): string {
  return `${tableUuid} ${table.catalog} ${entryLabel(table)}`
}

/** The change of a column that its newest trial of a codec foretold. */
export type ForetoldChange = { share: number; atMs: number }

/**
 * By which shares columns would change in a codec, from the newest trial of each.
 *
 * @param codecName such as `zstd` at its usual level, or `zstd 9`
 * @returns by field id
 */
export function foretoldChanges(trials: readonly ColumnTrial[], codecName: string): Map<number, ForetoldChange> {
  const [name = '', level] = codecName.split(' ')
  const codec = codecOf(name)
  const changes = new Map<number, ForetoldChange>()
  if (codec === null) return changes
  const requested = level === undefined ? DEFAULT_LEVELS[codec] : Number(level)
  for (const { fieldId, finishedAtMs, trials: tried } of trials) {
    if (changes.has(fieldId)) continue
    const trial = tried.find((one) => one.codec === codec && (one.level ?? DEFAULT_LEVELS[codec]) === requested)
    if (trial) changes.set(fieldId, { share: trial.change, atMs: finishedAtMs })
  }
  return changes
}
