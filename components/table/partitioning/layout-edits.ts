import type { AddPartitionField } from '@/lib/changes/intents/add-partition-field/describe'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import { putIntent } from '@/lib/changes/intents/pending-intents'
import type { RequestedSortField } from '@/lib/changes/intents/replace-sort-order/describe'
import { defaultFieldName, type LayoutCandidate } from '@/lib/layout/offered-transforms'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PartitionField } from '@/lib/iceberg/partitioning/partition-spec'
import { parseTransform } from '@/lib/iceberg/partitioning/transform'
import { indexFields } from '@/lib/iceberg/schema/schema'

/**
 * Edits of the partition spec and the sort order as changes of the tray. An existing field is renamed or removed; each
 * new one is a separate change. The sort order is replaced as a whole.
 */

type Intents = readonly Intent[]

/** Fields with values, of the spec that the table has. */
export function currentFields(metadata: TableMetadata): PartitionField[] {
  return defaultSpec(metadata).fields.filter(({ transform }) => parseTransform(transform).kind !== 'void')
}

/** The new name of a field that the table has, whether it is removed. */
export function pendingField(intents: Intents, fieldId: number): { name: string | null; isRemoved: boolean } {
  const rename = intents.find((one) => one.kind === 'rename-partition-field' && one.fieldId === fieldId)
  return {
    name: rename?.kind === 'rename-partition-field' ? rename.name : null,
    isRemoved: intents.some((one) => one.kind === 'remove-partition-field' && one.fieldId === fieldId),
  }
}

export function addedFields(intents: Intents): AddPartitionField[] {
  return intents.filter((one) => one.kind === 'add-partition-field')
}

export function renameField(intents: Intents, { fieldId, name: base }: PartitionField, name: string): Intents {
  const intent: Intent = { kind: 'rename-partition-field', fieldId, name, base }
  return name === base ? without(intents, intent) : putIntent(intents, intent)
}

export function removeField(intents: Intents, { fieldId, name }: PartitionField): Intents {
  return putIntent(intents, { kind: 'remove-partition-field', fieldId, name })
}

export function restoreField(intents: Intents, { fieldId, name }: PartitionField): Intents {
  return without(intents, { kind: 'remove-partition-field', fieldId, name })
}

/** Retains a field that the table has instead of adding it again. */
export function addField(metadata: TableMetadata, intents: Intents, field: LayoutCandidate[number]): Intents {
  const known = currentFields(metadata).find(
    ({ sourceId, transform }) => sourceId === field.sourceId && transform === field.transform,
  )
  if (known && pendingField(intents, known.fieldId).isRemoved) return restoreField(intents, known)
  return putIntent(intents, newField(metadata, field))
}

/** Its name follows the column and the transform until the user types another name. */
export function changeNewField(
  metadata: TableMetadata,
  intents: Intents,
  before: AddPartitionField,
  next: LayoutCandidate[number],
): Intents {
  const isDefault = before.name === freeFieldName(metadata, before.source, before.transform)
  const changed = newField(metadata, next)
  return replace(intents, before, isDefault ? changed : { ...changed, name: before.name })
}

export function renameNewField(intents: Intents, before: AddPartitionField, name: string): Intents {
  return replace(intents, before, { ...before, name })
}

export function dropNewField(intents: Intents, before: AddPartitionField): Intents {
  return without(intents, before)
}

/** Makes the spec that of a candidate and retains the fields that both have. */
export function applyCandidate(metadata: TableMetadata, intents: Intents, candidate: LayoutCandidate): Intents {
  const others = intents.filter((one) => !isSpecIntent(one))
  const fields = currentFields(metadata)
  const isSame = (field: PartitionField, requested: LayoutCandidate[number]) =>
    field.sourceId === requested.sourceId && field.transform === requested.transform
  return [
    ...others,
    ...fields
      .filter((field) => !candidate.some((requested) => isSame(field, requested)))
      .map(({ fieldId, name }): Intent => ({ kind: 'remove-partition-field', fieldId, name })),
    ...candidate
      .filter((requested) => !fields.some((field) => isSame(field, requested)))
      .map((requested) => newField(metadata, requested)),
  ]
}

export function returnToSpec(metadata: TableMetadata, intents: Intents, specId: number): Intents {
  const intent: Intent = { kind: 'set-default-spec', specId, base: metadata.defaultSpecId }
  return [...intents.filter((one) => !isSpecIntent(one)), intent]
}

export function isSpecIntent({ kind }: Intent): boolean {
  return (
    kind === 'add-partition-field' ||
    kind === 'remove-partition-field' ||
    kind === 'rename-partition-field' ||
    kind === 'set-default-spec'
  )
}

/** The sort fields as the tray makes them, with the names of their columns. */
export function requestedSortFields(metadata: TableMetadata, intents: Intents): readonly RequestedSortField[] {
  const replaced = intents.find((one) => one.kind === 'replace-sort-order')
  return replaced?.kind === 'replace-sort-order' ? replaced.fields : baseSortFields(metadata)
}

export function baseSortFields(metadata: TableMetadata): RequestedSortField[] {
  return defaultSortOrder(metadata).fields.map(({ sourceId, transform, direction, nullOrder }) => ({
    sourceId,
    transform,
    direction,
    nullOrder,
    source: pathOf(metadata, sourceId),
  }))
}

export function replaceSortFields(
  metadata: TableMetadata,
  intents: Intents,
  fields: readonly RequestedSortField[],
): Intents {
  const intent: Intent = { kind: 'replace-sort-order', fields, base: metadata.defaultSortOrderId }
  const isSame = sortKey(fields) === sortKey(baseSortFields(metadata))
  const others = intents.filter((one) => one.kind !== 'set-default-sort-order')
  return isSame ? without(others, intent) : putIntent(others, intent)
}

export function newSortField(metadata: TableMetadata, field: LayoutCandidate[number]): RequestedSortField {
  return { ...field, source: pathOf(metadata, field.sourceId), direction: 'asc', nullOrder: 'nulls-first' }
}

function sortKey(fields: readonly RequestedSortField[]): string {
  return JSON.stringify(
    fields.map(({ sourceId, transform, direction, nullOrder }) => [sourceId, transform, direction, nullOrder]),
  )
}

function newField(metadata: TableMetadata, { sourceId, transform }: LayoutCandidate[number]): AddPartitionField {
  const source = pathOf(metadata, sourceId)
  return { kind: 'add-partition-field', sourceId, source, transform, name: freeFieldName(metadata, source, transform) }
}

/** Iceberg's own name for the field, with a number if a column has it: a partition field cannot be named like one. */
function freeFieldName(metadata: TableMetadata, path: readonly string[], transform: string): string {
  const name = defaultFieldName(path, transform)
  const taken = new Set(currentSchema(metadata).fields.map((field) => field.name))
  if (transform === 'identity' || !taken.has(name)) return name
  for (let i = 2; ; i += 1) if (!taken.has(`${name}_${i}`)) return `${name}_${i}`
}

function pathOf(metadata: TableMetadata, sourceId: number): readonly string[] {
  return indexFields(currentSchema(metadata)).get(sourceId)?.path ?? [`field ${sourceId}`]
}

function without(intents: Intents, intent: Intent): Intents {
  return intents.filter((one) => intentTarget(one) !== intentTarget(intent))
}

function replace(intents: Intents, before: Intent, after: Intent): Intents {
  return intents.map((one) => (intentTarget(one) === intentTarget(before) ? after : one))
}
