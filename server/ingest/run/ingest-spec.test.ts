import { describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { column } from '@/testing/ingest/test-staging'
import { parseIngestSpec, parsePartitionSpec, parseSchema } from './ingest-spec'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    column(1, 'ts', 'timestamp'),
    column(2, 'id', 'long'),
    column(3, 'place', { type: 'struct', fields: [column(4, 'town', 'string')] }),
    column(5, 'ratio', 'double'),
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
    ['month(nothing)', 'There is no column nothing to partition by.'],
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

describe('A schema file', () => {
  it('is plain Iceberg schema JSON', () => {
    const text = '{"type":"struct","fields":[{"id":1,"name":"a","required":true,"type":"decimal(9,2)","doc":"x"}]}'
    expect(parseSchema(text).fields).toEqual([{ id: 1, name: 'a', required: true, type: 'decimal(9, 2)', doc: 'x' }])
  })

  it.each(['{', '[]', '{"type":"struct","fields":[{"id":1,"name":"a","required":true,"type":"text"}]}'])(
    'that is invalid is refused: %s',
    (text) => {
      expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    },
  )
})

it('A run of an earlier build has one location, and one digest of a proposal', () => {
  const { input, proposed } = parseIngestSpec({
    input: 'file:///a.csv',
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create: null,
    proposed: { proposalId: 'p', tableUuid: 't', sha256: 'ab' },
  })
  expect(input).toEqual([{ location: 'file:///a.csv' }])
  expect(proposed).toEqual({ proposalId: 'p', tableUuid: 't', sha256: ['ab'] })
})
