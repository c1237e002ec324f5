import { expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { layoutChanges } from './layout-changes'

const column = (id: number, name: string, change: Partial<NestedField> = {}): NestedField => ({
  id,
  name,
  required: false,
  type: 'int',
  ...change,
})
const schema = (schemaId: number, fields: NestedField[]) => ({ schemaId, identifierFieldIds: [], fields })
const metadata = sampleMetadata({
  schemas: [
    schema(0, [column(1, 'id'), column(2, 'delay'), column(3, 'note')]),
    schema(1, [column(1, 'id', { type: 'long' }), column(2, 'arrival_delay'), column(4, 'route', { doc: 'code' })]),
    schema(2, [column(2, 'arrival_delay'), column(1, 'id', { type: 'long' }), column(4, 'route', { doc: 'code' })]),
  ],
  currentSchemaId: 2,
  partitionSpecs: [
    { specId: 0, fields: [] },
    { specId: 1, fields: [{ sourceId: 4, fieldId: 1000, name: 'route', transform: 'identity' }] },
  ],
  sortOrders: [{ orderId: 0, fields: [] }],
})
const changes = (before: Record<string, string>, after: Record<string, string>) =>
  layoutChanges(before, after, metadata).map(({ kind, name, before: was, after: is }) => [kind, name, was, is])

it('names the columns that were added, removed, renamed and changed', () => {
  expect(changes({ schema: 'id 0' }, { schema: 'id 1' })).toEqual([
    ['layout', 'type of id', 'int', 'long'],
    ['layout', 'column name', 'delay', 'arrival_delay'],
    ['column', 'note', 'int', null],
    ['column', 'route', null, 'int'],
  ])
})

it('names each column that moved', () => {
  expect(changes({ schema: 'id 1' }, { schema: 'id 2' })).toEqual([
    ['layout', 'position of arrival_delay', 'after id', 'first'],
  ])
})

it('names every change of a schema once, next to others and inside columns', () => {
  const address = (street: string, ...added: NestedField[]) =>
    column(5, 'addr', { type: { type: 'struct', fields: [column(6, street), ...added] } })
  const pair = (names: [string, string]): Partial<NestedField> => ({
    type: { type: 'struct', fields: [column(8, names[0]), column(9, names[1])] },
  })
  const mixed = sampleMetadata({
    schemas: [
      { ...schema(0, [column(1, 'id'), column(2, 'qty'), address('street'), column(3, 'day')]) },
      {
        ...schema(1, [
          column(3, 'day'),
          column(1, 'id'),
          column(2, 'qty', { doc: 'd' }),
          address('road', column(10, 'zip')),
          column(7, 'pair', pair(['left', 'right'])),
        ]),
        identifierFieldIds: [1],
      },
    ],
    currentSchemaId: 1,
  })
  const listed = (before: string, after: string) =>
    layoutChanges({ schema: before }, { schema: after }, mixed).map((one) => [one.name, one.before, one.after])
  expect(listed('id 0', 'id 1')).toEqual([
    ['comment of qty', 'none', 'd'],
    ['column name', 'addr.street', 'addr.road'],
    ['addr.zip', null, 'int'],
    ['pair', null, 'struct<left: int, right: int>'],
    ['position of day', 'after addr', 'first'],
    ['identifier fields', 'none', 'id'],
  ])
  expect(listed('id 1', 'id 0').map(([name]) => name)).toEqual([
    'comment of qty',
    'column name',
    'addr.zip',
    'pair',
    'position of day',
    'identifier fields',
  ])
})

it('shows partition specs by their fields', () => {
  expect(changes({ 'partition spec': 'id 0' }, { 'partition spec': 'id 1' })).toEqual([
    ['layout', 'partition spec', 'none', 'route'],
  ])
})

it('shows the defaults of columns, and the format version', () => {
  const withDefaults = sampleMetadata({
    schemas: [
      schema(0, [column(1, 'id'), column(2, 'delay', { writeDefault: 1 })]),
      schema(1, [
        column(1, 'id', { type: 'long', writeDefault: 9_007_199_254_740_993n }),
        column(3, 'x', { writeDefault: 7 }),
      ]),
    ],
    currentSchemaId: 1,
  })
  const [before, after] = [
    { schema: 'id 0', 'format version': '2' },
    { schema: 'id 1', 'format version': '3' },
  ]
  expect(layoutChanges(before, after, withDefaults).map((one) => [one.name, one.before, one.after])).toEqual([
    ['type of id', 'int', 'long'],
    ['default of id', 'none', '9007199254740993'],
    ['delay', 'int, default 1', null],
    ['x', null, 'int, default 7'],
    ['format version', '2', '3'],
  ])
})

it('keeps the ids of what the table no longer has', () => {
  expect(changes({ schema: 'id 8', 'sort order': 'id 9' }, { schema: 'id 0', 'sort order': 'id 0' })).toEqual([
    ['layout', 'schema', 'id 8', 'id 0'],
    ['layout', 'sort order', 'id 9', 'id 0'],
  ])
})
