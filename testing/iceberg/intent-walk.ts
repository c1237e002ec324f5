import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import type { ColumnTarget } from '@/lib/changes/edits/column-target'
import type { DropRef } from '@/lib/changes/intents/drop-ref/describe'
import type { RefRetention } from '@/lib/changes/edits/ref-edits'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { findFieldByName } from '@/lib/iceberg/schema/schema'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { Schema } from '@/lib/iceberg/schema/types'

/** Changes of every kind of one table, one after the other, with names and texts that are hard to quote. */

export const WALK_SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', required: true, type: 'int' },
    { id: 2, name: 'city', required: false, type: 'string', doc: 'where' },
    { id: 3, name: 'fare', required: false, type: 'float' },
    { id: 4, name: 'price', required: false, type: 'decimal(9, 2)' },
    { id: 5, name: 'at', required: false, type: 'timestamptz' },
    {
      id: 6,
      name: 'note',
      required: false,
      type: {
        type: 'struct',
        fields: [
          { id: 7, name: 'by', required: false, type: 'string' },
          { id: 8, name: 'stars', required: false, type: 'int' },
        ],
      },
    },
    {
      id: 9,
      name: 'stops',
      required: false,
      type: {
        type: 'list',
        elementId: 10,
        elementRequired: false,
        element: { type: 'struct', fields: [{ id: 11, name: 'town', required: false, type: 'string' }] },
      },
    },
  ],
}

/** Properties of the table when it is created. */
export const WALK_PROPERTIES = {
  'format-version': '1',
  'write.metadata.metrics.column.city': 'full',
  'write.parquet.compression-codec': 'zstd',
  // Each step adds two commits, and each query reads all manifests.
  'commit.manifest-merge.enabled': 'true',
  'commit.manifest.min-count-to-merge': '5',
}

/** Quotes of every engine, a backslash and text that Spark would substitute. */
export const HARD_TEXT = `it's "q" \`b\` \\ back \${x} \u00fc`
export const HARD_NAME = `we"ird \`n'ame`
const KEPT: RefRetention = { minSnapshotsToKeep: 2, maxSnapshotAgeMs: 3 * 86_400_000, maxRefAgeMs: 7 * 86_400_000 }
const NONE: RefRetention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }

export type WalkStep = { title: string; intents: (metadata: TableMetadata) => readonly Intent[] }

const step = (title: string, ...toIntents: ((metadata: TableMetadata) => Intent)[]): WalkStep => ({
  title,
  intents: (metadata) => toIntents.map((toIntent) => toIntent(metadata)),
})

const addColumn =
  (parent: string | null, name: string, type: string, change: Partial<Extract<Intent, { kind: 'add-column' }>> = {}) =>
  (metadata: TableMetadata): Intent => ({
    kind: 'add-column',
    parentId: parent === null ? null : column(metadata, parent).fieldId,
    parent: parent === null ? [] : column(metadata, parent).column,
    name,
    type,
    required: false,
    doc: null,
    initialDefault: null,
    writeDefault: null,
    after: null,
    ...change,
  })

const NESTED = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 1, name: 'a', type: 'long', required: false },
    {
      id: 2,
      name: 'odd.b',
      required: false,
      type: { type: 'list', 'element-id': 3, 'element-required': false, element: 'double' },
    },
    {
      id: 4,
      name: 'm',
      required: false,
      type: {
        type: 'map',
        'key-id': 5,
        key: 'string',
        'value-id': 6,
        'value-required': false,
        value: { type: 'struct', fields: [{ id: 7, name: 'x', type: 'date', required: false }] },
      },
    },
  ],
})

export const WALK: readonly WalkStep[] = [
  step('upgrade-format-version', () => ({ kind: 'upgrade-format-version', formatVersion: 2, base: 1 })),
  step('add-column after another', (metadata) =>
    addColumn(null, HARD_NAME, 'string', { doc: HARD_TEXT, after: column(metadata, 'id').fieldId })(metadata),
  ),
  step('add-column at the end, nested', (metadata) =>
    addColumn(null, 'deep', NESTED, { after: column(metadata, 'stops').fieldId })(metadata),
  ),
  step('add-column first in a struct', addColumn('note', 'first', 'boolean')),
  step('add-column at the end of a struct', (metadata) =>
    addColumn('note', 'last', 'date', { after: column(metadata, 'note.stars').fieldId })(metadata),
  ),
  step('add-column in the structs of a list', (metadata) =>
    addColumn('stops.element', 'km', 'int', { after: column(metadata, 'stops.element.town').fieldId })(metadata),
  ),
  step('rename-column with its properties', (metadata) => ({
    kind: 'rename-column',
    name: 'to wn',
    movesProperties: true,
    ...column(metadata, 'city'),
  })),
  step('rename-column in a struct', (metadata) => ({
    kind: 'rename-column',
    name: 'rating',
    movesProperties: false,
    ...column(metadata, 'note.stars'),
  })),
  step('rename-column in the structs of a list', (metadata) => ({
    kind: 'rename-column',
    name: 'place',
    movesProperties: false,
    ...column(metadata, 'stops.element.town'),
  })),
  step('move-column to the first place', (metadata) => ({
    kind: 'move-column',
    after: null,
    afterName: null,
    ...column(metadata, 'fare'),
  })),
  step('move-column in a struct', (metadata) => ({
    kind: 'move-column',
    after: column(metadata, 'note.by').fieldId,
    afterName: 'by',
    ...column(metadata, 'note.last'),
  })),
  step('change-column-type', (metadata) => changeType(metadata, 'id', 'long')),
  step('change-column-type of a float', (metadata) => changeType(metadata, 'fare', 'double')),
  step('change-column-type of a decimal', (metadata) => changeType(metadata, 'price', 'decimal(12, 2)')),
  step('change-column-type in a struct', (metadata) => changeType(metadata, 'note.rating', 'long')),
  step('change-column-type in the structs of a list', (metadata) => changeType(metadata, 'stops.element.km', 'long')),
  step('set-column-doc', (metadata) => ({
    kind: 'set-column-doc',
    doc: HARD_TEXT,
    base: 'where',
    ...column(metadata, 'to wn'),
  })),
  step('set-column-doc to none', (metadata) => ({
    kind: 'set-column-doc',
    doc: null,
    base: HARD_TEXT,
    ...column(metadata, 'to wn'),
  })),
  step('set-identifier-fields', (metadata) => ({
    kind: 'set-identifier-fields',
    fieldIds: [column(metadata, 'id').fieldId],
    columns: [['id']],
    base: [],
  })),
  step('set-identifier-fields to none', (metadata) => ({
    kind: 'set-identifier-fields',
    fieldIds: [],
    columns: [],
    base: [column(metadata, 'id').fieldId],
  })),
  step('make-column-optional', (metadata) => ({ kind: 'make-column-optional', ...column(metadata, 'id') })),
  step('drop-column', (metadata) => ({ kind: 'drop-column', ...column(metadata, HARD_NAME) })),
  step('drop-column of a struct', (metadata) => ({ kind: 'drop-column', ...column(metadata, 'note.first') })),
  step('set-current-schema', ({ currentSchemaId, schemas }) => ({
    kind: 'set-current-schema',
    schemaId: schemas.at(-2)?.schemaId ?? -1,
    base: currentSchemaId,
  })),
  step('add-partition-field with the usual name', (metadata) => addField(metadata, 'at', 'day', 'at_day')),
  step('add-partition-field with another name', (metadata) => addField(metadata, 'id', 'bucket[4]', 'id bücket')),
  step('add-partition-field of a column as it is', (metadata) => addField(metadata, 'to wn', 'identity', 'to wn')),
  step('rename-partition-field', (metadata) => ({
    kind: 'rename-partition-field',
    name: `p'art`,
    base: 'id bücket',
    fieldId: partitionFieldId(metadata, 'id bücket'),
  })),
  step('remove-partition-field', (metadata) => ({
    kind: 'remove-partition-field',
    name: 'to wn',
    fieldId: partitionFieldId(metadata, 'to wn'),
  })),
  step('remove-partition-field that has another name', (metadata) => ({
    kind: 'remove-partition-field',
    name: `p'art`,
    fieldId: partitionFieldId(metadata, `p'art`),
  })),
  step('set-default-spec to an earlier one', ({ defaultSpecId, partitionSpecs }) => ({
    kind: 'set-default-spec',
    specId: partitionSpecs.find(({ fields }) => fields.length === 2)?.specId ?? -1,
    base: defaultSpecId,
  })),
  step('set-default-spec to none', ({ defaultSpecId }) => ({
    kind: 'set-default-spec',
    specId: 0,
    base: defaultSpecId,
  })),
  step('replace-sort-order', (metadata) => ({
    kind: 'replace-sort-order',
    base: metadata.defaultSortOrderId,
    fields: [
      {
        sourceId: column(metadata, 'to wn').fieldId,
        transform: 'identity',
        direction: 'desc',
        nullOrder: 'nulls-last',
        source: ['to wn'],
      },
      {
        sourceId: column(metadata, 'id').fieldId,
        transform: 'identity',
        direction: 'asc',
        nullOrder: 'nulls-first',
        source: ['id'],
      },
    ],
  })),
  step('replace-sort-order with a transform', (metadata) => ({
    kind: 'replace-sort-order',
    base: metadata.defaultSortOrderId,
    fields: [
      {
        sourceId: column(metadata, 'at').fieldId,
        transform: 'day',
        direction: 'asc',
        nullOrder: 'nulls-last',
        source: ['at'],
      },
    ],
  })),
  step('set-default-sort-order', ({ defaultSortOrderId }) => ({
    kind: 'set-default-sort-order',
    orderId: 0,
    base: defaultSortOrderId,
  })),
  step('set-property', () => ({ kind: 'set-property', key: `o'dd "key"`, value: HARD_TEXT, base: null })),
  step('set-property that describes the table', () => ({
    kind: 'set-property',
    key: 'comment',
    value: HARD_TEXT,
    base: null,
  })),
  step('remove-property', () => ({ kind: 'remove-property', key: `o'dd "key"`, base: HARD_TEXT })),
  step('create-ref of a branch', (metadata) => ({
    kind: 'create-ref',
    refName: 'au dit',
    type: 'branch',
    snapshotId: snapshotOf(metadata, -2),
    retention: KEPT,
  })),
  step('create-ref of a tag', (metadata) => ({
    kind: 'create-ref',
    refName: 'first "tag"',
    type: 'tag',
    snapshotId: snapshotOf(metadata, 0),
    retention: { ...NONE, maxRefAgeMs: 365 * 86_400_000 },
  })),
  step('set-ref-retention', () => ({
    kind: 'set-ref-retention',
    refName: 'au dit',
    retention: { ...KEPT, minSnapshotsToKeep: 5, maxRefAgeMs: 3_600_000 },
    base: KEPT,
  })),
  step('rename-ref', (metadata) => ({
    kind: 'rename-ref',
    refName: 'au dit',
    name: 'audit',
    snapshotId: tipOf(metadata, 'au dit'),
  })),
  step('set-ref', (metadata) => ({
    kind: 'set-ref',
    refName: 'audit',
    fromSnapshotId: tipOf(metadata, 'audit'),
    toSnapshotId: snapshotOf(metadata, 1),
    safetyTag: { name: 'be`fore', maxRefAgeMs: null },
  })),
  step('fast-forward', (metadata) => ({
    kind: 'fast-forward',
    refName: 'audit',
    fromSnapshotId: tipOf(metadata, 'audit'),
    toRefName: 'main',
    toSnapshotId: tipOf(metadata, 'main'),
  })),
  step('roll-back with a tag', (metadata) => ({
    kind: 'roll-back',
    fromSnapshotId: tipOf(metadata, 'main'),
    toSnapshotId: snapshotOf(metadata, -3),
    safetyTag: { name: 'safe', maxRefAgeMs: null },
  })),
  step('set-ref of main', (metadata) => ({
    kind: 'set-ref',
    refName: 'main',
    fromSnapshotId: tipOf(metadata, 'main'),
    toSnapshotId: tipOf(metadata, 'safe'),
    safetyTag: null,
  })),
  step('set-ref of a tag', (metadata) => ({
    kind: 'set-ref',
    refName: 'first "tag"',
    fromSnapshotId: tipOf(metadata, 'first "tag"'),
    toSnapshotId: snapshotOf(metadata, 1),
    safetyTag: null,
  })),
  step('drop-ref of a branch', (metadata) => dropRef(metadata, 'audit')),
  step('drop-ref of a tag, with a safety tag', (metadata) => ({
    ...dropRef(metadata, 'first "tag"'),
    safetyTag: { name: 'before "drop"', maxRefAgeMs: 86_400_000 },
  })),
  step('expire-snapshots', (metadata) => ({
    kind: 'expire-snapshots',
    snapshotIds: unnamedIds(metadata).slice(0, 2),
    refNames: [],
    refs: Object.entries(metadata.refs).map(([name, { snapshotId }]) => ({ name, snapshotId })),
    removeFilesAfterMs: null,
  })),
]

/** Steps that need format version 3. */
export const WALK_IN_VERSION_3: readonly WalkStep[] = [
  step('upgrade-format-version to 3', () => ({ kind: 'upgrade-format-version', formatVersion: 3, base: 2 })),
  step('set-write-default', (metadata) => ({
    kind: 'set-write-default',
    value: '"ABQ"',
    base: null,
    ...column(metadata, 'to wn'),
  })),
  step(
    'add-column with defaults, required',
    addColumn(null, 'seats', 'int', { required: true, initialDefault: '4', writeDefault: '4' }),
  ),
]

/** The kinds that the steps are named for. */
export function kindsOf(steps: readonly WalkStep[]): Set<string> {
  return new Set(steps.map(({ title }) => title.split(' ')[0] ?? ''))
}

function column(metadata: TableMetadata, name: string): ColumnTarget {
  const found = findFieldByName(currentSchema(metadata), name)
  if (!found) throw new AppError('internal', `there is no column ${name}`)
  return { fieldId: found.field.id, column: found.path }
}

function changeType(metadata: TableMetadata, name: string, type: string): Intent {
  const found = findFieldByName(currentSchema(metadata), name)
  return { kind: 'change-column-type', type, base: found ? typeLabel(found.field.type) : '', ...column(metadata, name) }
}

function addField(metadata: TableMetadata, source: string, transform: string, name: string): Intent {
  return { kind: 'add-partition-field', sourceId: column(metadata, source).fieldId, source: [source], transform, name }
}

function partitionFieldId(metadata: TableMetadata, name: string): number {
  return defaultSpec(metadata).fields.find((field) => field.name === name)?.fieldId ?? -1
}

function snapshotOf({ snapshots }: TableMetadata, index: number): string {
  return snapshots.at(index)?.snapshotId ?? '0'
}

function tipOf(metadata: TableMetadata, refName: string): string {
  return findRef(metadata, refName)?.snapshotId ?? '0'
}

/** Snapshots that no branch or tag names, the oldest first. */
function unnamedIds({ snapshots, refs }: TableMetadata): string[] {
  const named = new Set(Object.values(refs).map(({ snapshotId }) => snapshotId))
  return snapshots.map(({ snapshotId }) => snapshotId).filter((id) => !named.has(id))
}

function dropRef(metadata: TableMetadata, refName: string): DropRef {
  const ref = findRef(metadata, refName)
  return { kind: 'drop-ref', refName, type: ref?.type ?? 'tag', snapshotId: ref?.snapshotId ?? '0', safetyTag: null }
}
