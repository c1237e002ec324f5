import { AppError } from '@/lib/errors'
import { defaultSpec } from '../../iceberg/metadata/current-layout'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { PartitionField } from '../../iceberg/partitioning/partition-spec'
import { FIRST_PARTITION_FIELD_ID } from '../../iceberg/partitioning/partition-spec-json'
import { normalizeTransform, parseTransform } from '../../iceberg/partitioning/transform'
import { requireName } from './column-edits'
import { isSameTerm, isTimeTransform, requireDistinctFieldName, requireValues } from './layout-rules'
import type { TableDraft } from './table-draft'

/**
 * Changes the partition spec of a draft.
 *
 * Spec: Iceberg table spec, *Partition Evolution*.
 */

const VOID = 'void'

/** The name of a partition field as text of a comparison. */
export function comparePartitionField(
  metadata: TableMetadata,
  fieldId: number,
  base: string,
  requested: string | null,
) {
  return { base, current: rebasePartitionField(metadata, fieldId)?.name ?? null, requested }
}

/** The field as it is now; null when new data is no longer partitioned by it. */
export function rebasePartitionField(metadata: TableMetadata, fieldId: number): PartitionField | null {
  const field = defaultSpec(metadata).fields.find((one) => one.fieldId === fieldId)
  return field && !isVoid(field) ? field : null
}

/**
 * A field that an earlier spec had gets its id again, as the specification asks for.
 *
 * @throws {AppError} already-exists for a name or a transform of the same column that the spec has, and for a name that
 *   differs from another one in case alone; not-found for a
 *   column that is gone; invalid-request for a second time transform of the column in one commit. Whether the transform fits the column is checked with the whole draft.
 */
export function addPartitionField(
  draft: TableDraft,
  { sourceId, transform: text, name }: Pick<PartitionField, 'sourceId' | 'transform' | 'name'>,
): void {
  const transform = normalizeTransform(text)
  requireName(name, 'partition field')
  requireValues(transform, 'partition')
  const same = draft.partitionFields.find((field) => isSameTerm(field, { sourceId, transform }))
  if (same) {
    throw new AppError('already-exists', `The table is partitioned by ${same.name} in this way already.`, {
      facts: { partitionField: same.name },
    })
  }
  requireOneTimeField(draft, { sourceId, transform })
  requireDistinctFieldName(draft.partitionFields, draft.schema, { sourceId, transform, name })
  draft.partitionFields = [
    ...withFreeName(draft.partitionFields, name),
    { sourceId, transform, name, fieldId: formerFieldId(draft, { sourceId, transform }) ?? nextFieldId(draft) },
  ]
}

/**
 * With two time fields of one column, the coarser is redundant. As in Iceberg's own libraries, one commit cannot add
 * both; a table may have one and get the other.
 */
function requireOneTimeField(
  { base, partitionFields }: TableDraft,
  { sourceId, transform }: Pick<PartitionField, 'sourceId' | 'transform'>,
): void {
  if (!isTimeTransform(transform)) return
  const before = new Set(defaultSpec(base).fields.map(({ fieldId }) => fieldId))
  const other = partitionFields.find(
    (field) => field.sourceId === sourceId && isTimeTransform(field.transform) && !before.has(field.fieldId),
  )
  if (!other) return
  throw new AppError(
    'invalid-request',
    `Partitioning by both ${other.transform} and ${transform} of one column is redundant. Remove ${other.name} first.`,
    { facts: { partitionField: other.name } },
  )
}

/** In format version 1 the field stays, without values, so that the other fields keep their ids. */
export function removePartitionField(draft: TableDraft, fieldId: number): void {
  requirePartitionField(draft, fieldId)
  draft.partitionFields =
    draft.base.formatVersion === 1
      ? draft.partitionFields.map((field) => (field.fieldId === fieldId ? { ...field, transform: VOID } : field))
      : draft.partitionFields.filter((field) => field.fieldId !== fieldId)
}

export function renamePartitionField(draft: TableDraft, fieldId: number, name: string): void {
  requireName(name, 'partition field')
  const { sourceId, transform } = requirePartitionField(draft, fieldId)
  const others = draft.partitionFields.filter((field) => field.fieldId !== fieldId)
  requireDistinctFieldName(others, draft.schema, { sourceId, transform, name })
  const freed = new Map(withFreeName(others, name).map((field) => [field.fieldId, field]))
  draft.partitionFields = draft.partitionFields.map((field) =>
    field.fieldId === fieldId ? { ...field, name } : (freed.get(field.fieldId) ?? field),
  )
}

/**
 * The fields to remove and then to add so that the spec becomes an earlier one; null when this leads to another spec.
 */
export function returnToFields(
  draft: TableDraft,
  specId: number,
): { removed: readonly PartitionField[]; added: readonly PartitionField[] } | null {
  const requested = draft.base.partitionSpecs.find((spec) => spec.specId === specId)?.fields ?? []
  const isIn = (fields: readonly PartitionField[], one: PartitionField) =>
    fields.some(
      (field) => field.fieldId === one.fieldId && field.name === one.name && field.transform === one.transform,
    )
  const retained = draft.partitionFields.filter((field) => isIn(requested, field))
  const removed = draft.partitionFields.filter((field) => !isIn(requested, field))
  const added = requested.filter((field) => !isIn(draft.partitionFields, field))
  const reached = [...retained, ...added]
  const isReached = reached.every((field, i) => field.fieldId === requested[i]?.fieldId)
  // Format version 1 keeps removed fields, without values.
  const isPossible = draft.base.formatVersion > 1 || (removed.length === 0 && !added.some(isVoid))
  return isReached && isPossible ? { removed, added } : null
}

/** @throws {AppError} already-exists for a name that a field has which still has values */
function withFreeName(fields: readonly PartitionField[], name: string): PartitionField[] {
  return fields.map((field) => {
    if (field.name !== name) return field
    if (isVoid(field)) return { ...field, name: `${name}_${field.fieldId}` }
    throw new AppError('already-exists', `There is already a partition field ${name}.`, {
      facts: { partitionField: name },
    })
  })
}

/** @throws {AppError} not-found when new data is no longer partitioned by it */
export function requirePartitionField({ partitionFields }: TableDraft, fieldId: number): PartitionField {
  const found = partitionFields.find((field) => field.fieldId === fieldId && !isVoid(field))
  if (found) return found
  throw new AppError('not-found', 'The table is no longer partitioned by this field.', { facts: { fieldId } })
}

function formerFieldId(
  { base, partitionFields }: TableDraft,
  { sourceId, transform }: Pick<PartitionField, 'sourceId' | 'transform'>,
): number | null {
  if (base.formatVersion === 1) return null
  const former = base.partitionSpecs
    .flatMap(({ fields }) => fields)
    .find((field) => isSameTerm(field, { sourceId, transform }))
  return former && !partitionFields.some(({ fieldId }) => fieldId === former.fieldId) ? former.fieldId : null
}

function nextFieldId(draft: TableDraft): number {
  draft.lastPartitionId = Math.max(draft.lastPartitionId + 1, FIRST_PARTITION_FIELD_ID)
  return draft.lastPartitionId
}

function isVoid({ transform }: PartitionField): boolean {
  return parseTransform(transform).kind === 'void'
}
