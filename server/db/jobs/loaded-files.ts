import 'server-only'
import type { Change, Database } from '../database'
import { change, preparedQuery, query } from '../statement'
import { tryCommit } from '../try-commit'

/**
 * The files that a saved load has loaded. A row is written before its load is committed, and counts only from the
 * transaction on that records the success of the run.
 */

export type LoadedFile = {
  /** The name of the load location. */
  location: string
  path: string
  /** Tells the contents apart from earlier ones, as the store does: an ETag, or inode and times. */
  version: string
  sizeBytes: number
  /** As a list of the folder has it; null where that cannot tell apart two versions. */
  modifiedAtMs: number | null
}

/** Per schedule. A saved load with more pauses. */
export const MAX_LOADED_FILE_ROWS = 1_000_000

const PATHS_PER_READ = 500
const ROWS_PER_REMOVAL = 20_000

/** The loaded versions of files of one location, by path. */
export async function readLoadedFiles(
  database: Database,
  { scheduleId, location, paths }: { scheduleId: string; location: string; paths: readonly string[] },
): Promise<ReadonlyMap<string, LoadedFile[]>> {
  const found = new Map<string, LoadedFile[]>()
  for (let start = 0; start < paths.length; start += PATHS_PER_READ) {
    const some = paths.slice(start, start + PATHS_PER_READ)
    const rows = await database.read(
      query(({ db }) =>
        db
          .selectFrom('loaded_files')
          .select(['path', 'version', 'size_bytes as sizeBytes', 'modified_at_ms as modifiedAtMs'])
          .where('schedule_id', '=', scheduleId)
          .where('location', '=', location)
          .where('path', 'in', some)
          .where('is_loaded', '=', 1),
      ),
    )
    for (const row of rows) found.set(row.path, [...(found.get(row.path) ?? []), { ...row, location }])
  }
  return found
}

const rowCount = preparedQuery(({ db }, { scheduleId }: { scheduleId: string }) =>
  db
    .selectFrom('loaded_files')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('schedule_id', '=', scheduleId),
)

export async function countLoadedFiles(database: Database, scheduleId: string): Promise<number> {
  const [row] = await database.read(rowCount({ scheduleId }))
  return row?.count ?? 0
}

/**
 * Records the files that a run is about to commit.
 *
 * @returns false when the schedule was removed, so nothing is recorded
 */
export function addPendingFiles(
  database: Database,
  { scheduleId, runId }: { scheduleId: string; runId: string },
  files: readonly LoadedFile[],
): Promise<boolean> {
  const touchSchedule = change(
    ({ db }) =>
      db
        .updateTable('schedules')
        .set((eb) => ({ version: eb.ref('version') }))
        .where('id', '=', scheduleId),
    { expectedRows: 1 },
  )
  const rows = files.map(({ location, path, version, sizeBytes, modifiedAtMs }) => ({
    schedule_id: scheduleId,
    location,
    path,
    version,
    size_bytes: sizeBytes,
    modified_at_ms: modifiedAtMs,
    run_id: runId,
    is_loaded: 0,
  }))
  const add = change(({ db }) =>
    db
      .insertInto('loaded_files')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing()),
  )
  return tryCommit(database, [touchSchedule, add])
}

/** From now on the files of a run count as loaded: for the transaction of its success. */
export function confirmFilesChange(scheduleId: string, runId: string): Change {
  return change(({ db }) =>
    db
      .updateTable('loaded_files')
      .set({ is_loaded: 1 })
      .where('schedule_id', '=', scheduleId)
      .where('run_id', '=', runId)
      .where('is_loaded', '=', 0),
  )
}

/** Forgets the files of a run that was certainly not committed. */
export function dropPendingFilesChange(scheduleId: string, runId: string): Change {
  return change(({ db }) =>
    db
      .deleteFrom('loaded_files')
      .where('schedule_id', '=', scheduleId)
      .where('run_id', '=', runId)
      .where('is_loaded', '=', 0),
  )
}

const pendingRuns = preparedQuery(({ db }, { scheduleId }: { scheduleId: string }) =>
  db
    .selectFrom('loaded_files')
    .select('run_id as runId')
    .distinct()
    .where('schedule_id', '=', scheduleId)
    .where('is_loaded', '=', 0),
)

/** The runs that have recorded files and no success. */
export async function listPendingRuns(database: Database, scheduleId: string): Promise<string[]> {
  return (await database.read(pendingRuns({ scheduleId }))).map(({ runId }) => runId)
}

/** Removes all rows of a schedule, some at a time, so that no commit waits long. */
export async function removeLoadedFiles(database: Database, scheduleId: string): Promise<void> {
  for (;;) {
    const [last] = await database.read(
      query(({ db }) =>
        db
          .selectFrom('loaded_files')
          .select(['location', 'path'])
          .where('schedule_id', '=', scheduleId)
          .orderBy('location')
          .orderBy('path')
          .limit(1)
          .offset(ROWS_PER_REMOVAL - 1),
      ),
    )
    await database.commit([
      change(({ db }) =>
        db
          .deleteFrom('loaded_files')
          .where('schedule_id', '=', scheduleId)
          .$if(last !== undefined, (removal) =>
            removal.where((eb) =>
              eb.or([
                eb('location', '<', last?.location ?? ''),
                eb.and([eb('location', '=', last?.location ?? ''), eb('path', '<=', last?.path ?? '')]),
              ]),
            ),
          ),
      ),
    ])
    if (last === undefined) return
  }
}
