import 'server-only'
import * as z from 'zod'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { CHANGED_FILES, type FileRepeats } from '@/lib/ingest/file-repeats'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NewTask } from '@/server/db/jobs/task-columns'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { describeInput, type IngestSpec, parseIngestSpec, toIngestTask } from '../run/ingest-spec'

export const SAVED_LOAD = 'ingest'

/** A load that a schedule repeats; stored with the schedule as JSON. */
export type SavedLoadSpec = FileRepeats & {
  /** Its input has files and patterns of load locations only. */
  load: IngestSpec
  /** The table that it was saved for: another one may get its name. */
  tableUuid: string
}

const savedLoadSpec = z.object({
  load: z.record(z.string(), z.json()),
  tableUuid: z.string(),
  newFilesOnly: z.boolean(),
  changedFiles: z.enum(CHANGED_FILES),
})

/** The task of its schedule, under the name that the user gave it. */
export function toSavedLoadTask(table: TableIdentifier, name: string, spec: SavedLoadSpec): Omit<NewTask, 'actor'> {
  // As the run has it, so that both are read in one way.
  const { spec: load } = toIngestTask(table, spec.load, COMMAND_LINE)
  return { kind: SAVED_LOAD, title: name, spec: { ...spec, load }, table }
}

export function parseSavedLoad(spec: JsonObject): SavedLoadSpec {
  const { load, ...rest } = savedLoadSpec.parse(spec)
  return { ...rest, load: parseIngestSpec(load) }
}

/** The files or the pattern that it loads, for lists. */
export function describeSavedLoad(spec: JsonObject): string {
  return describeInput(parseSavedLoad(spec).load)
}
