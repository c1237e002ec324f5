import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { applyUpdates } from './apply-updates'
import { parseExactJson } from '../json/exact-json'
import { readTableMetadata, writeTableMetadata } from '../metadata/metadata-json'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { highestFieldId } from '../schema/schema'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import type { TableUpdate } from './table-update'
import type { Schema } from '../schema/types'
import type { PartitionField } from '../partitioning/partition-spec'

/** Invariants after any sequence of commits. */

const MAX_LONG = 2n ** 63n - 1n
const TRANSFORMS = ['identity', 'void', 'bucket[4]', 'truncate[3]'] as const

/** One action of a client; `pick` chooses among what the table has. */
type Step = { kind: (typeof KINDS)[number]; pick: number; longId: bigint; name: string; offsetMs: number }
const KINDS = [
  'add-column',
  'drop-column',
  'add-spec',
  'choose-spec',
  'sort',
  'append',
  'append-to-branch',
  'stage',
  'roll-back',
  'tag',
  'remove-ref',
  'expire',
  'set-property',
  'remove-property',
  'set-statistics',
  'remove-statistics',
  'add-key',
  'remove-key',
  'upgrade',
  'remove-spec',
  'remove-schema',
  'move',
] as const

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  pick: fc.nat(1000),
  longId: fc.bigInt({ min: 1n, max: MAX_LONG }),
  name: fc.constantFrom('a', 'b', 'owner', '__proto__', 'constructor', 'q1-close'),
  offsetMs: fc.integer({ min: -5_000_000, max: 50_000 }),
})
const history = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 25 })

const START = deepFreeze(
  sampleMetadata({
    unknownFields: { future: 9_007_199_254_740_993n },
    snapshots: sampleMetadata().snapshots.map((item) => ({ ...item, unknownFields: { future: [1.5, null] } })),
    schemas: sampleMetadata().schemas.map((item) => ({ ...item, unknownFields: { note: 'kept' } })),
    partitionSpecs: sampleMetadata().partitionSpecs.map((item) => ({ ...item, unknownFields: { note: 'kept' } })),
  }),
)

it.each([1, 2, 3] as const)('every invariant holds for a table created in format v%i', (formatVersion) => {
  const start = startMetadata(formatVersion)
  let [attemptCount, changeCount] = [0, 0]
  fc.assert(
    fc.property(history, (commits) => {
      const meanings: FieldMeanings = { byFieldId: new Map(), v1SpecIds: new Set(), inherited: new Set() }
      let table = start
      let nowMs = table.lastUpdatedMs
      for (const steps of commits) {
        nowMs += 60_000 + Math.min(0, ...steps.map(({ offsetMs }) => offsetMs))
        const before = table
        attemptCount += 1
        table = tryCommit(before, steps, nowMs)
        if (table !== before) changeCount += 1
        expectConsistent(table)
        expectNoDecrease(before, table)
        expectNothingLost(before, table)
        if (before.formatVersion === 1) recordV1Fields(table, meanings)
        expectStableFieldIds(table, meanings)
      }
    }),
    propertyRuns(150),
  )
  expect(changeCount).toBeGreaterThan(attemptCount / 3)
})

it('a refused commit says why, and later commits still work', () => {
  const missing: TableUpdate = { action: 'set-snapshot-ref', refName: 'x', type: 'tag', snapshotId: '12' }
  expect(() => applyUpdates(START, [missing], { nowMs: 0 })).toThrow(AppError)
})

/** Returns the table unchanged if the commit is refused. */
function tryCommit(table: TableMetadata, steps: readonly Step[], nowMs: number): TableMetadata {
  try {
    return deepFreeze(applyUpdates(table, toUpdates(table, steps, nowMs), { nowMs }))
  } catch (error) {
    if (error instanceof AppError && (error.code === 'invalid-request' || error.code === 'commit-conflict'))
      return table
    throw error
  }
}

function expectConsistent(table: TableMetadata): void {
  expect(readTableMetadata(writeTableMetadata(table))).toEqual(table)
  const { schemas, partitionSpecs, sortOrders, snapshots, refs, snapshotLog } = table
  expectUnique(schemas.map(({ schemaId }) => schemaId))
  expectUnique(partitionSpecs.map(({ specId }) => specId))
  expectUnique(sortOrders.map(({ orderId }) => orderId))
  expectUnique(snapshots.map(({ snapshotId }) => snapshotId))
  expectUnique(table.statistics.map((file) => String(file['snapshot-id'] as bigint)))
  expectUnique(table.encryptionKeys.map((key) => key['key-id']))
  for (const { fields } of partitionSpecs) expectUnique(fields.map(({ fieldId }) => fieldId))
  expect(schemas.map(({ schemaId }) => schemaId)).toContain(table.currentSchemaId)
  expect(partitionSpecs.map(({ specId }) => specId)).toContain(table.defaultSpecId)
  expect(sortOrders.map(({ orderId }) => orderId)).toContain(table.defaultSortOrderId)
  expect(table.lastColumnId).toBeGreaterThanOrEqual(Math.max(...schemas.map(highestFieldId)))
  expect(refs['main']?.snapshotId ?? null).toBe(table.currentSnapshotId)
  const times = snapshotLog.map(({ timestampMs }) => timestampMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(table.lastUpdatedMs).toBeGreaterThanOrEqual(times.at(-1) ?? 0)
  expect([null, snapshotLog.at(-1)?.snapshotId]).toContain(table.currentSnapshotId)
  expect(table.nextRowId === null).toBe(table.formatVersion < 3)
}

function expectNoDecrease(before: TableMetadata, after: TableMetadata): void {
  for (const field of [
    'formatVersion',
    'lastColumnId',
    'lastPartitionId',
    'lastSequenceNumber',
    'lastUpdatedMs',
  ] as const) {
    expect(after[field], field).toBeGreaterThanOrEqual(before[field])
  }
  expect(BigInt(after.nextRowId ?? '0')).toBeGreaterThanOrEqual(BigInt(before.nextRowId ?? '0'))
}

/** Everything still there is unchanged, including fields that a newer writer added. */
function expectNothingLost(before: TableMetadata, after: TableMetadata): void {
  expect(after.unknownFields).toEqual(START.unknownFields)
  for (const known of before.snapshots) {
    const remaining = after.snapshots.find(({ snapshotId }) => snapshotId === known.snapshotId)
    expect(remaining ?? known).toEqual(known)
  }
  for (const known of before.schemas) {
    const remaining = after.schemas.find(({ schemaId }) => schemaId === known.schemaId)
    expect(remaining ?? known).toEqual(known)
  }
  // Row id ranges of v3 snapshots never overlap.
  const ranges = after.snapshots
    .flatMap(({ firstRowId, addedRows = '0' }) => (firstRowId === undefined ? [] : [[firstRowId, addedRows] as const]))
    .map(([firstRowId, addedRows]) => [BigInt(firstRowId), BigInt(firstRowId) + BigInt(addedRows)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
  for (const [index, [, end]] of ranges.entries()) expect(end <= (ranges[index + 1]?.[0] ?? MAX_LONG)).toBe(true)
}

/**
 * `inherited` are the fields of v1 specs. A field like one of them in a later spec reuses its id, even if that id means
 * several fields.
 */
type FieldMeanings = { byFieldId: Map<number, string>; v1SpecIds: Set<number>; inherited: Set<string> }

function recordV1Fields({ partitionSpecs }: TableMetadata, meanings: FieldMeanings): void {
  meanings.v1SpecIds = new Set(partitionSpecs.map(({ specId }) => specId))
  for (const field of partitionSpecs.flatMap(({ fields }) => fields)) {
    meanings.inherited.add(`${field.fieldId} ${fieldMeaning(field)}`)
  }
}

/** In v1 every spec numbers its fields from 1000, and they keep these ids when the table is upgraded. */
function expectStableFieldIds({ partitionSpecs }: TableMetadata, meanings: FieldMeanings): void {
  const numbered = partitionSpecs
    .filter(({ specId }) => !meanings.v1SpecIds.has(specId))
    .flatMap(({ fields }) => fields)
  for (const field of numbered) {
    const { fieldId } = field
    const meaning = fieldMeaning(field)
    if (meanings.inherited.has(`${fieldId} ${meaning}`)) continue
    const known = meanings.byFieldId.get(fieldId) ?? meaning
    expect(known.startsWith(meaning) || meaning.startsWith(known)).toBe(true)
    meanings.byFieldId.set(fieldId, known.length < meaning.length ? meaning : known)
  }
}

function fieldMeaning({ sourceId, transform }: { sourceId: number; transform: string }): string {
  return transform === 'void' ? `${sourceId}` : `${sourceId} ${transform}`
}

function toUpdates(table: TableMetadata, steps: readonly Step[], nowMs: number): TableUpdate[] {
  const next = { sequenceNumber: table.lastSequenceNumber, rowId: BigInt(table.nextRowId ?? '0') }
  return steps.flatMap((step): TableUpdate[] => {
    const { kind, pick, longId, name, offsetMs } = step
    const { snapshots, partitionSpecs, schemas } = table
    const snapshotId = pickItem(snapshots, pick)?.snapshotId ?? '1'
    const schema = schemas.find(({ schemaId }) => schemaId === table.currentSchemaId)
    if (schema === undefined) throw new Error('a table has its current schema')
    const snapshot = (): Snapshot => {
      next.sequenceNumber += 1
      const firstRowId = next.rowId + BigInt(pick % 2)
      next.rowId = firstRowId + BigInt(pick)
      return sampleSnapshot(3, {
        snapshotId: String(longId),
        parentSnapshotId: table.currentSnapshotId,
        sequenceNumber: table.formatVersion === 1 ? 0 : next.sequenceNumber,
        timestampMs: nowMs + offsetMs,
        schemaId: table.currentSchemaId,
        ...(table.formatVersion > 2 && { firstRowId: String(firstRowId), addedRows: String(pick) }),
      })
    }
    const branch = (refName: string, id: string): TableUpdate => ({
      action: 'set-snapshot-ref',
      refName,
      type: 'branch',
      snapshotId: id,
    })
    switch (kind) {
      case 'add-column':
        return schemaUpdates(withColumn(schema, table.lastColumnId + 1, name))
      case 'drop-column':
        return schemaUpdates({
          ...schema,
          fields: schema.fields.filter((_, index) => index !== pick % schema.fields.length),
        })
      case 'add-spec':
        return [
          { action: 'add-spec', spec: { specId: pick, fields: specFields(table, schema, step) } },
          { action: 'set-default-spec', specId: -1 },
        ]
      case 'choose-spec':
        return [{ action: 'set-default-spec', specId: pickItem(partitionSpecs, pick)?.specId ?? 0 }]
      case 'sort': {
        const sourceId = pickItem(schema.fields, pick)?.id ?? 1
        const fields = [{ sourceId, transform: 'identity', direction: 'asc', nullOrder: 'nulls-last' } as const]
        return [
          { action: 'add-sort-order', sortOrder: { orderId: pick, fields: pick % 3 === 0 ? [] : fields } },
          { action: 'set-default-sort-order', sortOrderId: -1 },
        ]
      }
      case 'append':
        return [{ action: 'add-snapshot', snapshot: snapshot() }, branch('main', String(longId))]
      case 'append-to-branch':
        return [{ action: 'add-snapshot', snapshot: snapshot() }, branch(name, String(longId))]
      case 'stage':
        return [{ action: 'add-snapshot', snapshot: snapshot() }]
      case 'roll-back':
        return [branch('main', snapshotId)]
      case 'tag':
        return [{ action: 'set-snapshot-ref', refName: name, type: 'tag', snapshotId }]
      case 'remove-ref':
        return [{ action: 'remove-snapshot-ref', refName: pick % 5 === 0 ? 'main' : name }]
      case 'expire':
        return [
          { action: 'remove-snapshots', snapshotIds: [snapshotId] },
          { action: 'remove-snapshots', snapshotIds: [pickItem(snapshots, pick + 1)?.snapshotId ?? '1'] },
        ]
      case 'set-property':
        return [{ action: 'set-properties', updates: Object.fromEntries([[name, String(pick)]]) }]
      case 'remove-property':
        return [{ action: 'remove-properties', removals: [name] }]
      case 'set-statistics':
        return [
          { action: 'set-statistics', statistics: { 'snapshot-id': parseExactJson(snapshotId), note: pick } },
          {
            action: 'set-partition-statistics',
            partitionStatistics: { 'snapshot-id': parseExactJson(String(longId)) },
          },
        ]
      case 'remove-statistics':
        return [
          { action: 'remove-statistics', snapshotId },
          { action: 'remove-partition-statistics', snapshotId },
        ]
      case 'add-key':
        return [{ action: 'add-encryption-key', encryptionKey: { 'key-id': name, note: pick } }]
      case 'remove-key':
        return [{ action: 'remove-encryption-key', keyId: name }]
      case 'upgrade':
        return [{ action: 'upgrade-format-version', formatVersion: Math.min(3, table.formatVersion + (pick % 2)) }]
      case 'remove-spec':
        return [{ action: 'remove-partition-specs', specIds: [pickItem(partitionSpecs, pick)?.specId ?? 0] }]
      case 'remove-schema':
        return [{ action: 'remove-schemas', schemaIds: [pickItem(schemas, pick)?.schemaId ?? 0] }]
      case 'move':
        return [{ action: 'set-location', location: `file:///lake/${pick}/` }]
    }
  })
}

function schemaUpdates(schema: Schema): TableUpdate[] {
  return [
    { action: 'add-schema', schema },
    { action: 'set-current-schema', schemaId: -1 },
  ]
}

function withColumn(before: Schema, id: number, name: string): Schema {
  const { unknownFields: _, ...schema } = before
  return { ...schema, fields: [...schema.fields, { id, name: `${name}${id}`, required: false, type: 'string' }] }
}

/** Some clients assign ids to new fields themselves, others leave it to the catalog. */
function specFields(table: TableMetadata, schema: Schema, { pick, name }: Step): PartitionField[] {
  const source = pickItem(schema.fields, pick)
  const transform = TRANSFORMS[pick % TRANSFORMS.length] ?? 'identity'
  if (source === undefined) return []
  const earlier = pick % 5 === 0 ? pickItem(table.partitionSpecs, pick)?.fields : undefined
  if (earlier !== undefined) return earlier.map((field) => ({ ...field, name: `${name}_renamed` }))
  const fieldId = pick % 2 === 0 ? 0 : table.lastPartitionId + 1
  return [{ sourceId: source.id, fieldId, name: transform === 'identity' ? source.name : `${name}_part`, transform }]
}

function startMetadata(formatVersion: 1 | 2 | 3): TableMetadata {
  if (formatVersion === 2) return START
  const snapshots = START.snapshots.map((item) => ({ ...item, sequenceNumber: 0 }))
  if (formatVersion === 1) return deepFreeze({ ...START, formatVersion, snapshots, lastSequenceNumber: 0 })
  return deepFreeze({ ...START, formatVersion, nextRowId: '9007199254740993' })
}

function pickItem<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % Math.max(1, items.length)]
}

function expectUnique(ids: readonly unknown[]): void {
  expect(new Set(ids).size).toBe(ids.length)
}

/** Makes a commit that modifies its input table fail here. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}
