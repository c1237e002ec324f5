import 'server-only'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { schemaFromJson } from '@/lib/iceberg/schema/schema-json'
import { findFieldByName } from '@/lib/iceberg/schema/schema'
import { canTransform, parseTransform } from '@/lib/iceberg/partitioning/transform'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { Database } from '@/server/db/database'
import { queueRun } from '@/server/db/jobs/runs'
import type { NewTask, RunActor } from '@/server/db/jobs/task-columns'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'
import type { PartitionField, PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** The task of one ingest run; stored with the run as JSON. */
export type IngestSpec = {
  /** Location of the file: `file:///…` on the worker's machine, or in the warehouse's store. */
  input: string
  format: InputFormat
  ignoreExtra: boolean
  /** How many rows may be rejected; 0 for none. */
  maxRejectedRows: number
  /** The table to create if it does not exist yet. */
  create: NewTableSpec | null
  /**
   * For data whose history is simulated, such as the demo lake: the time and the writer to record. Absent: the actual
   * ones.
   */
  history?: IngestHistory
  /** The proposal that the run carries out, with its table and the SHA-256 of its file; absent: one user acts alone. */
  proposed?: { proposalId: string; tableUuid: string; sha256: string }
}
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

export const HOW_TO_PROPOSE_A_LOAD =
  'Propose the load (lakeshore ingest --propose), so that another user can commit it.'

/** Queues a run, which a worker executes. */
export async function queueIngest(
  database: Database,
  table: TableIdentifier,
  spec: IngestSpec,
  actor: RunActor,
): Promise<string> {
  return queueRun(database, toIngestTask(table, spec, actor))
}

/** All runs of one proposal have one key, so that they run one after another. */
export function toIngestTask(table: TableIdentifier, spec: IngestSpec, actor: RunActor): NewTask {
  const title = `Load ${path.basename(spec.input)}`
  const exclusiveKey = spec.proposed === undefined ? null : `${INGEST} ${spec.proposed.proposalId}`
  return { kind: INGEST, title, spec: ingestSpec.encode(spec), actor, table, exclusiveKey }
}

const ingestSpec = z.object({
  input: z.string(),
  format: z.enum(INPUT_FORMATS),
  ignoreExtra: z.boolean(),
  maxRejectedRows: z.int().nonnegative(),
  create: z
    .object({
      schema: z.string(),
      partitionBy: z.string().nullable(),
      properties: z.record(z.string(), z.string()),
    })
    .nullable(),
  history: z.object({ committedAtMs: z.int(), writer: z.string() }).exactOptional(),
  proposed: z.object({ proposalId: z.string(), tableUuid: z.string(), sha256: z.string() }).exactOptional(),
})

export function parseIngestSpec(spec: JsonObject): IngestSpec {
  return ingestSpec.parse(spec)
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

/**
 * Parses `month(ts), bucket(16, id), truncate(4, name), origin` against a schema. Fields get the same names as in other
 * engines: `ts_month`, `id_bucket`, `name_trunc`, `origin`.
 *
 * @throws {AppError} invalid-request naming the part that is not understood
 */
export function parsePartitionSpec(text: string | null, schema: Schema): PartitionSpec {
  if (text === null || text.trim() === '') return { specId: 0, fields: [] }
  const terms = text.match(/[^,()]+(?:\([^()]*\))?/g) ?? []
  if (terms.join(',').replaceAll(/\s/g, '') !== text.replaceAll(/\s/g, '')) throw partitioningSyntaxError(text)
  return { specId: 0, fields: terms.map((term, i) => parsePartitionField(term.trim(), schema, FIRST_PARTITION_ID + i)) }
}

/** Iceberg table spec, *Partition Specs*: ids of partition fields begin here. */
const FIRST_PARTITION_ID = 1000
const SUFFIXES: Readonly<Record<string, string>> = { bucket: '_bucket', truncate: '_trunc' }

function parsePartitionField(term: string, schema: Schema, fieldId: number): PartitionField {
  const [, name = 'identity', parameters = term] = /^(\w+)\s*\(([^()]*)\)$/.exec(term) ?? []
  const words = parameters.split(',').map((word) => word.trim())
  const column = words.find((word) => !/^\d+$/.test(word)) ?? ''
  const width = words.find((word) => /^\d+$/.test(word))
  const text = width === undefined ? name.toLowerCase() : `${name.toLowerCase()}[${width}]`
  const transform = parseTransform(text.replace(/^(years?|months?|days?|hours?)$/, (word) => word.replace(/s$/, '')))
  const source = findFieldByName(schema, column)
  if (words.length > 2 || transform.kind === 'unknown') throw partitioningSyntaxError(term)
  if (!source)
    throw new AppError('invalid-request', `There is no column ${column} to partition by.`, { facts: { column } })
  const { type } = source.field
  if (typeof type !== 'string' || source.isRepeated || !canTransform(transform, type)) {
    throw new AppError('invalid-request', `Column ${column} cannot be partitioned by ${transform.kind}.`, {
      facts: { column },
    })
  }
  const suffix = transform.kind === 'identity' ? '' : (SUFFIXES[transform.kind] ?? `_${transform.kind}`)
  const transformText = width === undefined ? transform.kind : `${transform.kind}[${width}]`
  return { sourceId: source.field.id, fieldId, name: `${column}${suffix}`, transform: transformText }
}

function partitioningSyntaxError(text: string): AppError {
  return new AppError('invalid-request', `"${text}" is not a partitioning such as month(ts), bucket(16, id), origin.`)
}
