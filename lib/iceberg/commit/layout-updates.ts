import { AppError } from '@/lib/errors'
import { findEqualSchema } from '../schema/find-equal-schema'
import type { CommitState, MetadataDraft } from './metadata-draft'
import { idAfter, nextId } from '../metadata/next-id'
import { FIRST_PARTITION_FIELD_ID } from '../partitioning/partition-spec-json'
import { highestFieldId, requireUniqueNames } from '../schema/schema'
import type { TableMetadata } from '../metadata/table-metadata'
import {
  requireFormatSupportsSchema,
  requireFormatSupportsSources,
  requireValidIdentifierFields,
  requireValidSortOrder,
  requireValidSpec,
} from '../metadata/table-rules'
import { parseTransform } from '../partitioning/transform'
import type { Schema } from '../schema/types'
import type { PartitionField, PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'
import { resolveLastAdded } from '../metadata/last-added'

/**
 * The updates that change a table's layout: schemas, partition specs, sort orders. One that equals an existing one is
 * not added twice.
 *
 * Spec: Iceberg table spec, *Schema Evolution*, *Partition Evolution*. All throw {AppError} invalid-request.
 */

export function addSchema(draft: MetadataDraft, commit: CommitState, schema: Schema): void {
  requireUniqueNames(schema)
  requireFormatSupportsSchema(schema, draft.formatVersion)
  requireValidIdentifierFields(schema)
  draft.lastColumnId = Math.max(draft.lastColumnId, highestFieldId(schema))
  const equal = findEqualSchema(draft.schemas, schema)
  const schemaId = equal?.schemaId ?? nextSchemaId(draft, commit)
  if (equal === undefined) draft.schemas = [...draft.schemas, { ...schema, schemaId }]
  commit.lastAddedSchemaId = schemaId
}

/** @throws also if one is the current schema or, once the commit is complete, if a snapshot was written with one */
export function removeSchemas(draft: MetadataDraft, commit: CommitState, schemaIds: readonly number[]): void {
  if (schemaIds.includes(draft.currentSchemaId)) {
    throw new AppError('invalid-request', 'Cannot remove the current schema', {
      facts: { schemaId: draft.currentSchemaId },
    })
  }
  const remaining = draft.schemas.filter(({ schemaId }) => !schemaIds.includes(schemaId))
  if (remaining.length === draft.schemas.length) return
  draft.schemas = remaining
  for (const schemaId of schemaIds) commit.removedSchemaIds.add(schemaId)
}

/** The client must make sure that no manifest needs one of them, because only the client reads manifests. */
export function removeSpecs(draft: MetadataDraft, commit: CommitState, specIds: readonly number[]): void {
  if (specIds.includes(draft.defaultSpecId)) {
    throw new AppError('invalid-request', 'Cannot remove the default partition spec', {
      facts: { specId: draft.defaultSpecId },
    })
  }
  const remaining = draft.partitionSpecs.filter(({ specId }) => !specIds.includes(specId))
  if (remaining.length === draft.partitionSpecs.length) return
  draft.partitionSpecs = remaining
  for (const specId of specIds) commit.removedSpecIds.add(specId)
}

/**
 * Skips ids of schemas that were just removed or that a snapshot refers to: the new schema would be mistaken for the
 * old one.
 */
function nextSchemaId({ schemas, snapshots }: MetadataDraft, { removedSchemaIds }: CommitState): number {
  const usedIds = snapshots.flatMap(({ schemaId }) => (schemaId === null ? [] : [schemaId]))
  return nextId([...schemas.map(({ schemaId }) => schemaId), ...usedIds, ...removedSchemaIds])
}

export function setCurrentSchema(draft: MetadataDraft, commit: CommitState, schemaId: number): void {
  draft.currentSchemaId = resolveLastAdded(schemaId, commit.lastAddedSchemaId, 'schema')
  requireCurrentSchema(draft)
}

export function addSpec(draft: MetadataDraft, commit: CommitState, spec: PartitionSpec): void {
  requireFormatSupportsSources(spec.fields, draft.formatVersion)
  requireValidSpec(spec, requireCurrentSchema(draft))
  const equal = draft.partitionSpecs.find((known) => hasSameFields(known.fields, spec.fields))
  const specId =
    equal?.specId ?? nextId([...draft.partitionSpecs.map((known) => known.specId), ...commit.removedSpecIds])
  if (equal === undefined) {
    draft.partitionSpecs = [...draft.partitionSpecs, { ...spec, specId, fields: assignFieldIds(draft, spec.fields) }]
  }
  commit.lastAddedSpecId = specId
}

export function setDefaultSpec(draft: MetadataDraft, commit: CommitState, specId: number): void {
  draft.defaultSpecId = resolveLastAdded(specId, commit.lastAddedSpecId, 'partition spec')
}

export function addSortOrder(draft: MetadataDraft, commit: CommitState, order: SortOrder): void {
  requireFormatSupportsSources(order.fields, draft.formatVersion)
  requireValidSortOrder(order, requireCurrentSchema(draft))
  const equal = draft.sortOrders.find((known) => isSameOrder(known, order))
  // 0 is reserved for "unsorted".
  const freshId = order.fields.length === 0 ? 0 : Math.max(1, nextId(draft.sortOrders.map((known) => known.orderId)))
  const orderId = equal?.orderId ?? freshId
  if (equal === undefined) draft.sortOrders = [...draft.sortOrders, { ...order, orderId }]
  commit.lastAddedSortOrderId = orderId
}

export function setDefaultSortOrder(draft: MetadataDraft, commit: CommitState, orderId: number): void {
  draft.defaultSortOrderId = resolveLastAdded(orderId, commit.lastAddedSortOrderId, 'sort order')
}

/**
 * Runs after all updates are applied, because a commit may add schema, spec and order in any order. Whether they fit
 * together is checked only if the commit changes one of them, because an existing table may have a layout that
 * Lakeshore does not support.
 *
 * @param before null for a new table
 */
export function requireValidLayout(draft: MetadataDraft, before: TableMetadata | null): void {
  const schema = requireCurrentSchema(draft)
  const spec = draft.partitionSpecs.find((known) => known.specId === draft.defaultSpecId)
  if (spec === undefined) throw unknownIdError('partition spec', draft.defaultSpecId)
  const order = draft.sortOrders.find((known) => known.orderId === draft.defaultSortOrderId)
  if (order === undefined) throw unknownIdError('sort order', draft.defaultSortOrderId)
  const isSameLayout =
    before !== null &&
    draft.currentSchemaId === before.currentSchemaId &&
    draft.defaultSpecId === before.defaultSpecId &&
    draft.defaultSortOrderId === before.defaultSortOrderId
  if (isSameLayout) return
  requireValidSpec({ ...spec, fields: spec.fields.filter(hasKnownTransform) }, schema)
  requireValidSortOrder({ ...order, fields: order.fields.filter(hasKnownTransform) }, schema)
}

/** A snapshot is read with the schema it was written with, so that schema must stay as long as the snapshot. */
export function requireSnapshotSchemas({ snapshots }: MetadataDraft, { removedSchemaIds }: CommitState): void {
  if (removedSchemaIds.size === 0) return
  const snapshot = snapshots.find(({ schemaId }) => schemaId !== null && removedSchemaIds.has(schemaId))
  if (snapshot === undefined) return
  const { schemaId, snapshotId } = snapshot
  throw new AppError('invalid-request', `Cannot remove the schema ${schemaId}, which snapshot ${snapshotId} uses`, {
    facts: { schemaId, snapshotId },
  })
}

function hasKnownTransform({ transform }: { transform: string }): boolean {
  return parseTransform(transform).kind !== 'unknown'
}

function requireCurrentSchema(draft: MetadataDraft): Schema {
  const schema = draft.schemas.find((known) => known.schemaId === draft.currentSchemaId)
  if (schema === undefined) throw unknownIdError('schema', draft.currentSchemaId)
  return schema
}

/**
 * Assigns the ids of the fields of a new spec, so that an id never means two things. A client that evolves a spec
 * numbers its fields itself: a field it retained, perhaps renamed, has its old id, a new field the next one. A field
 * that comes without an id, or that an earlier spec has, gets its id here. In v1 every spec numbers its fields from
 * 1000.
 */
function assignFieldIds(draft: MetadataDraft, fields: readonly PartitionField[]): PartitionField[] {
  if (draft.formatVersion === 1) {
    const numbered = fields.map((field, index) => ({ ...field, fieldId: FIRST_PARTITION_FIELD_ID + index }))
    draft.lastPartitionId = Math.max(draft.lastPartitionId, FIRST_PARTITION_FIELD_ID + fields.length - 1)
    return numbered
  }
  const known = draft.partitionSpecs.flatMap((spec) => spec.fields)
  const knownIds = fields.map((field) => reusableFieldId(field, known, draft.lastPartitionId))
  draft.lastPartitionId = knownIds.reduce<number>(
    (last, fieldId) => Math.max(last, fieldId ?? 0),
    draft.lastPartitionId,
  )
  const numbered = fields.map((field, index) => {
    const fieldId = knownIds[index] ?? idAfter(draft.lastPartitionId)
    draft.lastPartitionId = Math.max(draft.lastPartitionId, fieldId)
    return { ...field, fieldId }
  })
  if (new Set(numbered.map(({ fieldId }) => fieldId)).size < numbered.length) {
    throw new AppError('invalid-request', 'Two fields of the partition spec have the same id')
  }
  return numbered
}

/** Null if the field needs a new id. */
function reusableFieldId(
  field: PartitionField,
  known: readonly PartitionField[],
  lastPartitionId: number,
): number | null {
  const { fieldId, sourceId, transform, name } = field
  const withId = known.filter((other) => other.fieldId === fieldId)
  if (withId.some((other) => other.sourceId === sourceId && isSameValue(other.transform, transform))) return fieldId
  const equal = known.find(
    (other) => other.sourceId === sourceId && other.transform === transform && other.name === name,
  )
  if (equal !== undefined) return equal.fieldId
  if (fieldId < FIRST_PARTITION_FIELD_ID) return null
  if (fieldId > lastPartitionId) return fieldId
  throw new AppError(
    'commit-conflict',
    `The id ${fieldId} of the partition field ${name} is already taken, please retry`,
    {
      facts: { fieldId, current: lastPartitionId },
    },
  )
}

/** A field that is no longer written becomes void and keeps its id. */
function isSameValue(transform: string, other: string): boolean {
  const isVoid = (text: string): boolean => parseTransform(text).kind === 'void'
  return transform === other || isVoid(transform) || isVoid(other)
}

function hasSameFields(a: readonly PartitionField[], b: readonly PartitionField[]): boolean {
  return (
    a.length === b.length &&
    a.every((field, index) => {
      const other = b[index]
      return field.sourceId === other?.sourceId && field.name === other.name && field.transform === other.transform
    })
  )
}

function isSameOrder(a: SortOrder, b: SortOrder): boolean {
  const key = ({ fields }: SortOrder): string =>
    fields.map((field) => [field.sourceId, field.transform, field.direction, field.nullOrder].join()).join(';')
  return key(a) === key(b)
}

function unknownIdError(kind: string, id: number): AppError {
  return new AppError('invalid-request', `The table has no ${kind} ${id}`, { facts: { id } })
}
