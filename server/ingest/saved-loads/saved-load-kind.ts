import 'server-only'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import { formatCount } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Database } from '@/server/db/database'
import { countLoadedFiles, MAX_LOADED_FILE_ROWS, removeLoadedFiles } from '@/server/db/jobs/loaded-files'
import { readRun } from '@/server/db/jobs/runs'
import type { Schedule } from '@/server/db/jobs/schedules'
import type { ScheduledKind } from '@/server/jobs/scheduled-kind'
import { requireLoadLocation } from '@/server/load-locations/open-location'
import { requireProposalIfDemanded } from '@/server/policy/demanded-proposal'
import { requirePossibleLanding } from '../land/possible-landing'
import { HOW_TO_LOAD_WITH_TWO, type IngestSpec } from '../run/ingest-spec'
import { toIngestRun } from '../run/lane/choose-lane'
import { requireBranch } from '../run/load-branch'
import { requireWritableFormat } from '../run/writable-format'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import { describeSavedLoad, parseSavedLoad } from './saved-load-spec'

/** Loads from locations that users save and a schedule repeats. */
export const savedLoadKind: ScheduledKind = {
  canBeTakenOver: true,
  needs: ({ table }) => (table === null ? [] : [{ permission: 'table:write', resource: table }]),
  describe: ({ spec }) => describeSavedLoad(spec),
  async prepareRun(services, schedule, { actor, signal }) {
    const { id: scheduleId, table, spec } = schedule
    if (table === null) throw new Error('a saved load has a table')
    const { load, tableUuid, newFilesOnly, changedFiles } = parseSavedLoad(spec)
    const { database } = services
    const unknown = await findUnknownOutcome(database, schedule)
    if (unknown !== null) return { pausedBecause: unknown }
    if (newFilesOnly && (await isFull(database, scheduleId)))
      return {
        pausedBecause: `It has loaded ${formatCount(MAX_LOADED_FILE_ROWS)} files, and can remember no more. Save a load of a newer folder instead.`,
      }
    requireLocations(services, load)
    await requireProposalIfDemanded(database, table, undefined, actor.userId, HOW_TO_LOAD_WITH_TWO)
    const catalog = await services.catalogs.open(table.catalog, actor)
    const { metadata } = await catalog.loadTable(table, { signal })
    if (metadata.tableUuid !== tableUuid)
      return { pausedBecause: `It was saved for another table ${entryLabel(table)}, which was dropped. Save it again.` }
    const { landing = APPEND_TO_MAIN } = load
    requireWritableFormat(metadata.formatVersion, table)
    requireBranch(metadata, landing)
    requirePossibleLanding(landing, currentSchema(metadata))
    const run = { ...load, saved: { scheduleId, newFilesOnly, changedFiles } }
    return toIngestRun(services, table, run, { actor: schedule.actor, signal })
  },
  removeStored: ({ database }, scheduleId) => removeLoadedFiles(database, scheduleId),
}

function requireLocations({ config }: Pick<LakeServices, 'config'>, { input }: Pick<IngestSpec, 'input'>): void {
  for (const source of input) if ('loadLocation' in source) requireLoadLocation(config, source.loadLocation)
}

/** Whether the files of one more run may not fit. */
async function isFull(database: Database, scheduleId: string): Promise<boolean> {
  return (await countLoadedFiles(database, scheduleId)) > MAX_LOADED_FILE_ROWS - MAX_LOADED_FILES
}

/**
 * Why the next run has to wait after one of unknown outcome: it could load the same files again. A user who resumes the
 * load has looked at the table.
 */
async function findUnknownOutcome(
  database: Database,
  { lastRunId, changedAtMs }: Pick<Schedule, 'lastRunId' | 'changedAtMs'>,
): Promise<string | null> {
  const run = lastRunId === null ? null : await readRun(database, lastRunId)
  if (run?.state !== 'failed' || run.error?.code !== 'commit-state-unknown') return null
  if (changedAtMs !== null && changedAtMs > run.createdAtMs) return null
  return `It is unknown whether its last run was committed. ${run.error.detail}`
}
