import 'server-only'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { readRequest } from '@/lib/iceberg/json/read-request'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { currentSchema, schemaOfId } from '@/lib/iceberg/metadata/current-layout'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { Schema, Type } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { BoundPredicate, ColumnReference, Literal, Predicate } from '@/lib/scan/predicate/predicate'
import { parsePredicateJson } from '@/lib/scan/predicate/predicate-json'
import type { FileRange } from './file-range'
import { parseJsonOrNull } from '@/lib/plain-json'

/**
 * A scan that a client had planned. It names no files and permits nothing: the client that sends it may plan the same scan. So
 * plan ids and plan tasks contain it, and any process can continue a plan that another one began.
 */
export type PlannedScan = {
  tableUuid: string
  /** Null for a table without a snapshot. */
  snapshotId: string | null
  /** The schema that the filter names columns of. */
  schemaId: number
  /** As the client wrote it; null without a filter. */
  filterText: string | null
  isCaseSensitive: boolean
  /** Columns whose counts the client requests. */
  statsFieldIds: readonly number[]
}

/** A filter is repeated in each task of a plan. */
export const MAX_FILTER_CHARS = 256 * 1024
export const MAX_STATS_FIELDS = 10_000

const encoded = z.tuple([
  z.literal(1),
  z.string(),
  z
    .string()
    .regex(/^-?\d{1,19}$/)
    .nullable(),
  z.int(),
  z.string().max(MAX_FILTER_CHARS).nullable(),
  z.boolean(),
  z.array(z.int()).max(MAX_STATS_FIELDS),
  z.int().nonnegative(),
  z.int().nonnegative(),
])

/**
 * Reads the request of a scan.
 *
 * Spec: REST `open-api`, schema `PlanTableScanRequest`.
 *
 * @throws {AppError} invalid-request, too-large; not-supported for an incremental scan
 */
export function readPlanRequest(body: JsonObject, metadata: TableMetadata): PlannedScan {
  const request = readRequest(() => {
    const fields = new JsonFields(body, '')
    const isTrue = (name: string, otherwise: boolean) => (fields.has(name) ? fields.boolean(name) : otherwise)
    return {
      snapshotId: fields.has('snapshot-id') ? fields.long('snapshot-id') : null,
      isIncremental: fields.has('start-snapshot-id') || fields.has('end-snapshot-id'),
      usesSnapshotSchema: isTrue('use-snapshot-schema', false),
      isCaseSensitive: isTrue('case-sensitive', true),
      filter: fields.json('filter'),
      statsFields: fields.has('stats-fields') ? fields.texts('stats-fields') : [],
    }
  })
  if (request.isIncremental) {
    throw new AppError(
      'not-supported',
      'Lakeshore plans scans of one snapshot. Let the client plan an incremental scan, with scan-planning-mode=client.',
    )
  }
  const { snapshotId, isCaseSensitive, usesSnapshotSchema, filter } = request
  if (snapshotId !== null && !metadata.snapshots.some((snapshot) => snapshot.snapshotId === snapshotId))
    throw new AppError('invalid-request', `The table has no snapshot ${snapshotId}. It may have expired.`)
  const { snapshot, schema: snapshotSchema } = resolveAsOf(metadata, snapshotId === null ? {} : { snapshotId })
  const schema = usesSnapshotSchema ? snapshotSchema : currentSchema(metadata)
  const filterText = filter === null ? null : stringifyExactJson(filter)
  if (filterText !== null && filterText.length > MAX_FILTER_CHARS)
    throw new AppError('too-large', `A filter may have at most ${MAX_FILTER_CHARS} characters.`)
  const names = createNameLookup(schema, isCaseSensitive)
  return {
    tableUuid: metadata.tableUuid,
    snapshotId: snapshot?.snapshotId ?? null,
    schemaId: schema.schemaId,
    filterText,
    isCaseSensitive,
    statsFieldIds: request.statsFields.slice(0, MAX_STATS_FIELDS).flatMap((name) => names.findField(name)?.id ?? []),
  }
}

/**
 * The condition by which files are skipped. The client applies the filter to the rows, so a part of it that Lakeshore
 * cannot evaluate, such as a call of a function or `bucket[16](id) = 3`, skips nothing.
 *
 * @throws {AppError} invalid-request
 */
export function bindFilter(
  { filterText, schemaId, isCaseSensitive }: PlannedScan,
  metadata: TableMetadata,
): BoundPredicate {
  if (filterText === null) return { kind: 'true' }
  const schema = schemaOfId(metadata, schemaId)
  const predicate = parsePredicateJson(parseExactJson(filterText), { isInclusive: true })
  const normalized = normalizePredicate(predicate, createNameLookup(schema, isCaseSensitive))
  return bindPredicate(normalized, schema, { isTwoValued: true, isInclusive: true })
}

/** Opaque to clients. */
export function encodeScan(scan: PlannedScan, range: FileRange = { fromFile: 0, endFile: 0 }): string {
  const fields: z.input<typeof encoded> = [
    1,
    scan.tableUuid,
    scan.snapshotId,
    scan.schemaId,
    scan.filterText,
    scan.isCaseSensitive,
    [...scan.statsFieldIds],
    range.fromFile,
    range.endFile,
  ]
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}

/** @returns null for a text that is not of this table and schema, or not from a Lakeshore */
export function decodeScan(text: string, metadata: TableMetadata): (PlannedScan & { range: FileRange }) | null {
  const { data } = encoded.safeParse(parseJsonOrNull(Buffer.from(text, 'base64url').toString('utf8')))
  if (!data) return null
  const [, tableUuid, snapshotId, schemaId, filterText, isCaseSensitive, statsFieldIds, fromFile, endFile] = data
  if (tableUuid !== metadata.tableUuid || !metadata.schemas.some((schema) => schema.schemaId === schemaId)) return null
  const range = { fromFile, endFile }
  return { tableUuid, snapshotId, schemaId, filterText, isCaseSensitive, statsFieldIds, range }
}

type NameLookup = {
  /** Null for a name that no field certainly has, and for an unknown id. */
  findField(reference: ColumnReference): { id: number; name: string; type: Type } | null
}

function createNameLookup(schema: Schema, isCaseSensitive: boolean): NameLookup {
  const normalize = (name: string) => (isCaseSensitive ? name : name.toLowerCase())
  const fields = [...indexFields(schema).values()].map(({ field: { id, type }, path }) => ({
    id,
    type,
    name: path.join('.'),
  }))
  const byName = Map.groupBy(fields, ({ name }) => normalize(name))
  return {
    findField: (reference) => {
      if (typeof reference === 'number') return fields.find(({ id }) => id === reference) ?? null
      const [found, ...others] = byName.get(normalize(reference)) ?? []
      return others.length > 0 ? null : (found ?? null)
    },
  }
}

/** With the names of columns as the schema writes them, and literals in the specification's form. */
function normalizePredicate(predicate: Predicate, names: NameLookup): Predicate {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return predicate
    case 'not':
      return { kind: 'not', part: normalizePredicate(predicate.part, names) }
    case 'and':
    case 'or':
      return { kind: predicate.kind, parts: predicate.parts.map((part) => normalizePredicate(part, names)) }
    default: {
      const field = names.findField(predicate.column)
      if (field === null) return predicate
      const column = typeof predicate.column === 'number' ? field.id : field.name
      const normalize = (literal: Literal) => normalizeLiteral(literal, field.type)
      if ('value' in predicate) return { ...predicate, column, value: normalize(predicate.value) }
      if ('values' in predicate) return { ...predicate, column, values: predicate.values.map(normalize) }
      return { ...predicate, column }
    }
  }
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/

/**
 * Java's library writes dates and times as numbers if the engine did: days, and microseconds for every other type (see
 * `IntegerLiteral` and `LongLiteral`). PyIceberg writes floats as text.
 */
function normalizeLiteral(literal: Literal, type: Type): Literal {
  if (typeof type !== 'string') return literal
  const { kind } = parsePrimitive(type)
  if (typeof literal === 'string') {
    return (kind === 'float' || kind === 'double') && NUMBER.test(literal) ? new JsonNumber(literal) : literal
  }
  if ((typeof literal !== 'number' && typeof literal !== 'bigint') || !Number.isInteger(Number(literal))) return literal
  switch (kind) {
    case 'date':
      return formatValue(type, Number(literal))
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return formatValue(type, BigInt(literal))
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return formatValue(type, BigInt(literal) * 1_000n)
    default:
      return literal
  }
}
