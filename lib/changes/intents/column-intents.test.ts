import { describe, expect, it } from 'vitest'
import { applyUpdates } from '../../iceberg/commit/apply-updates'
import { checkRequirements } from '../../iceberg/commit/check-requirements'
import { currentSchema, defaultSpec } from '../../iceberg/metadata/current-layout'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { indexFields } from '../../iceberg/schema/schema'
import { typeLabel } from '../../iceberg/schema/type-label'
import type { NestedField, Schema } from '../../iceberg/schema/types'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { type Intent, intentSentence } from './intent'
import {
  changeForIntents,
  findConflicts,
  findProblem,
  needsTypedName,
  reverseIntents,
  warningsForIntents,
} from './intent-changes'
import { isIrreversible } from './irreversible'

const FIELDS: readonly NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'delay', required: false, type: 'int', doc: 'In minutes' },
  { id: 3, name: 'price', required: false, type: 'decimal(9, 2)' },
  {
    id: 4,
    name: 'place',
    required: true,
    type: {
      type: 'struct',
      fields: [
        { id: 5, name: 'lat', required: false, type: 'float' },
        { id: 6, name: 'lon', required: false, type: 'float' },
      ],
    },
  },
  {
    id: 7,
    name: 'stops',
    required: false,
    type: {
      type: 'list',
      elementId: 8,
      elementRequired: true,
      element: { type: 'struct', fields: [{ id: 9, name: 'code', required: false, type: 'string' }] },
    },
  },
  {
    id: 10,
    name: 'tags',
    required: false,
    type: { type: 'map', keyId: 11, key: 'string', valueId: 12, value: 'int', valueRequired: true },
  },
]
const SCHEMA: Schema = { schemaId: 0, identifierFieldIds: [1], fields: FIELDS }

function metadataOf(changes: Partial<TableMetadata> = {}): TableMetadata {
  return sampleMetadata({
    formatVersion: 2,
    lastColumnId: 12,
    schemas: [SCHEMA],
    currentSchemaId: 0,
    partitionSpecs: [{ specId: 0, fields: [] }],
    defaultSpecId: 0,
    lastPartitionId: 999,
    sortOrders: [{ orderId: 0, fields: [] }],
    defaultSortOrderId: 0,
    properties: {},
    currentSnapshotId: null,
    snapshots: [],
    snapshotLog: [],
    refs: {},
    ...(changes.formatVersion === 3 && { nextRowId: '0' }),
    ...changes,
  })
}

function commit(base: TableMetadata, ...intents: Intent[]): TableMetadata {
  const { requirements, updates } = changeForIntents(base, intents)
  checkRequirements(base, requirements)
  return applyUpdates(base, updates, { nowMs: base.lastUpdatedMs + 1000 })
}

const add = (name: string, changes: Partial<Extract<Intent, { kind: 'add-column' }>> = {}): Intent => ({
  kind: 'add-column',
  parentId: null,
  parent: [],
  name,
  type: 'string',
  required: false,
  doc: null,
  initialDefault: null,
  writeDefault: null,
  after: null,
  ...changes,
})
const rename = (fieldId: number, column: string[], name: string): Intent => ({
  kind: 'rename-column',
  fieldId,
  column,
  name,
  movesProperties: true,
})
const names = (metadata: TableMetadata) => currentSchema(metadata).fields.map(({ name }) => name)
const pathOf = (metadata: TableMetadata, fieldId: number) =>
  indexFields(currentSchema(metadata)).get(fieldId)?.path.join('.')
const codeOf = (base: TableMetadata, ...intents: Intent[]) => catchAppError(() => changeForIntents(base, intents)).code

describe('Columns', () => {
  const base = metadataOf()

  it('are added with new ids at every depth, at a position, in one new schema', () => {
    const after = commit(
      base,
      add('first'),
      add('alt', { parentId: 4, parent: ['place'], type: 'double', doc: 'Metres', after: 5 }),
      add('at', { parentId: 8, parent: ['stops', 'element'], type: 'timestamptz', after: 'code' }),
      add('legs', {
        type: JSON.stringify({
          type: 'list',
          'element-id': 1,
          'element-required': false,
          element: { type: 'struct', fields: [{ id: 1, name: 'miles', required: false, type: 'int' }] },
        }),
        after: 'first',
      }),
    )
    expect(after.schemas).toHaveLength(2)
    expect(names(after)).toEqual(['first', 'legs', 'id', 'delay', 'price', 'place', 'stops', 'tags'])
    expect([13, 14, 15, 16, 17, 18].map((id) => pathOf(after, id))).toEqual([
      'first',
      'place.alt',
      'stops.element.at',
      'legs',
      'legs.element',
      'legs.element.miles',
    ])
    expect(after.lastColumnId).toBe(18)
    expect(indexFields(currentSchema(after)).get(14)?.field).toEqual({
      id: 14,
      name: 'alt',
      required: false,
      type: 'double',
      doc: 'Metres',
    })
    expect(typeLabel(currentSchema(after).fields[5]?.type ?? 'int')).toBe('struct<lat: float, alt: double, lon: float>')
  })

  it('keep their ids when they are renamed, moved and promoted', () => {
    const after = commit(
      base,
      rename(2, ['delay'], 'arrival_delay'),
      rename(9, ['stops', 'element', 'code'], 'airport'),
      { kind: 'move-column', fieldId: 3, column: ['price'], after: null, afterName: null },
      { kind: 'move-column', fieldId: 5, column: ['place', 'lat'], after: 6, afterName: 'lon' },
      { kind: 'change-column-type', fieldId: 2, column: ['delay'], type: 'long', base: 'int' },
      { kind: 'change-column-type', fieldId: 5, column: ['place', 'lat'], type: 'double', base: 'float' },
      { kind: 'change-column-type', fieldId: 12, column: ['tags', 'value'], type: 'long', base: 'int' },
      { kind: 'change-column-type', fieldId: 3, column: ['price'], type: 'decimal(12,2)', base: 'decimal(9, 2)' },
      { kind: 'make-column-optional', fieldId: 4, column: ['place'] },
      { kind: 'make-column-optional', fieldId: 8, column: ['stops', 'element'] },
      { kind: 'set-column-doc', fieldId: 2, column: ['delay'], doc: null, base: 'In minutes' },
    )
    expect(currentSchema(after).fields).toEqual([
      { id: 3, name: 'price', required: false, type: 'decimal(12, 2)' },
      { id: 1, name: 'id', required: true, type: 'long' },
      { id: 2, name: 'arrival_delay', required: false, type: 'long' },
      {
        id: 4,
        name: 'place',
        required: false,
        type: {
          type: 'struct',
          fields: [
            { id: 6, name: 'lon', required: false, type: 'float' },
            { id: 5, name: 'lat', required: false, type: 'double' },
          ],
        },
      },
      {
        id: 7,
        name: 'stops',
        required: false,
        type: {
          type: 'list',
          elementId: 8,
          elementRequired: false,
          element: { type: 'struct', fields: [{ id: 9, name: 'airport', required: false, type: 'string' }] },
        },
      },
      {
        id: 10,
        name: 'tags',
        required: false,
        type: { type: 'map', keyId: 11, key: 'string', valueId: 12, value: 'long', valueRequired: true },
      },
    ])
    expect(after.lastColumnId).toBe(12)
  })

  it.each<[string, Intent[], string]>([
    ['a name that is taken', [add('delay')], 'commit-conflict'],
    ['a name that the same commit takes', [add('x'), rename(2, ['delay'], 'x')], 'already-exists'],
    ['an empty name', [add(' ')], 'invalid-request'],
    ['a type that is none', [add('x', { type: 'varchar' })], 'invalid-request'],
    [
      'a narrower type',
      [{ kind: 'change-column-type', fieldId: 1, column: ['id'], type: 'int', base: 'long' }],
      'invalid-request',
    ],
    [
      'a decimal of another scale',
      [{ kind: 'change-column-type', fieldId: 3, column: ['price'], type: 'decimal(12, 3)', base: 'decimal(9, 2)' }],
      'invalid-request',
    ],
    [
      'the key of a map',
      [{ kind: 'change-column-type', fieldId: 11, column: ['tags', 'key'], type: 'long', base: 'string' }],
      'invalid-request',
    ],
    ['the name of an element', [rename(8, ['stops', 'element'], 'x')], 'invalid-request'],
    ['the drop of an identifier field', [{ kind: 'drop-column', fieldId: 1, column: ['id'] }], 'invalid-request'],
    ['an optional identifier field', [{ kind: 'make-column-optional', fieldId: 1, column: ['id'] }], 'invalid-request'],
    [
      'the drop of the only column of a struct',
      [{ kind: 'drop-column', fieldId: 9, column: ['stops', 'element', 'code'] }],
      'invalid-request',
    ],
    [
      'a place after itself',
      [{ kind: 'move-column', fieldId: 3, column: ['price'], after: 3, afterName: 'price' }],
      'invalid-request',
    ],
    [
      'a place in another struct',
      [{ kind: 'move-column', fieldId: 3, column: ['price'], after: 5, afterName: 'lat' }],
      'not-found',
    ],
    ['a default before format version 3', [add('x', { initialDefault: '"a"' })], 'invalid-request'],
    [
      'an identifier within an optional struct',
      [
        { kind: 'make-column-optional', fieldId: 4, column: ['place'] },
        { kind: 'set-identifier-fields', fieldIds: [5], columns: [['place', 'lat']], base: [1] },
      ],
      'invalid-request',
    ],
    ['two changes of one name', [rename(2, ['delay'], 'a'), rename(2, ['delay'], 'b')], 'invalid-request'],
    ['a column within one that is not a struct', [add('x', { parentId: 2, parent: ['delay'] })], 'invalid-request'],
  ])('refuse %s', (_what, intents, code) => {
    expect(codeOf(base, ...intents)).toBe(code)
  })

  it('that a partition spec or the sort order needs cannot be dropped, nor one that contains it', () => {
    const fields = [{ sourceId: 5, fieldId: 1000, name: 'lat_b', transform: 'identity' }]
    const partitioned = metadataOf({
      partitionSpecs: [
        { specId: 0, fields: [] },
        { specId: 1, fields },
      ],
    })
    const drop = (fieldId: number, ...column: string[]): Intent => ({ kind: 'drop-column', fieldId, column })
    expect(catchAppError(() => changeForIntents(partitioned, [drop(5, 'place', 'lat')])).message).toContain(
      'partition spec 1',
    )
    expect(codeOf(partitioned, drop(4, 'place'))).toBe('invalid-request')
    expect(names(commit(partitioned, drop(3, 'price')))).not.toContain('price')
    const sorted = metadataOf({
      sortOrders: [
        { orderId: 1, fields: [{ sourceId: 2, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }] },
      ],
      defaultSortOrderId: 1,
    })
    expect(codeOf(sorted, drop(2, 'delay'))).toBe('invalid-request')
  })

  it('follow a required default of format version 3 exactly, and a required one needs it once there is data', () => {
    const v3 = metadataOf({ formatVersion: 3 })
    const total = add('total', { type: 'long', required: true, initialDefault: '9007199254740993', writeDefault: '1' })
    const field = currentSchema(commit(v3, total)).fields.find(({ name }) => name === 'total')
    expect([field?.initialDefault, field?.writeDefault]).toEqual([9007199254740993n, 1])
    const snapshot = {
      snapshotId: '1',
      parentSnapshotId: null,
      sequenceNumber: 1,
      timestampMs: 1,
      manifestList: 'file:///w/t/m.avro',
      summary: { operation: 'append' },
      schemaId: 0,
    }
    const filled = metadataOf({ formatVersion: 3, snapshots: [snapshot] })
    expect(codeOf(filled, add('total', { type: 'long', required: true }))).toBe('invalid-request')
    expect(codeOf(filled, add('total', { type: 'long', initialDefault: '"x"' }))).toBe('invalid-request')
    expect(codeOf(filled, add('total', { type: 'long', initialDefault: 'null' }))).toBe('invalid-request')
  })

  it('take the properties that name them along, and the name mapping knows the old and the new name', () => {
    const properties = {
      'write.parquet.bloom-filter-enabled.column.place': 'true',
      'write.metadata.metrics.column.place.lat': 'full',
      'write.metadata.metrics.column.places': 'none',
      'schema.name-mapping.default': JSON.stringify([
        { 'field-id': 1, names: ['id'] },
        { 'field-id': 4, names: ['place'], fields: [{ 'field-id': 5, names: ['lat'] }] },
        { 'field-id': 2, names: ['delay', 'late'] },
      ]),
    }
    const after = commit(metadataOf({ properties }), rename(4, ['place'], 'site'), add('late', { type: 'int' }))
    expect(after.properties).toMatchObject({
      'write.parquet.bloom-filter-enabled.column.site': 'true',
      'write.metadata.metrics.column.site.lat': 'full',
      'write.metadata.metrics.column.places': 'none',
    })
    expect(Object.keys(after.properties)).not.toContain('write.metadata.metrics.column.place.lat')
    expect(JSON.parse(after.properties['schema.name-mapping.default'] ?? '')).toEqual([
      { 'field-id': 1, names: ['id'] },
      { 'field-id': 4, names: ['place', 'site'], fields: [{ 'field-id': 5, names: ['lat'] }] },
      { 'field-id': 2, names: ['delay'] },
      { 'field-id': 13, names: ['late'] },
    ])
  })

  it('refuse a name that differs from a sibling’s in case alone, unless the table has such names', () => {
    const refusal = 'Delay and delay differ in case alone.'
    expect(catchAppError(() => commit(base, add('Delay'))).message).toContain(refusal)
    expect(catchAppError(() => commit(base, rename(1, ['id'], 'Delay'))).message).toContain(refusal)
    expect(currentSchema(commit(base, rename(2, ['delay'], 'Delay'))).fields[1]?.name).toBe('Delay')
    const fields: NestedField[] = [...FIELDS, { id: 20, name: 'ID', required: false, type: 'int' }]
    const mixed = metadataOf({ schemas: [{ ...SCHEMA, fields }] })
    expect(warningsForIntents(mixed, [add('Delay')])).toEqual([expect.stringContaining('delay differ in case')])
  })

  it('say their defaults', () => {
    const of = (initialDefault: string | null, writeDefault: string | null) =>
      intentSentence(add('x', { type: 'int', required: true, initialDefault, writeDefault }))
    expect(of(null, null)).toBe('Add the column x (int, required)')
    expect(of('7', '7')).toBe('Add the column x (int, required) with the default 7')
    expect(of('7', '8')).toBe('Add the column x (int, required) with the initial default 7 with the write default 8')
    expect(of(null, '8')).toBe('Add the column x (int, required) with the write default 8')
  })

  it('refuse a name that is the dotted name of another column, for which engines would have one name', () => {
    const struct = (...fields: object[]) => JSON.stringify({ type: 'struct', fields })
    const field = (id: number, name: string, type = 'int') => ({ id, name, required: false, type })
    for (const [intents, message] of [
      [[add('place.lat')], 'There is already a column place.lat.'],
      [[add('PLACE.lat')], 'PLACE.lat and the column place.lat differ in case alone.'],
      [[rename(2, ['delay'], 'place.lat')], 'There is already a column place.lat.'],
      [[add('a.lat'), rename(4, ['place'], 'a')], 'There is already a column a.lat.'],
      [[add('a.lat'), add('a', { type: struct(field(1, 'lat')) })], 'There is already a column a.lat.'],
      [
        [
          add('a', {
            type: struct(field(1, 'b.c'), { ...field(2, 'b'), type: { type: 'struct', fields: [field(3, 'c')] } }),
          }),
        ],
        'There is already a column a.b.c.',
      ],
      [[add('a', { type: struct(field(1, 'b'), field(2, 'B')) })], 'differ in case alone'],
      [[add('a', { type: struct() })], 'The struct a needs a column'],
      [
        [
          add('a', {
            type: JSON.stringify({
              type: 'list',
              'element-id': 1,
              'element-required': false,
              element: { type: 'struct', fields: [] },
            }),
          }),
        ],
        'The struct element needs a column',
      ],
    ] satisfies [Intent[], string][])
      expect(catchAppError(() => changeForIntents(base, intents)).message).toContain(message)
    expect(names(commit(base, add('place.alt')))).toContain('place.alt')
  })

  it('refuse the name of a partition field, with and without case, unless it has the values of the column', () => {
    const partitionSpecs = [
      {
        specId: 0,
        fields: [
          { sourceId: 1, fieldId: 1000, name: 'id_bucket', transform: 'bucket[4]' },
          { sourceId: 2, fieldId: 1001, name: 'late', transform: 'identity' },
          { sourceId: 2, fieldId: 1002, name: 'gone', transform: 'void' },
        ],
      },
    ]
    const partitioned = metadataOf({ partitionSpecs })
    const messageOf = (...intents: Intent[]) => catchAppError(() => changeForIntents(partitioned, intents)).message
    expect(messageOf(add('id_bucket'))).toContain('There is already a partition field id_bucket.')
    expect(messageOf(add('ID_BUCKET'))).toContain('ID_BUCKET and the partition field id_bucket differ in case alone.')
    expect(messageOf(rename(1, ['id'], 'Late'))).toContain('differ in case alone')
    expect(names(commit(partitioned, rename(2, ['delay'], 'Late'), add('GONE')))).toEqual(
      expect.arrayContaining(['Late', 'GONE']),
    )
  })

  it.each([
    ['a zero character', 'n\0l'],
    ['a line end', 'n\nl'],
    ['a control character', 'n\u0085l'],
    ['a mark of direction', 'n\u202el'],
  ])('refuse a name with %s, at every depth', (_what, name) => {
    expect(codeOf(base, add(name))).toBe('invalid-request')
    expect(codeOf(base, rename(2, ['delay'], name))).toBe('invalid-request')
    const inner = { id: 1, name, required: false, type: 'int' }
    expect(codeOf(base, add('s', { type: JSON.stringify({ type: 'struct', fields: [inner] }) }))).toBe(
      'invalid-request',
    )
    expect(names(commit(base, add('עיר بلد')))).toContain('עיר بلد')
  })

  it('say which name is taken by now', () => {
    expect(catchAppError(() => changeForIntents(base, [add('delay')])).message).toBe(
      'The name delay is taken. Choose another one.',
    )
  })

  it('warn of what Trino cannot filter by, when the table has files', () => {
    const promote = { kind: 'change-column-type', type: 'long', base: 'int', fieldId: 2, column: ['delay'] } as const
    expect(warningsForIntents({ ...base, currentSnapshotId: '1' }, [promote])).toEqual([
      expect.stringContaining('Trino up to 481 cannot filter by delay'),
    ])
    expect(warningsForIntents(base, [promote])).toEqual([])
  })
})

describe('Names that columns hand to each other in one commit', () => {
  const key = (column: string) => `write.metadata.metrics.column.${column}`
  const base = metadataOf({
    properties: {
      [key('delay')]: 'full',
      [key('price')]: 'none',
      'schema.name-mapping.default': JSON.stringify([
        { 'field-id': 2, names: ['delay'] },
        { 'field-id': 3, names: ['price'] },
      ]),
    },
  })
  const drop: Intent = { kind: 'drop-column', fieldId: 2, column: ['delay'] }

  it('are swapped, with the properties that name them and the name mapping, in one schema', () => {
    const after = commit(base, rename(2, ['delay'], 'price'), rename(3, ['price'], 'delay'))
    expect([pathOf(after, 2), pathOf(after, 3), after.schemas.length]).toEqual(['price', 'delay', 2])
    expect([after.properties[key('price')], after.properties[key('delay')]]).toEqual(['full', 'none'])
    expect(JSON.parse(after.properties['schema.name-mapping.default'] ?? '')).toMatchObject([
      { 'field-id': 2, names: ['price'] },
      { 'field-id': 3, names: ['delay'] },
    ])
    const here = rename(5, ['place', 'lat'], 'lon')
    expect(pathOf(commit(base, here, rename(6, ['place', 'lon'], 'lat')), 5)).toBe('place.lon')
  })

  it('go round between three columns, and to one that differs in case', () => {
    const after = commit(base, rename(1, ['id'], 'delay'), rename(2, ['delay'], 'price'), rename(3, ['price'], 'ID'))
    expect(names(after).slice(0, 3)).toEqual(['delay', 'price', 'ID'])
  })

  it('go from a dropped or renamed column to a new one, whichever comes first', () => {
    for (const tray of [
      [drop, add('delay', { type: 'long', after: 1 })],
      [add('delay', { type: 'long', after: 1 }), drop],
    ]) {
      const after = commit(base, ...tray)
      expect(names(after)).toEqual(['id', 'delay', 'price', 'place', 'stops', 'tags'])
      expect([pathOf(after, 2), pathOf(after, 13)]).toEqual([undefined, 'delay'])
    }
    const after = commit(base, add('delay'), rename(2, ['delay'], 'late'))
    expect([pathOf(after, 2), pathOf(after, 13), after.properties[key('late')]]).toEqual(['late', 'delay', 'full'])
  })

  it('are taken when the column keeps its name, or another client’s column has it', () => {
    expect(codeOf(base, rename(2, ['delay'], 'price'), rename(3, ['price'], 'price'))).toBe('already-exists')
    expect(codeOf(base, rename(1, ['id'], 'price'), rename(2, ['delay'], 'price'))).toBe('already-exists')
    const theirs = commit(commit(base, drop), add('delay'))
    expect(findConflicts(theirs, [drop, add('delay')]).map(({ index }) => index)).toEqual([0, 1])
  })

  it('are problems of the change that cannot be carried out', () => {
    const [swapped, other] = [rename(3, ['price'], 'delay'), rename(2, ['delay'], 'price')]
    expect(findProblem(base, [add('x'), other, swapped, rename(1, ['id'], ' ')])?.index).toBe(3)
    // A query that names one of them reads the other one's values.
    expect(warningsForIntents(base, [other, swapped])).toEqual([
      expect.stringMatching(/^Queries that name delay, price find another column there afterwards/),
    ])
    expect(warningsForIntents(base, [rename(3, ['price'], 'cost')])).toEqual([])
  })
})

describe('A change of columns that another client got in the way of', () => {
  const base = metadataOf()

  it('conflicts when its own target changed, and is rebased on it', () => {
    const theirs = commit(base, rename(2, ['delay'], 'minutes'))
    const mine = [rename(2, ['delay'], 'late'), rename(3, ['price'], 'fare')]
    expect(findConflicts(theirs, mine)).toEqual([
      { index: 0, base: 'delay', current: 'minutes', requested: 'late', rebased: rename(2, ['minutes'], 'late') },
    ])
    expect(codeOf(theirs, ...mine)).toBe('commit-conflict')
    expect(names(commit(theirs, rename(2, ['minutes'], 'late'), rename(3, ['price'], 'fare')))).toContain('late')
  })

  it('has nothing left to change when its column is gone', () => {
    const theirs = commit(base, { kind: 'drop-column', fieldId: 3, column: ['price'] })
    const [conflict] = findConflicts(theirs, [rename(3, ['price'], 'fare')])
    expect(conflict).toEqual({ index: 0, base: 'price', current: null, requested: 'fare', rebased: null })
  })

  it('goes with theirs when they changed something else', () => {
    const theirs = commit(base, add('theirs'))
    const both = commit(theirs, add('mine'), rename(2, ['delay'], 'late'))
    expect(names(both)).toEqual(['mine', 'theirs', 'id', 'late', 'price', 'place', 'stops', 'tags'])
    expect([pathOf(both, 13), pathOf(both, 14)]).toEqual(['theirs', 'mine'])
  })
})

describe('The reverse of a change of columns', () => {
  const base = metadataOf()
  const intents = [{ kind: 'drop-column', fieldId: 3, column: ['price'] }, add('x')] as const

  it('returns to the schema before, with the ids of its columns', () => {
    const after = commit(base, ...intents)
    const reverse = reverseIntents(base, after, intents) ?? []
    const undone = commit(after, ...reverse)
    expect(undone.currentSchemaId).toBe(base.currentSchemaId)
    expect(currentSchema(undone)).toEqual(SCHEMA)
    expect(undone.schemas).toHaveLength(2)
  })

  it('is refused when data written since does not fit', () => {
    const promoted = commit(base, {
      kind: 'change-column-type',
      fieldId: 2,
      column: ['delay'],
      type: 'long',
      base: 'int',
    })
    const reverse: Intent = { kind: 'set-current-schema', schemaId: 0, base: promoted.currentSchemaId }
    expect(names(commit(promoted, reverse))).toContain('delay')
    const snapshot = {
      snapshotId: '1',
      parentSnapshotId: null,
      sequenceNumber: 1,
      timestampMs: 1,
      manifestList: 'file:///w/t/m.avro',
      summary: { operation: 'append' },
      schemaId: promoted.currentSchemaId,
    }
    expect(codeOf({ ...promoted, snapshots: [snapshot] }, reverse)).toBe('invalid-request')
  })

  it('of an upgrade has one warning, also with a default that needs it', () => {
    const upgrade: Intent = { kind: 'upgrade-format-version', formatVersion: 3, base: 2 }
    expect(warningsForIntents(base, [upgrade, add('a', { initialDefault: '"x"', writeDefault: '"x"' })])).toEqual([
      'A format version cannot be lowered again, so this commit cannot be undone as a whole. Clients that do not support version 3 can no longer write the table, and some can no longer read it.',
    ])
  })

  it('does not exist for a format version', () => {
    const upgrade: Intent = { kind: 'upgrade-format-version', formatVersion: 3, base: 2 }
    const after = commit(base, upgrade)
    expect(after.formatVersion).toBe(3)
    expect(reverseIntents(base, after, [upgrade])).toBeNull()
    expect(isIrreversible(upgrade)).toBe(true)
    expect(isIrreversible(add('a'))).toBe(false)
    expect(needsTypedName(base, [upgrade, add('a')])).toBe(true)
    expect(needsTypedName(base, [add('a')])).toBe(false)
  })
})

describe('A partition spec', () => {
  const base = metadataOf()
  const by = (sourceId: number, source: string, transform: string, name: string): Intent => ({
    kind: 'add-partition-field',
    sourceId,
    source: [source],
    transform,
    name,
  })

  it('is changed field by field, and a field that comes back has its id again', () => {
    const one = commit(base, by(1, 'id', 'bucket[16]', 'id_bucket'), by(2, 'delay', 'identity', 'delay'))
    expect(defaultSpec(one)).toEqual({
      specId: 1,
      fields: [
        { sourceId: 1, fieldId: 1000, name: 'id_bucket', transform: 'bucket[16]' },
        { sourceId: 2, fieldId: 1001, name: 'delay', transform: 'identity' },
      ],
    })
    const two = commit(one, { kind: 'remove-partition-field', fieldId: 1000, name: 'id_bucket' })
    const three = commit(two, by(1, 'id', 'bucket[16]', 'b'), by(1, 'id', 'bucket[8]', 'c'))
    expect(defaultSpec(three).fields.map(({ fieldId, name }) => [fieldId, name])).toEqual([
      [1001, 'delay'],
      [1000, 'b'],
      [1002, 'c'],
    ])
    const renamed = commit(three, { kind: 'rename-partition-field', fieldId: 1000, name: 'd', base: 'b' })
    expect(defaultSpec(renamed).fields.map(({ name }) => name)).toEqual(['delay', 'd', 'c'])
    const back = commit(
      renamed,
      ...(reverseIntents(three, renamed, [{ kind: 'rename-partition-field', fieldId: 1000, name: 'd', base: 'b' }]) ??
        []),
    )
    expect(back.defaultSpecId).toBe(three.defaultSpecId)
  })

  it('keeps the position of a removed field in format version 1', () => {
    const v1 = metadataOf({ formatVersion: 1 })
    const one = commit(v1, by(1, 'id', 'bucket[16]', 'b'), by(2, 'delay', 'identity', 'delay'))
    const two = commit(
      one,
      { kind: 'remove-partition-field', fieldId: 1000, name: 'b' },
      by(3, 'price', 'identity', 'b_'),
    )
    expect(defaultSpec(two).fields.map(({ fieldId, transform }) => [fieldId, transform])).toEqual([
      [1000, 'void'],
      [1001, 'identity'],
      [1002, 'identity'],
    ])
  })

  it.each<[string, Intent]>([
    ['a transform that does not fit the column', by(3, 'price', 'day', 'p')],
    ['a transform that is none', by(1, 'id', 'zorder', 'p')],
    ['the name of another column', by(1, 'id', 'bucket[4]', 'delay')],
    ['the name of a column within another', by(1, 'id', 'bucket[4]', 'place.lat')],
    ['a field without values', by(1, 'id', 'Void', 'p')],
  ])('refuses %s', (_what, intent) => {
    expect(codeOf(base, intent)).toBe('invalid-request')
  })

  it('refuses names that differ from another field or a column in case alone', () => {
    const one = commit(base, by(1, 'id', 'bucket[16]', 'b'))
    expect(codeOf(one, by(2, 'delay', 'identity', 'B'))).toBe('already-exists')
    expect(codeOf(one, by(2, 'delay', 'truncate[10]', 'Price'))).toBe('already-exists')
    const rename: Intent = { kind: 'rename-partition-field', fieldId: 1000, name: 'DELAY', base: 'b' }
    expect(codeOf(one, rename)).toBe('already-exists')
    expect(defaultSpec(commit(one, { ...rename, name: 'B' })).fields[0]?.name).toBe('B')
    expect(defaultSpec(commit(base, by(2, 'delay', 'identity', 'Delay'))).fields[0]?.name).toBe('Delay')
  })

  it('has one spelling of a transform, by which the same field is known', () => {
    const one = commit(base, by(1, 'id', 'BUCKET[016]', 'b'))
    expect(defaultSpec(one).fields[0]?.transform).toBe('bucket[16]')
    expect(codeOf(one, by(1, 'id', 'Bucket[16]', 'c'))).toBe('commit-conflict')
    expect(codeOf(base, by(1, 'id', 'bucket[16]', 'a'), by(1, 'id', 'Bucket[16]', 'c'))).toBe('already-exists')
  })
})

describe('A sort order', () => {
  it('is replaced, is none again, and returns', () => {
    const base = metadataOf()
    const fields = [
      { sourceId: 2, source: ['delay'], transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' },
    ] as const
    const sort: Intent = { kind: 'replace-sort-order', fields, base: 0 }
    const sorted = commit(base, sort)
    expect(sorted.sortOrders[1]).toEqual({
      orderId: 1,
      fields: [{ sourceId: 2, transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' }],
    })
    const unsorted = commit(sorted, { kind: 'replace-sort-order', fields: [], base: 1 })
    expect([sorted.defaultSortOrderId, unsorted.defaultSortOrderId]).toEqual([1, 0])
    expect(commit(sorted, ...(reverseIntents(base, sorted, [sort]) ?? [])).defaultSortOrderId).toBe(0)
    expect(codeOf(sorted, sort)).toBe('commit-conflict')
  })

  const ID = { sourceId: 1, source: ['id'], direction: 'asc', nullOrder: 'nulls-first' } as const

  it.each([
    ['nothing but null', [{ ...ID, transform: 'void' }], 'void is not a transform to sort by.'],
    ['what is none', [{ ...ID, transform: 'zorder' }], 'zorder is not a transform to sort by.'],
    [
      'one column in both directions',
      [
        { ...ID, transform: 'identity' },
        { ...ID, transform: 'Identity', direction: 'desc' as const },
      ],
      'The table is already sorted by this.',
    ],
    [
      'the same buckets twice',
      [
        { ...ID, transform: 'bucket[16]' },
        { ...ID, transform: 'bucket[016]', nullOrder: 'nulls-last' as const },
      ],
      'The table is already sorted by this.',
    ],
  ])('by %s is refused, in the review as in the commit', (_what, fields, message) => {
    const sort: Intent = { kind: 'replace-sort-order', fields, base: 0 }
    expect(findProblem(metadataOf(), [sort])).toMatchObject({ index: 0, error: { code: 'invalid-request', message } })
    expect(catchAppError(() => changeForIntents(metadataOf(), [sort])).message).toBe(message)
  })

  it('of another writer with a field twice stays and returns, and other buckets are another field', () => {
    const twice = [
      { sourceId: 1, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' },
      { sourceId: 1, transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' },
    ] as const
    const base = metadataOf({ sortOrders: [{ orderId: 1, fields: twice }], defaultSortOrderId: 1 })
    const sort: Intent = {
      kind: 'replace-sort-order',
      fields: [
        { ...ID, transform: 'bucket[16]' },
        { ...ID, transform: 'bucket[8]' },
      ],
      base: 1,
    }
    const sorted = commit(base, sort)
    expect(sorted.defaultSortOrderId).toBe(2)
    expect(commit(sorted, ...(reverseIntents(base, sorted, [sort]) ?? [])).defaultSortOrderId).toBe(1)
  })
})
