import * as z from 'zod'
import { MAX_PROPERTY_NAME_CHARS } from '../../iceberg/text-limits'
import { MAX_EXPIRED_SNAPSHOTS } from './expire-snapshots/describe'
import type { IntentKind, IntentOf } from './intent'
import {
  after,
  columnTarget,
  defaultText,
  docText,
  earlierProperty,
  fieldId,
  nameText,
  removalWindow,
  retention,
  safetyTag,
  snapshotId,
} from './shapes'

/** The most branches and tags that one expiry names. */
const MAX_REFS = 10_000

const columnIds = z.array(fieldId).max(1000).readonly()

/**
 * Each kind of intent as it arrives from outside; the commit checks its parts against the table. Pages load all of them
 * with the contract, and `change.ts` only where they stage intents, so the two are apart.
 */
const SHAPES = {
  'add-column': z.object({
    kind: z.literal('add-column'),
    parentId: fieldId.nullable(),
    parent: z.array(nameText).max(100).readonly(),
    name: nameText,
    type: z.string().max(65_536),
    required: z.boolean(),
    doc: docText.nullable(),
    initialDefault: defaultText.nullable(),
    writeDefault: defaultText.nullable(),
    after,
  }),
  'add-partition-field': z.object({
    kind: z.literal('add-partition-field'),
    sourceId: fieldId,
    source: z.array(nameText).min(1).max(100).readonly(),
    transform: z.string().max(1000),
    name: nameText,
  }),
  'change-column-type': z.object({
    kind: z.literal('change-column-type'),
    ...columnTarget,
    type: z.string().max(1000),
    base: z.string().max(1000),
  }),
  'create-ref': z.object({
    kind: z.literal('create-ref'),
    refName: nameText,
    type: z.enum(['branch', 'tag']),
    snapshotId,
    retention,
  }),
  'drop-column': z.object({
    kind: z.literal('drop-column'),
    ...columnTarget,
  }),
  'drop-ref': z.object({
    kind: z.literal('drop-ref'),
    refName: nameText,
    type: z.enum(['branch', 'tag']),
    snapshotId,
    safetyTag,
  }),
  'expire-snapshots': z.object({
    kind: z.literal('expire-snapshots'),
    snapshotIds: z.array(snapshotId).max(MAX_EXPIRED_SNAPSHOTS).readonly(),
    refNames: z.array(nameText).max(MAX_REFS).readonly(),
    refs: z
      .array(z.object({ name: nameText, snapshotId }))
      .max(MAX_REFS)
      .readonly(),
    removeFilesAfterMs: removalWindow,
  }),
  'fast-forward': z.object({
    kind: z.literal('fast-forward'),
    refName: nameText,
    fromSnapshotId: snapshotId,
    toRefName: nameText,
    toSnapshotId: snapshotId,
  }),
  'make-column-optional': z.object({
    kind: z.literal('make-column-optional'),
    ...columnTarget,
  }),
  'move-column': z.object({
    kind: z.literal('move-column'),
    ...columnTarget,
    after,
    afterName: nameText.nullable(),
  }),
  'remove-partition-field': z.object({
    kind: z.literal('remove-partition-field'),
    fieldId,
    name: nameText,
  }),
  'remove-property': z.object({
    kind: z.literal('remove-property'),
    key: z.string().min(1).max(MAX_PROPERTY_NAME_CHARS),
    base: earlierProperty,
    column: columnTarget.column.exactOptional(),
  }),
  'rename-column': z.object({
    kind: z.literal('rename-column'),
    ...columnTarget,
    name: nameText,
    movesProperties: z.boolean(),
  }),
  'rename-partition-field': z.object({
    kind: z.literal('rename-partition-field'),
    fieldId,
    name: nameText,
    base: nameText,
  }),
  'rename-ref': z.object({
    kind: z.literal('rename-ref'),
    refName: nameText,
    snapshotId,
    name: nameText,
  }),
  'replace-sort-order': z.object({
    kind: z.literal('replace-sort-order'),
    fields: z
      .array(
        z.object({
          sourceId: fieldId,
          source: z.array(nameText).min(1).max(100).readonly(),
          transform: z.string().max(1000),
          direction: z.enum(['asc', 'desc']),
          nullOrder: z.enum(['nulls-first', 'nulls-last']),
        }),
      )
      .max(100)
      .readonly(),
    base: z.int().min(0),
  }),
  'roll-back': z.object({
    kind: z.literal('roll-back'),
    fromSnapshotId: snapshotId,
    toSnapshotId: snapshotId,
    safetyTag,
  }),
  'set-column-doc': z.object({
    kind: z.literal('set-column-doc'),
    ...columnTarget,
    doc: docText.nullable(),
    base: docText.nullable(),
  }),
  'set-current-schema': z.object({
    kind: z.literal('set-current-schema'),
    schemaId: fieldId,
    base: fieldId,
  }),
  'set-default-sort-order': z.object({
    kind: z.literal('set-default-sort-order'),
    orderId: fieldId,
    base: fieldId,
  }),
  'set-default-spec': z.object({
    kind: z.literal('set-default-spec'),
    specId: fieldId,
    base: fieldId,
  }),
  'set-identifier-fields': z.object({
    kind: z.literal('set-identifier-fields'),
    fieldIds: columnIds,
    columns: z.array(z.array(nameText).max(100).readonly()).max(1000).readonly(),
    base: columnIds,
  }),
  'set-property': z.object({
    kind: z.literal('set-property'),
    key: z.string().min(1).max(MAX_PROPERTY_NAME_CHARS),
    value: z.string().max(32_768),
    base: earlierProperty,
    column: columnTarget.column.exactOptional(),
  }),
  'set-ref': z.object({
    kind: z.literal('set-ref'),
    refName: nameText,
    fromSnapshotId: snapshotId,
    toSnapshotId: snapshotId,
    safetyTag,
  }),
  'set-ref-retention': z.object({
    kind: z.literal('set-ref-retention'),
    refName: nameText,
    retention,
    base: retention,
  }),
  'set-write-default': z.object({
    kind: z.literal('set-write-default'),
    ...columnTarget,
    value: defaultText.nullable(),
    base: defaultText.nullable(),
  }),
  'upgrade-format-version': z.object({
    kind: z.literal('upgrade-format-version'),
    formatVersion: z.union([z.literal(2), z.literal(3)]),
    base: z.int(),
  }),
} satisfies { [Kind in IntentKind]: z.ZodType<IntentOf[Kind]> }

const { 'add-column': addColumn, ...others } = SHAPES

export const intentShape = z.discriminatedUnion('kind', [addColumn, ...Object.values(others)])

export const expireSnapshotsShape = SHAPES['expire-snapshots']
