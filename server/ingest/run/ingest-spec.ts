import 'server-only'
import path from 'node:path'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { schemaFromJson } from '@/lib/iceberg/schema/schema-json'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { Database } from '@/server/db/database'
import { queueRun } from '@/server/db/jobs/runs'
import type { NewTask, RunActor } from '@/server/db/jobs/task-columns'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'
import { csvOptions, loadLanding, loadMapping, MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import { formatQuantity } from '@/lib/format/count'
import { isRecord } from '@/lib/plain-json'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { CHANGED_FILES, type FileRepeats } from '@/lib/ingest/file-repeats'
import type { LoadConfirmations } from '@/lib/contract/loads/load-confirmations'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import type { LaterPart } from '../stage-request'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import type { RejectLimit } from '@/lib/ingest/reject-limit'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'

/** The task of one ingest run; stored with the run as JSON. */
export type IngestSpec = {
  /** The files, in the order in which they are read. */
  input: readonly InputSource[]
  format: InputFormat
  /** Absent: the defaults. */
  csv?: CsvOptions
  /** Absent: columns take the fields of their names. */
  mapping?: LoadMapping
  /** Absent: the rows are appended to `main`. */
  landing?: LoadLanding
  ignoreExtra: boolean
  /** The table to create if it does not exist yet. */
  create: NewTableSpec | null
  /** The run whose rejected rows the input has, corrected; absent: the rows are new. */
  correctsRunId?: string
  /**
   * For data whose history is simulated, such as the demo lake: the time and the writer to record. Absent: the actual
   * ones.
   */
  history?: IngestHistory
  /** The user whose uploads the input has; absent: the user who started the run. */
  uploadedBy?: string
  /**
   * The proposal that the run carries out, with its table, and the SHA-256 of each file that is no upload, in the order of
   * the input; absent: one user acts alone.
   */
  proposed?: { proposalId: string; tableUuid: string; sha256?: readonly string[] }
  /** The input continues that of earlier runs; absent: it is whole, or the first part of a pipe. */
  laterPart?: LaterPart
  /** The saved load that the run carries out; absent: it loads its files once. */
  saved?: SavedLoadRun
} & RejectLimit &
  LoadConfirmations
/** The saved load of a run, and which of its files the run takes. */
export type SavedLoadRun = FileRepeats & { scheduleId: string }
/** One file of a load. */
export type InputSource = LocatedInput | UploadedInput | LocationFile | LocationPattern | UrlInput
/** A file of the worker's machine (`file:///…`), or one in the store of the warehouse. */
export type LocatedInput = { location: string }
export type UploadedInput = { uploadId: string; name: string }
/** A file of a load location. */
export type LocationFile = { loadLocation: string; path: string }
/** The files of a load location that match when the run starts. */
export type LocationPattern = { loadLocation: string; match: string }
/** A file of a server; with the version that was previewed, if the load demands that one. */
export type UrlInput = { url: string; version?: string }
/** The time and the writer that the commits of a load record. */
export type IngestHistory = { committedAtMs: number; writer: string }
export type NewTableSpec = {
  /** Iceberg schema JSON, as text; new field ids are assigned. */
  schema: string
  /** `month(ts), bucket(16, id)`; null without a partition. */
  partitionBy: string | null
  properties: Readonly<Record<string, string>>
}

export const INGEST = 'ingest'

export const HOW_TO_PROPOSE_A_LOAD = `Propose the load, so that another user can commit it: on the page Load, or with ${lakeshoreCommands.proposeLoad()}.`

export const HOW_TO_LOAD_WITH_TWO = `Files of a location or a URL cannot be proposed on the page Load. Upload the files and propose the load there, or propose files of a location, so that another user can commit it: ${lakeshoreCommands.proposeLoad()}.`

/** The way to load where changes need two people, in a sentence. */
export function howToProposeLoad({ input }: Pick<IngestSpec, 'input'>): string {
  return input.some((source) => 'loadLocation' in source || 'url' in source)
    ? HOW_TO_LOAD_WITH_TWO
    : HOW_TO_PROPOSE_A_LOAD
}

/** Queues a run, which a worker executes. */
export async function queueIngest(
  database: Database,
  table: TableIdentifier,
  spec: IngestSpec,
  actor: RunActor,
): Promise<string> {
  return queueRun(database, toIngestTask(table, spec, actor))
}

/** All runs of one proposal, or of one saved load, have one key, so that they run one after another. */
export function toIngestTask(table: TableIdentifier, spec: IngestSpec, actor: RunActor): NewTask {
  const title = `Load ${describeInput(spec)}`
  const origin = spec.saved?.scheduleId ?? spec.proposed?.proposalId
  const exclusiveKey = origin === undefined ? null : `${INGEST} ${origin}`
  return { kind: INGEST, title, spec: ingestSpec.encode(spec), actor, table, exclusiveKey }
}

/** The name of the file, or of the first one and how many others there are. */
export function describeInput({ input }: Pick<IngestSpec, 'input'>): string {
  const [first, ...others] = input
  if (first === undefined) return ''
  return `${inputName(first)}${others.length === 0 ? '' : ` and ${formatQuantity(others.length, 'other file')}`}`
}

/** The host and the path: a query may be secret. */
function urlLabel(text: string): string {
  const { host, pathname } = new URL(text)
  return `${host}${pathname}`
}

/** A file of a load location has the location in its name, and the path. */
export function inputName(source: InputSource): string {
  if ('location' in source) return path.basename(source.location)
  if ('uploadId' in source) return source.name
  if ('url' in source) return urlLabel(source.url)
  return `${source.loadLocation}/${'path' in source ? source.path : source.match}`
}

const ingestSpec = z.object({
  input: z
    .array(
      z.union([
        z.object({ location: z.string() }),
        z.object({ uploadId: z.string(), name: z.string() }),
        z.object({ loadLocation: z.string(), path: z.string() }),
        z.object({ loadLocation: z.string(), match: z.string() }),
        z.object({ url: z.string(), version: z.string().exactOptional() }),
      ]),
    )
    .min(1)
    .max(MAX_LOADED_FILES)
    .readonly(),
  format: z.enum(INPUT_FORMATS),
  csv: csvOptions.exactOptional(),
  mapping: loadMapping.exactOptional(),
  landing: loadLanding.exactOptional(),
  ignoreExtra: z.boolean(),
  allowNullColumns: z.boolean().exactOptional(),
  allowAmbiguousNumbers: z.boolean().exactOptional(),
  loadAgain: z.boolean().exactOptional(),
  maxRejectedRows: z.int().nonnegative(),
  maxRejectedShare: z.number().min(0).max(1).exactOptional(),
  create: z
    .object({
      schema: z.string(),
      partitionBy: z.string().nullable(),
      properties: z.record(z.string(), z.string()),
    })
    .nullable(),
  correctsRunId: z.string().exactOptional(),
  history: z.object({ committedAtMs: z.int(), writer: z.string() }).exactOptional(),
  uploadedBy: z.string().exactOptional(),
  laterPart: z.object({ fieldCount: z.int().positive().nullable() }).exactOptional(),
  saved: z
    .object({ scheduleId: z.string(), newFilesOnly: z.boolean(), changedFiles: z.enum(CHANGED_FILES) })
    .exactOptional(),
  proposed: z
    .object({
      proposalId: z.string(),
      tableUuid: z.string(),
      sha256: z.array(z.string()).max(MAX_LOADED_FILES).readonly().exactOptional(),
    })
    .exactOptional(),
})

export function parseIngestSpec(spec: JsonObject): IngestSpec {
  const { input, proposed } = spec
  // An earlier build may have queued the run, with one location.
  return ingestSpec.parse({
    ...spec,
    ...(typeof input === 'string' && { input: [{ location: input }] }),
    ...(isRecord(proposed) &&
      typeof proposed.sha256 === 'string' && { proposed: { ...proposed, sha256: [proposed.sha256] } }),
  })
}

/** The location of a file by its absolute path, with every character unchanged. */
export function toFileLocation(file: string): string {
  return `file://${file}`
}

/** @throws {AppError} invalid-request when the text is not an Iceberg schema */
export function parseSchema(text: string): Schema {
  try {
    return schemaFromJson(parseExactJson(text))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError('invalid-request', `The schema cannot be read: ${error.message}`, {
      cause: error,
      facts: error.facts,
    })
  }
}
