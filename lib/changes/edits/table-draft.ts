import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '../../iceberg/json/exact-json'
import type { Json } from '../../iceberg/json/json'
import { currentSchema, defaultSortOrder, defaultSpec } from '../../iceberg/metadata/current-layout'
import { nextId } from '../../iceberg/metadata/next-id'
import { refToJson } from '../../iceberg/metadata/snapshot-json'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import {
  requireFormatSupportsSchema,
  requireFormatSupportsSources,
  requireValidIdentifierFields,
  requireValidSortOrder,
  requireValidSpec,
} from '../../iceberg/metadata/table-rules'
import type { PartitionField } from '../../iceberg/partitioning/partition-spec'
import { partitionSpecToJson, sortOrderToJson } from '../../iceberg/partitioning/partition-spec-json'
import type { SortField } from '../../iceberg/partitioning/sort-order'
import { propertyValue } from '../../iceberg/properties/property-value'
import { followSchema } from '../../iceberg/schema/follow-schema'
import { NAME_MAPPING_PROPERTY } from '../../iceberg/properties/name-mapping'
import { findEqualSchema } from '../../iceberg/schema/find-equal-schema'
import { requireUniqueNames } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'
import type { TableChange, TableUpdate, UpdateRequirement } from '../../iceberg/commit/table-update'

/**
 * A table as it would be, while intents are carried out one after the other. {@link changeOfDraft} is the request to
 * the catalog: the difference from the table as it is.
 */
export type TableDraft = {
  readonly base: TableMetadata
  formatVersion: TableMetadata['formatVersion']
  /** With the id of the current schema, until it is committed. */
  schema: Schema
  lastColumnId: number
  partitionFields: readonly PartitionField[]
  lastPartitionId: number
  sortFields: readonly SortField[]
  readonly properties: Map<string, string>
  readonly refs: Map<string, SnapshotRef>
  /** Refs of which the commit requires that they are where the person saw them; null: not there. */
  readonly seenRefs: Map<string, string | null>
  readonly removedSnapshotIds: Set<string>
}

export function draftOf(metadata: TableMetadata): TableDraft {
  return {
    base: metadata,
    formatVersion: metadata.formatVersion,
    schema: currentSchema(metadata),
    lastColumnId: metadata.lastColumnId,
    partitionFields: defaultSpec(metadata).fields,
    lastPartitionId: metadata.lastPartitionId,
    sortFields: defaultSortOrder(metadata).fields,
    properties: new Map(Object.entries(metadata.properties)),
    refs: new Map(Object.entries(metadata.refs)),
    seenRefs: new Map(),
    removedSnapshotIds: new Set(),
  }
}

/** A draft that changes by itself. */
export function copyDraft(draft: TableDraft): TableDraft {
  return {
    ...draft,
    properties: new Map(draft.properties),
    refs: new Map(draft.refs),
    seenRefs: new Map(draft.seenRefs),
    removedSnapshotIds: new Set(draft.removedSnapshotIds),
  }
}

/**
 * The commit that turns the table into the draft. If it changes the schema, the partition spec or the sort order, it
 * requires that the table still has the one of the draft's base.
 *
 * @throws {AppError} invalid-request when schema, partition spec and sort order do not fit together
 */
export function changeOfDraft(draft: TableDraft): TableChange {
  const parts = [formatChange(draft), schemaChange(draft), specChange(draft), orderChange(draft), propertyChange(draft)]
  // A snapshot goes after the refs that named it.
  parts.push(refChange(draft), removalChange(draft))
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: draft.base.tableUuid },
      ...parts.flatMap(({ requirements }) => requirements),
    ],
    updates: parts.flatMap(({ updates }) => updates),
  }
}

const NO_CHANGE: TableChange = { requirements: [], updates: [] }

function formatChange({ base, formatVersion }: TableDraft): TableChange {
  if (formatVersion === base.formatVersion) return NO_CHANGE
  return { requirements: [], updates: [{ action: 'upgrade-format-version', formatVersion }] }
}

function schemaChange(draft: TableDraft): TableChange {
  const { base, schema, lastColumnId } = draft
  const before = currentSchema(base)
  if (findEqualSchema([before], schema)) return NO_CHANGE
  if (schema.fields.length === 0) throw new AppError('invalid-request', 'A table needs at least one column.')
  requireUniqueNames(schema)
  requireFormatSupportsSchema(schema, draft.formatVersion)
  requireValidIdentifierFields(schema)
  followNames(draft, before)
  const requirements: UpdateRequirement[] = [
    { type: 'assert-current-schema-id', currentSchemaId: base.currentSchemaId },
  ]
  // A schema that the table has had is chosen by its id, so that data files of that time are read with it.
  const known = findEqualSchema(base.schemas, schema)
  if (known) return { requirements, updates: [{ action: 'set-current-schema', schemaId: known.schemaId }] }
  if (lastColumnId !== base.lastColumnId) {
    requirements.push({ type: 'assert-last-assigned-field-id', lastAssignedFieldId: base.lastColumnId })
  }
  const schemaId = nextId(base.schemas.map((one) => one.schemaId))
  return {
    requirements,
    updates: [
      { action: 'add-schema', schema: { ...schema, schemaId } },
      { action: 'set-current-schema', schemaId: -1 },
    ],
  }
}

/** Data files without field ids are read by names, which have to follow the schema. */
function followNames({ properties, schema }: TableDraft, before: Schema): void {
  const mapping = properties.get(NAME_MAPPING_PROPERTY)
  if (mapping !== undefined) properties.set(NAME_MAPPING_PROPERTY, followSchema(mapping, before, schema))
}

function specChange({ base, schema, partitionFields, lastPartitionId, formatVersion }: TableDraft): TableChange {
  const before = defaultSpec(base)
  // Another schema can break a spec that stays.
  requireValidSpec({ ...before, fields: partitionFields }, schema)
  if (hasSamePartitioning(before.fields, partitionFields)) return NO_CHANGE
  requireFormatSupportsSources(partitionFields, formatVersion)
  const requirements: UpdateRequirement[] = [{ type: 'assert-default-spec-id', defaultSpecId: base.defaultSpecId }]
  const known = base.partitionSpecs.find(({ fields }) => hasSamePartitioning(fields, partitionFields))
  if (known) return { requirements, updates: [{ action: 'set-default-spec', specId: known.specId }] }
  if (lastPartitionId !== base.lastPartitionId) {
    requirements.push({ type: 'assert-last-assigned-partition-id', lastAssignedPartitionId: base.lastPartitionId })
  }
  const specId = nextId(base.partitionSpecs.map((one) => one.specId))
  return {
    requirements,
    updates: [
      { action: 'add-spec', spec: { specId, fields: partitionFields } },
      { action: 'set-default-spec', specId: -1 },
    ],
  }
}

function orderChange({ base, schema, sortFields, formatVersion }: TableDraft): TableChange {
  const before = defaultSortOrder(base)
  requireValidSortOrder({ ...before, fields: sortFields }, schema)
  if (hasSameOrder(before.fields, sortFields)) return NO_CHANGE
  requireFormatSupportsSources(sortFields, formatVersion)
  const requirements: UpdateRequirement[] = [
    { type: 'assert-default-sort-order-id', defaultSortOrderId: base.defaultSortOrderId },
  ]
  const known = base.sortOrders.find(({ fields }) => hasSameOrder(fields, sortFields))
  if (known) return { requirements, updates: [{ action: 'set-default-sort-order', sortOrderId: known.orderId }] }
  // 0 is the order of an unsorted table, by the specification.
  const orderId = sortFields.length === 0 ? 0 : Math.max(1, nextId(base.sortOrders.map((one) => one.orderId)))
  return {
    requirements,
    updates: [
      { action: 'add-sort-order', sortOrder: { orderId, fields: sortFields } },
      { action: 'set-default-sort-order', sortOrderId: -1 },
    ],
  }
}

function propertyChange({ base, properties }: TableDraft): TableChange {
  const sets = [...properties].filter(([key, value]) => propertyValue(base.properties, key) !== value)
  const removals = Object.keys(base.properties).filter((key) => !properties.has(key))
  const updates: TableUpdate[] = []
  if (sets.length > 0) updates.push({ action: 'set-properties', updates: Object.fromEntries(sets) })
  if (removals.length > 0) updates.push({ action: 'remove-properties', removals })
  return { requirements: [], updates }
}

function refChange({ base, refs, seenRefs }: TableDraft): TableChange {
  const added = [...refs].filter(([name, ref]) => {
    const before = propertyValue(base.refs, name)
    return before === null || !isSame(refToJson(before), refToJson(ref))
  })
  const removed = Object.keys(base.refs).filter((name) => !refs.has(name))
  return {
    requirements: [...seenRefs].map(([ref, snapshotId]) => ({ type: 'assert-ref-snapshot-id', ref, snapshotId })),
    updates: [
      ...removed.map((refName): TableUpdate => ({ action: 'remove-snapshot-ref', refName })),
      // New refs come first: a tag has to keep the old tip before its branch moves.
      ...added
        .toSorted(([a], [b]) => Number(Object.hasOwn(base.refs, a)) - Number(Object.hasOwn(base.refs, b)))
        .map(([refName, ref]): TableUpdate => ({ ...ref, action: 'set-snapshot-ref', refName })),
    ],
  }
}

function removalChange({ removedSnapshotIds }: TableDraft): TableChange {
  if (removedSnapshotIds.size === 0) return NO_CHANGE
  return { requirements: [], updates: [{ action: 'remove-snapshots', snapshotIds: [...removedSnapshotIds] }] }
}

function hasSamePartitioning(a: readonly PartitionField[], b: readonly PartitionField[]): boolean {
  return isSame(partitionSpecToJson({ specId: 0, fields: a }), partitionSpecToJson({ specId: 0, fields: b }))
}

function hasSameOrder(a: readonly SortField[], b: readonly SortField[]): boolean {
  return isSame(sortOrderToJson({ orderId: 0, fields: a }), sortOrderToJson({ orderId: 0, fields: b }))
}

function isSame(a: Json, b: Json): boolean {
  return stringifyExactJson(a) === stringifyExactJson(b)
}
