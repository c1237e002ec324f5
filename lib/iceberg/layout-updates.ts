import { AppError } from '@/lib/errors'
import { stringifyExactJson } from './exact-json'
import type { CommitSoFar, MetadataDraft } from './metadata-draft'
import { FIRST_PARTITION_FIELD_ID } from './partition-spec-json'
import { highestFieldId, indexFields, refuseTwinNames } from './schema'
import { schemaToJson } from './schema-json'
import type { PartitionField, PartitionSpec, SortOrder, TableMetadata } from './table-metadata'
import { requireSortOrderFits, requireSpecFits, requireTypesOfFormat } from './table-rules'
import { parseTransform } from './transform'
import type { Schema } from './types'

/**
 * The updates that change how a table is laid out: schemas, partition specs, sort orders. What is equal to one the
 * table has already is not added twice.
 *
 * Spec: Iceberg table spec, *Schema Evolution*, *Partition Evolution*. All throw {AppError} invalid-request.
 */

const LAST_ADDED = -1

export function addSchema(draft: MetadataDraft, commit: CommitSoFar, schema: Schema): void {
  refuseTwinNames(schema)
  requireTypesOfFormat(schema, draft.formatVersion)
  const fields = indexFields(schema)
  for (const fieldId of schema.identifierFieldIds) {
    if (!fields.has(fieldId)) {
      throw new AppError('invalid-request', `The identifier field ${fieldId} is not in the schema`, {
        facts: { fieldId },
      })
    }
  }
  draft.lastColumnId = Math.max(draft.lastColumnId, highestFieldId(schema))
  const equal = draft.schemas.find((known) => contentOf(known) === contentOf(schema))
  const schemaId = equal?.schemaId ?? nextId(draft.schemas.map((known) => known.schemaId))
  if (equal === undefined) draft.schemas = [...draft.schemas, { ...schema, schemaId }]
  commit.lastAddedSchemaId = schemaId
}

export function setCurrentSchema(draft: MetadataDraft, commit: CommitSoFar, schemaId: number): void {
  draft.currentSchemaId = chosen(schemaId, commit.lastAddedSchemaId, 'schema')
  currentSchemaOf(draft)
}

export function addSpec(draft: MetadataDraft, commit: CommitSoFar, spec: PartitionSpec): void {
  requireSpecFits(spec, currentSchemaOf(draft))
  const equal = draft.partitionSpecs.find((known) => haveEqualFields(known.fields, spec.fields))
  const specId = equal?.specId ?? nextId(draft.partitionSpecs.map((known) => known.specId))
  if (equal === undefined) {
    draft.partitionSpecs = [...draft.partitionSpecs, { ...spec, specId, fields: withFieldIds(draft, spec.fields) }]
  }
  commit.lastAddedSpecId = specId
}

export function setDefaultSpec(draft: MetadataDraft, commit: CommitSoFar, specId: number): void {
  draft.defaultSpecId = chosen(specId, commit.lastAddedSpecId, 'partition spec')
}

export function addSortOrder(draft: MetadataDraft, commit: CommitSoFar, order: SortOrder): void {
  requireSortOrderFits(order, currentSchemaOf(draft))
  const equal = draft.sortOrders.find((known) => haveEqualOrder(known, order))
  // 0 is kept for "unsorted".
  const freshId = order.fields.length === 0 ? 0 : Math.max(1, nextId(draft.sortOrders.map((known) => known.orderId)))
  const orderId = equal?.orderId ?? freshId
  if (equal === undefined) draft.sortOrders = [...draft.sortOrders, { ...order, orderId }]
  commit.lastAddedSortOrderId = orderId
}

export function setDefaultSortOrder(draft: MetadataDraft, commit: CommitSoFar, orderId: number): void {
  draft.defaultSortOrderId = chosen(orderId, commit.lastAddedSortOrderId, 'sort order')
}

/**
 * Checked once all updates are applied, since a commit may bring schema, spec and order in any order; and only where
 * it changes one of them, since a table may come with a layout that this program does not understand.
 */
export function requireLayoutHolds(draft: MetadataDraft, before: TableMetadata): void {
  const isSame =
    draft.currentSchemaId === before.currentSchemaId &&
    draft.defaultSpecId === before.defaultSpecId &&
    draft.defaultSortOrderId === before.defaultSortOrderId
  if (isSame) return
  const schema = currentSchemaOf(draft)
  const spec = draft.partitionSpecs.find((known) => known.specId === draft.defaultSpecId)
  if (spec === undefined) throw unknownId('partition spec', draft.defaultSpecId)
  const order = draft.sortOrders.find((known) => known.orderId === draft.defaultSortOrderId)
  if (order === undefined) throw unknownId('sort order', draft.defaultSortOrderId)
  requireSpecFits({ ...spec, fields: spec.fields.filter(isUnderstood) }, schema)
  requireSortOrderFits({ ...order, fields: order.fields.filter(isUnderstood) }, schema)
}

function isUnderstood({ transform }: { transform: string }): boolean {
  return parseTransform(transform).kind !== 'unknown'
}

function currentSchemaOf(draft: MetadataDraft): Schema {
  const schema = draft.schemas.find((known) => known.schemaId === draft.currentSchemaId)
  if (schema === undefined) throw unknownId('schema', draft.currentSchemaId)
  return schema
}

/**
 * A field that some spec of the table had before keeps its id; any other gets the next free one, so that an id never
 * means two things. In v1 the ids of every spec count from 1000.
 */
function withFieldIds(draft: MetadataDraft, fields: readonly PartitionField[]): PartitionField[] {
  if (draft.formatVersion === 1) {
    const numbered = fields.map((field, index) => ({ ...field, fieldId: FIRST_PARTITION_FIELD_ID + index }))
    draft.lastPartitionId = Math.max(draft.lastPartitionId, FIRST_PARTITION_FIELD_ID + fields.length - 1)
    return numbered
  }
  const known = draft.partitionSpecs.flatMap((spec) => spec.fields)
  return fields.map((field) => {
    const earlier = known.find(
      ({ sourceId, transform, name }) =>
        sourceId === field.sourceId && transform === field.transform && name === field.name,
    )
    if (earlier !== undefined) return { ...field, fieldId: earlier.fieldId }
    draft.lastPartitionId += 1
    return { ...field, fieldId: draft.lastPartitionId }
  })
}

function haveEqualFields(a: readonly PartitionField[], b: readonly PartitionField[]): boolean {
  return (
    a.length === b.length &&
    a.every((field, index) => {
      const other = b[index]
      return field.sourceId === other?.sourceId && field.name === other.name && field.transform === other.transform
    })
  )
}

function haveEqualOrder(a: SortOrder, b: SortOrder): boolean {
  const key = ({ fields }: SortOrder): string =>
    fields.map((field) => [field.sourceId, field.transform, field.direction, field.nullOrder].join()).join(';')
  return key(a) === key(b)
}

function contentOf(schema: Schema): string {
  const identifierFieldIds = schema.identifierFieldIds.toSorted((a, b) => a - b)
  return stringifyExactJson(schemaToJson({ ...schema, schemaId: 0, identifierFieldIds }))
}

function nextId(ids: readonly number[]): number {
  return ids.reduce((highest, id) => Math.max(highest, id), -1) + 1
}

function chosen(id: number, lastAdded: number | null, what: string): number {
  if (id !== LAST_ADDED) return id
  if (lastAdded === null) throw new AppError('invalid-request', `The commit adds no ${what} that could be chosen`)
  return lastAdded
}

function unknownId(what: string, id: number): AppError {
  return new AppError('invalid-request', `The table has no ${what} ${id}`, { facts: { id } })
}
