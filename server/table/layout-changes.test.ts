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

it('says that only the order of columns changed', () => {
  expect(changes({ schema: 'id 1' }, { schema: 'id 2' })).toEqual([
    ['layout', 'column order', 'id, arrival_delay, route', 'arrival_delay, id, route'],
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
