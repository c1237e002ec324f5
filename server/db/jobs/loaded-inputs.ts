import 'server-only'
import { LOADED_BYTES_DAYS } from '@/lib/contract/shapes/plain-values'
import type { Change, Database, Query } from '../database'
import { change, query } from '../statement'
import { readRuns, type Run } from './runs'

/**
 * The bytes from which loads have read rows, so that a later load of the same bytes is noticed. A row is written before
 * its load is committed, and counts once its run has succeeded. It is removed with the run.
 */

export type LoadedInput = { name: string; sizeBytes: number; sha256: string }

/** Runs are removed no earlier, unless there are very many. */
const LOADED_BYTES_MS = LOADED_BYTES_DAYS * 24 * 60 * 60_000
/** All tables together have no more: the oldest ones are removed earlier. */
export const MAX_LOADED_INPUTS = 200_000
const SIZES_PER_READ = 500
/** More earlier runs with the same bytes are not looked at. */
const MAX_FOUND_RUNS = 100

/** Records the inputs that a run is about to commit, in place of those of an earlier attempt. */
export async function recordLoadedInputs(
  database: Database,
  { runId, tableUuid }: { runId: string; tableUuid: string },
  inputs: readonly LoadedInput[],
): Promise<void> {
  const rows = inputs.map(({ name, sizeBytes, sha256 }, position) => ({
    run_id: runId,
    position,
    table_uuid: tableUuid,
    size_bytes: sizeBytes,
    sha256,
    file_name: name,
  }))
  const changes = [change(({ db }) => db.deleteFrom('loaded_inputs').where('run_id', '=', runId))]
  if (rows.length > 0) changes.push(change(({ db }) => db.insertInto('loaded_inputs').values(rows)))
  await database.commit(changes)
}

/** Those of the sizes that recorded inputs of the table have, so that only few files have to be compared. */
export async function findKnownSizes(
  database: Database,
  tableUuid: string,
  sizesBytes: readonly number[],
): Promise<ReadonlySet<number>> {
  const known = new Set<number>()
  for (let start = 0; start < sizesBytes.length; start += SIZES_PER_READ) {
    const some = sizesBytes.slice(start, start + SIZES_PER_READ)
    const rows = await database.read(
      query(({ db }) =>
        db
          .selectFrom('loaded_inputs')
          .select('size_bytes as sizeBytes')
          .distinct()
          .where('table_uuid', '=', tableUuid)
          .where('size_bytes', 'in', some),
      ),
    )
    for (const { sizeBytes } of rows) known.add(sizeBytes)
  }
  return known
}

/**
 * The runs that loaded the same bytes into a table in the last {@link LOADED_BYTES_DAYS} days, or are about to commit
 * them, newest first.
 *
 * @param exceptRunId a run that is not looked for; null for none
 */
export async function findRunsOfBytes(
  database: Database,
  tableUuid: string,
  { sizeBytes, sha256 }: Pick<LoadedInput, 'sizeBytes' | 'sha256'>,
  exceptRunId: string | null,
): Promise<{ run: Run; fileName: string }[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('loaded_inputs')
        .select(['run_id as runId', 'file_name as fileName'])
        .where('table_uuid', '=', tableUuid)
        .where('size_bytes', '=', sizeBytes)
        .where('sha256', '=', sha256)
        .orderBy('run_id', 'desc')
        .orderBy('position')
        .limit(MAX_FOUND_RUNS),
    ),
  )
  const runs = await readRuns(database, [...new Set(rows.map(({ runId }) => runId))])
  const oldestMs = database.nowMs() - LOADED_BYTES_MS
  return rows.flatMap(({ runId, fileName }) => {
    const run = runs.get(runId)
    if (run === undefined || runId === exceptRunId) return []
    const counts = run.state === 'running' || (run.state === 'succeeded' && (run.finishedAtMs ?? 0) > oldestMs)
    return counts ? [{ run, fileName }] : []
  })
}

/** Other runs that have recorded the same bytes for the same table, each with the name that this run has for them. */
export async function findRunsOfSameInputs(
  database: Database,
  runId: string,
): Promise<{ run: Run; fileName: string }[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('loaded_inputs as own')
        .innerJoin('loaded_inputs as other', (join) =>
          join
            .onRef('other.table_uuid', '=', 'own.table_uuid')
            .onRef('other.size_bytes', '=', 'own.size_bytes')
            .onRef('other.sha256', '=', 'own.sha256'),
        )
        .select(['other.run_id as runId', 'own.file_name as fileName'])
        .where('own.run_id', '=', runId)
        .where('other.run_id', '<>', runId)
        .orderBy('other.run_id', 'desc')
        .limit(MAX_FOUND_RUNS),
    ),
  )
  const runs = await readRuns(database, [...new Set(rows.map((row) => row.runId))])
  return rows.flatMap((row) => {
    const run = runs.get(row.runId)
    return run === undefined ? [] : [{ run, fileName: row.fileName }]
  })
}

/** The newest run whose inputs are beyond {@link MAX_LOADED_INPUTS}, if there is one. */
export const FIRST_SURPLUS_RUN = query(({ db }) =>
  db
    .selectFrom('loaded_inputs')
    .select('run_id as id')
    .orderBy('run_id', 'desc')
    .orderBy('position', 'desc')
    .limit(1)
    .offset(MAX_LOADED_INPUTS),
)

/** The runs up to this one that have recorded inputs. */
export function selectRecordingRuns(lastRunId: string, limit: number): Query<{ id: string }> {
  return query(({ db }) =>
    db
      .selectFrom('loaded_inputs')
      .select('run_id as id')
      .distinct()
      .where('run_id', '<=', lastRunId)
      .orderBy('run_id')
      .limit(limit),
  )
}

export function removeLoadedInputs(runIds: readonly string[]): Change {
  return change(({ db }) => db.deleteFrom('loaded_inputs').where('run_id', 'in', runIds))
}
