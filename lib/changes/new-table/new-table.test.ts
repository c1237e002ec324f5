import { describe, expect, it } from 'vitest'
import type { TableDeclaration } from '../declaration/table-declaration'
import { newTableMetadata } from '../../iceberg/commit/new-table-metadata'
import { typeLabel } from '../../iceberg/schema/type-label'
import {
  addColumn,
  changeColumnType,
  dropColumn,
  moveColumn,
  renameColumn,
  setColumnDefault,
  setColumnRequired,
  toggleIdentifier,
} from './draft-columns'
import { draftFromText, draftToText } from './draft-text'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { toDeclaration } from '../declaration/to-declaration'
import { draftLikeTable } from './like-table'
import { declarationOfDraft, draftOfDeclaration, EMPTY_DRAFT, type NewTableDraft } from './new-table-draft'
import { findNewTableProblems } from './new-table-problems'
import { createStatements } from './new-table-statements'
import { newTableLines } from './describe-new-table'

const LEGS: TableDeclaration = {
  'format-version': 3,
  columns: [
    { name: 'id', type: 'long', required: true },
    { name: 'at', type: 'timestamptz' },
    { name: 'carrier', type: { struct: [{ name: 'code', type: 'string' }] } },
    { name: 'seen', type: 'long', 'initial-default': 9007199254740993n, 'write-default': 9007199254740993n },
  ],
  'identifier-fields': ['id'],
  'partition-fields': [{ name: 'at_day', column: 'at', transform: 'day' }],
  'sort-fields': [{ column: 'carrier.code', transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }],
  properties: { comment: 'legs' },
}
const legs = (change: Partial<TableDeclaration> = {}): NewTableDraft => draftOfDeclaration({ ...LEGS, ...change })
const names = ({ schema }: NewTableDraft) => schema.fields.map(({ name }) => name)
const messages = (draft: NewTableDraft) => findNewTableProblems(draft).map(({ message }) => message)

describe('The columns of a new table', () => {
  it('keep the layout that refers to them when they are renamed, and give its fields their names', () => {
    const draft = renameColumn(legs(), 2, 'flown_at')
    expect(declarationOfDraft(draft)['partition-fields']).toEqual([
      { name: 'flown_at_day', column: 'flown_at', transform: 'day' },
    ])
    expect(() => renameColumn(draft, 1, 'flown_at')).toThrow('There is already a column flown_at.')
    expect(() => renameColumn(draft, 1, '_file')).toThrow(
      '_file is the name of a metadata column that every table has.',
    )
  })

  it('take the layout with them when they go', () => {
    const draft = [1, 2, 3].reduce(dropColumn, legs())
    expect(names(draft)).toEqual(['seen'])
    expect(declarationOfDraft(draft)).toMatchObject({
      'identifier-fields': [],
      'partition-fields': [],
      'sort-fields': [],
    })
    expect(declarationOfDraft(changeColumnType(legs(), 3, 'string'))['sort-fields']).toEqual([])
  })

  it('are added, moved and nested, with ids that no other column has', () => {
    const added = addColumn(legs(), 3)
    expect(declarationOfDraft(added).columns?.[2]).toEqual({
      name: 'carrier',
      type: {
        struct: [
          { name: 'code', type: 'string' },
          { name: 'column_2', type: 'string' },
        ],
      },
    })
    expect(names(moveColumn(added, 5, null))).toEqual(['seen', 'id', 'at', 'carrier'])
    expect(names(addColumn(EMPTY_DRAFT, null))).toEqual(['column_1'])
  })

  it('do not get the id of a removed one, which may be that of a field of a file', () => {
    const lastId = (draft: NewTableDraft) => draft.schema.fields.at(-1)?.id
    const removed = dropColumn(legs(), 5)
    expect(lastId(addColumn(removed, null))).toBe(6)
    expect(lastId(addColumn(draftFromText(draftToText(removed)) ?? EMPTY_DRAFT, null))).toBe(6)
    const again = dropColumn(addColumn(removed, null), 6)
    expect(lastId(addColumn(again, null))).toBe(7)
  })

  it('are required, with all that they are in, when they identify rows', () => {
    const draft = toggleIdentifier(legs(), 4)
    expect(messages(draft)).toEqual([])
    expect(declarationOfDraft(draft)['identifier-fields']).toEqual(['id', 'carrier.code'])
    expect(messages(setColumnRequired(draft, 3, false))).toEqual(['carrier.code is inside carrier, which is optional.'])
    expect(declarationOfDraft(toggleIdentifier(draft, 4))['identifier-fields']).toEqual(['id'])
  })

  it('lose a default with their type, and refuse one that is not a value', () => {
    expect(changeColumnType(legs(), 5, 'string').schema.fields[3]).not.toHaveProperty('writeDefault')
    expect(() => setColumnDefault(legs(), 5, '"x"')).toThrow('is not a valid value')
    expect(setColumnDefault(legs(), 5, '12').schema.fields[3]).toMatchObject({ initialDefault: 12, writeDefault: 12 })
  })
})

it('Drafts are stored as text, exactly, also while two columns have one name', () => {
  const draft = legs()
  const unfinished = {
    ...draft,
    schema: { ...draft.schema, fields: draft.schema.fields.map((field) => ({ ...field, name: 'same' })) },
  }
  expect(draftFromText(draftToText(unfinished))).toEqual(unfinished)
  for (const text of ['', '{}', '[1]', '{"format-version":2,"schema":7}']) expect(draftFromText(text)).toBeNull()
})

describe('A problem of a new table', () => {
  it.each<[string, Partial<TableDeclaration>, string]>([
    [
      'no columns',
      { columns: [], 'identifier-fields': [], 'partition-fields': [], 'sort-fields': [] },
      'at least one column',
    ],
    ['a default before version 3', { 'format-version': 2 }, 'which needs format version 3.'],
    ['an optional identifier', { 'identifier-fields': ['at'] }, 'at is optional.'],
    [
      'a transform that the type lacks',
      { 'partition-fields': [{ name: 'p', column: 'id', transform: 'day' }] },
      'cannot apply day to column id',
    ],
    [
      'two times of one column',
      {
        'partition-fields': [
          { name: 'y', column: 'at', transform: 'year' },
          { name: 'd', column: 'at', transform: 'day' },
        ],
      },
      'y already divides the rows by this column.',
    ],
    [
      'a partition field named like a column',
      { 'partition-fields': [{ name: 'id', column: 'at', transform: 'day' }] },
      'has the same name as a column',
    ],
    [
      'a partition field named like a column in other letters',
      { 'partition-fields': [{ name: 'ID', column: 'at', transform: 'day' }] },
      'ID and the column id differ in case alone.',
    ],
    [
      'a partition field without values',
      { 'partition-fields': [{ name: 'p', column: 'at', transform: 'void' }] },
      'void is not a transform to partition by.',
    ],
    [
      'a sort by nothing but null',
      { 'sort-fields': [{ column: 'id', transform: 'void', direction: 'asc', 'null-order': 'nulls-first' }] },
      'void is not a transform to sort by.',
    ],
    [
      'one sort in both directions',
      {
        'sort-fields': [
          { column: 'id', transform: 'bucket[4]', direction: 'asc', 'null-order': 'nulls-first' },
          { column: 'id', transform: 'BUCKET[4]', direction: 'desc', 'null-order': 'nulls-last' },
        ],
      },
      'The table is already sorted by this.',
    ],
    ['a wrong value of a property', { properties: { 'write.parquet.compression-codec': 'zip' } }, 'should be one of'],
    [
      'a metrics mode of no column',
      { properties: { 'write.metadata.metrics.column.nope': 'full' } },
      'there is no column nope',
    ],
    [
      'a rule of no column',
      { properties: { 'lakeshore.rule.x': '{"column":"nope","notNull":true}' } },
      'lakeshore.rule.x names the column nope, which the table does not have',
    ],
    ['a secret', { properties: { 's3.secret-access-key': 'x' } }, 'would contain a secret'],
  ])('is said for %s, once, at its part', (_what, change, message) => {
    expect(messages(legs(change))).toEqual([expect.stringContaining(message)])
  })

  it('is said for columns of one name and empty structs', () => {
    const twice = legs({ columns: [...(LEGS.columns ?? []), { name: 'id', type: 'int' }], 'identifier-fields': [] })
    expect(findNewTableProblems(twice)).toEqual([
      { part: { kind: 'column', fieldId: 6 }, message: 'There is already a column id.' },
    ])
    const reserved = legs({ columns: [...(LEGS.columns ?? []), { name: '_Spec_ID', type: 'int' }] })
    expect(findNewTableProblems(reserved)).toEqual([
      { part: { kind: 'column', fieldId: 6 }, message: expect.stringContaining('is the name of a metadata column') },
    ])
    const inCase = legs({ columns: [...(LEGS.columns ?? []), { name: 'ID', type: 'int' }], 'identifier-fields': [] })
    expect(findNewTableProblems(inCase)).toEqual([
      { part: { kind: 'column', fieldId: 6 }, message: expect.stringContaining('differ in case alone') },
    ])
    expect(messages(dropColumn(legs(), 4))).toEqual(['The struct carrier needs a column.'])
  })
})

describe('A declaration', () => {
  it.each<[string, Partial<TableDeclaration>, string]>([
    ['of an unknown type', { columns: [{ name: 'a', type: 'text' }] }, 'text is not a type of Iceberg.'],
    ['that names a missing column', { 'identifier-fields': ['gone'] }, 'identifier-fields: there is no column gone.'],
    ['with a tag', { refs: { v1: {} } }, 'a new table has no branch or tag v1'],
    ['with a retention', { refs: { main: { 'min-snapshots-to-keep': 3 } } }, 'no retention of it'],
    [
      'with a name that is two columns',
      { columns: [...(LEGS.columns ?? []), { name: 'carrier.code', type: 'string' }] },
      'two columns are carrier.code, because a name has a dot.',
    ],
  ])('%s is refused', (_what, change, message) => {
    expect(() => legs(change)).toThrow(message)
  })
})

it('A table like another one leaves out what belongs to that one or grants access', () => {
  const draft = legs()
  const metadata = newTableMetadata({
    schema: draft.schema,
    partitionSpec: { specId: 0, fields: draft.partitionFields.map((field) => ({ ...field, fieldId: 1000 })) },
    sortOrder: { orderId: 1, fields: draft.sortFields },
    location: 's3://lake/legs',
    properties: {
      'format-version': '3',
      comment: 'legs',
      'write.data.path': 's3://lake/elsewhere',
      'schema.name-mapping.default': '[]',
      's3.secret-access-key': 'x',
      'lakeshore.parquet.column.2.compression-codec': 'gzip',
      'lakeshore.column.2.tags': 'pii',
      'lakeshore.badge': 'certified',
      'lakeshore.protected': 'true',
    },
    tableUuid: '00000000-0000-0000-0000-000000000001',
    nowMs: 0,
  })
  const like = draftLikeTable(metadata)
  expect(declarationOfDraft(like.draft)).toEqual({
    ...declarationOfDraft(draft),
    properties: { comment: 'legs', 'write.parquet.compression-codec': 'zstd' },
  })
  expect(like.leftOut).toEqual([
    'write.data.path',
    'schema.name-mapping.default',
    's3.secret-access-key',
    'lakeshore.parquet.column.2.compression-codec',
    'lakeshore.column.2.tags',
    'lakeshore.badge',
    'lakeshore.protected',
  ])
})

it('The words of a new table have a line for each part', () => {
  expect(newTableLines('demo.legs', legs())).toEqual([
    { title: 'Create demo.legs, format version 3', detail: null },
    { title: '4 columns, identifier id', detail: 'and 1 field within them' },
    { title: 'Partition by day(at)', detail: 'sort by carrier.code asc' },
    { title: 'Set the description', detail: null },
  ])
  const properties = { comment: 'legs', owner: 'ann', 'write.format.default': 'parquet' }
  expect(newTableLines('demo.legs', { ...legs(), properties }).slice(3)).toEqual([
    { title: 'Set the description and the owner', detail: null },
    { title: 'Set 1 property', detail: 'write.format.default' },
  ])
  expect(newTableLines('demo.legs', legs(), { 'write.parquet.compression-codec': 'zstd' }).at(-1)).toEqual({
    title: '1 property set by the catalog',
    detail: 'write.parquet.compression-codec = zstd',
  })
})

describe('The statements of other engines', () => {
  const identifier = { catalog: 'lake', namespace: ['demo'], table: 'legs' }
  const scripts = (change: Partial<TableDeclaration>) =>
    createStatements(identifier, { draft: legs(change), location: null })

  it('say what they leave out', () => {
    const { spark, trino, pyiceberg } = scripts({})
    expect(spark.missing).toEqual(['Spark 3.5 cannot set defaults of columns of an Iceberg table.'])
    expect(spark.statements).toHaveLength(3)
    expect(trino.missing).toEqual([
      'Trino sorts by columns of the table, not by those within structs.',
      'Trino has no identifier fields.',
      'Trino 476 has no defaults of columns.',
    ])
    expect(pyiceberg.missing).toEqual([])
    expect(pyiceberg.text).toContain('initial_default=9007199254740993, write_default=9007199254740993')
  })

  it.each(['variant', 'geometry', 'timestamp_ns'])('are none for what an engine cannot create: %s', (type) => {
    const { spark, trino } = scripts({ columns: [...(LEGS.columns ?? []), { name: 'more', type }] })
    for (const script of [spark, trino]) {
      expect(script.statements).toEqual([])
      expect(script.text).toMatch(new RegExp(`^-- .* ${type}`))
    }
  })

  it('give partition fields no other name than the table', () => {
    const { spark, trino } = scripts({ 'partition-fields': [{ name: 'by_day', column: 'at', transform: 'day' }] })
    expect(spark.missing).toEqual(['Spark would give the partition field by_day another name.'])
    expect(trino.missing).toEqual(['Trino would name the partition field by_day at_day.'])
  })
})

it('Drafts have the types of the declared columns', () => {
  expect(legs().schema.fields.map(({ type }) => typeLabel(type))).toEqual([
    'long',
    'timestamptz',
    'struct<code: string>',
    'long',
  ])
})

it('A new table like one of a draft format version is of the newest version, and its text asks for none', () => {
  const metadata = sampleMetadata({ formatVersion: 4, nextRowId: '0' })
  expect(draftLikeTable(metadata).draft.formatVersion).toBe(3)
  expect(toDeclaration(metadata)).not.toHaveProperty('format-version')
  expect(toDeclaration(sampleMetadata())).toHaveProperty('format-version', 2)
})
