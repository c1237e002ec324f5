import { describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { column } from '@/testing/ingest/test-staging'
import { parsePartitionSpec } from './partition-text'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    column(1, 'ts', 'timestamp'),
    column(2, 'id', 'long'),
    column(3, 'place', { type: 'struct', fields: [column(4, 'town', 'string')] }),
    column(5, 'ratio', 'double'),
    column(6, 'city, state', 'string'),
    column(7, 'say "hi" (now)', 'string'),
    column(8, 'back`tick', 'date'),
    column(9, 'place.town', 'string'),
    column(10, 'Order No.', 'long'),
    column(11, '2026', 'int'),
    column(12, 'a, b', { type: 'struct', fields: [column(13, 'c.d', 'timestamp')] }),
  ],
}

describe('A partitioning as text', () => {
  it('becomes a spec with the names that other engines give', () => {
    expect(parsePartitionSpec('months(ts), bucket(16, id), truncate(place.town, 4),id', schema).fields).toEqual([
      { sourceId: 1, fieldId: 1000, name: 'ts_month', transform: 'month' },
      { sourceId: 2, fieldId: 1001, name: 'id_bucket', transform: 'bucket[16]' },
      { sourceId: 4, fieldId: 1002, name: 'place.town_trunc', transform: 'truncate[4]' },
      { sourceId: 2, fieldId: 1003, name: 'id', transform: 'identity' },
    ])
    expect(parsePartitionSpec(null, schema)).toEqual({ specId: 0, fields: [] })
    expect(parsePartitionSpec(' ', schema).fields).toEqual([])
  })

  it.each([
    ['"city, state"', 6, 'city, state', 'identity'],
    ['truncate("city, state", 4)', 6, 'city, state_trunc', 'truncate[4]'],
    ['`city, state`', 6, 'city, state', 'identity'],
    ['bucket(4, "say ""hi"" (now)")', 7, 'say "hi" (now)_bucket', 'bucket[4]'],
    ['DAYS( `back``tick` )', 8, 'back`tick_day', 'day'],
    ['month("back`tick")', 8, 'back`tick_month', 'month'],
    ['"place.town"', 9, 'place.town', 'identity'],
    ['"place"."town"', 4, 'place.town', 'identity'],
    ['place."town"', 4, 'place.town', 'identity'],
    ['place.town', 4, 'place.town', 'identity'],
    ['bucket(8, Order No.)', 10, 'Order No._bucket', 'bucket[8]'],
    ['bucket(8, "2026")', 11, '2026_bucket', 'bucket[8]'],
    ['2026', 11, '2026', 'identity'],
    ['hour("a, b" . "c.d")', 13, 'a, b.c.d_hour', 'hour'],
  ])('takes quoted names: %s', (text, sourceId, name, transform) => {
    const field = { sourceId, fieldId: 1000, name, transform }
    expect(parsePartitionSpec(text, schema).fields).toEqual([field])
    expect(parsePartitionSpec(`id, ${text} , month(ts)`, schema).fields[1]).toEqual({ ...field, fieldId: 1001 })
  })

  it.each([
    ['"city', '""city" is not a partitioning'],
    ['"city, state" x', 'is not a partitioning'],
    ['"month"(ts)', 'is not a partitioning'],
    ['bucket(, 4)', 'is not a partitioning'],
    ['id,', '"id," is not a partitioning'],
    ['bucket(4)', '"bucket(4)" is not a partitioning'],
    ['bucket("id", ts)', 'is not a partitioning'],
    ['"a, b.c.d"', 'Column a, b.c.d does not exist. Partition by a column of the table.'],
    ['month(nothing)', 'Column nothing does not exist. Partition by a column of the table.'],
    ['month(id)', 'Column id cannot be partitioned by month.'],
    ['bucket(4, ratio)', 'Column ratio cannot be partitioned by bucket.'],
    ['week(ts)', '"week(ts)" is not a partitioning'],
    ['month(ts', '"month(ts" is not a partitioning'],
    ['bucket(4, id, 2)', '"bucket(4, id, 2)" is not a partitioning'],
    ['place', 'Column place cannot be partitioned by identity.'],
  ])('that is invalid is refused: %s', (text, message) => {
    expect(() => parsePartitionSpec(text, schema)).toThrow(message)
  })
})
