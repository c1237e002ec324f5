import { describe, expect, it } from 'vitest'
import { partitionLabel, partitionPath, partitionColumns, specLabel, type PartitionSpec } from './partition-spec'
import type { Schema } from '../schema/types'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'date', required: false, type: 'timestamp' },
    { id: 2, name: 'origin', required: false, type: 'string' },
    {
      id: 3,
      name: 'place',
      required: false,
      type: { type: 'struct', fields: [{ id: 4, name: 'zip', required: false, type: 'string' }] },
    },
  ],
}

const spec: PartitionSpec = {
  specId: 1,
  fields: [
    { sourceId: 1, fieldId: 1000, name: 'date_month', transform: 'month' },
    { sourceId: 2, fieldId: 1001, name: 'origin', transform: 'identity' },
    { sourceId: 4, fieldId: 1002, name: 'zip', transform: 'truncate[2]' },
  ],
}
const MONTH = 31 * 12 + 5

describe('a spec with a schema', () => {
  it('gives the type of each partition value', () => {
    expect(
      partitionColumns(spec, schema).map(({ fieldId, name, type, sourceName }) => [fieldId, name, type, sourceName]),
    ).toEqual([
      [1000, 'date_month', 'int', 'date'],
      [1001, 'origin', 'string', 'origin'],
      [1002, 'zip', 'string', 'place.zip'],
    ])
  })
  it('has a label for people', () => {
    expect(specLabel(spec, schema)).toBe('month(date), origin, truncate[2](place.zip)')
    expect(specLabel({ specId: 0, fields: [] }, schema)).toBe('')
  })
  it('still has a field whose column was dropped', () => {
    const old: PartitionSpec = {
      specId: 0,
      fields: [
        { sourceId: 9, fieldId: 1000, name: 'gone_bucket', transform: 'bucket[4]' },
        { sourceId: 9, fieldId: 1001, name: 'gone', transform: 'identity' },
      ],
    }
    expect(partitionColumns(old, schema).map(({ type, sourceName }) => [type, sourceName])).toEqual([
      ['int', null],
      ['unknown', null],
    ])
    expect(specLabel(old, schema)).toBe('bucket[4](gone_bucket), gone')
    expect(partitionLabel(old, schema, [3, null])).toBe('gone_bucket=3, gone=null')
    expect(partitionLabel(old, schema, [3, 'x'])).toBe('gone_bucket=3, gone=x')
    expect(partitionLabel(old, schema, [3, 'null'])).toBe('gone_bucket=3, gone="null"')
  })
})

describe('a partition', () => {
  it('has a Hive-style folder name', () => {
    expect(partitionPath(spec, schema, [MONTH, 'ABQ', '94'])).toBe('date_month=2001-06/origin=ABQ/zip=94')
    expect(partitionPath(spec, schema, [null, null, null])).toBe('date_month=null/origin=null/zip=null')
    expect(partitionPath({ specId: 0, fields: [] }, schema, [])).toBe('')
  })
  it.each([
    // As java.net.URLEncoder escapes them.
    ['a b', 'a+b'],
    ['a/b=c&d', 'a%2Fb%3Dc%26d'],
    ['100%#1', '100%25%231'],
    ["!'()~*-._", '%21%27%28%29%7E*-._'],
    ['é💥', '%C3%A9%F0%9F%92%A5'],
    ['..', '..'],
    ['', ''],
    ['\uD800', '%EF%BF%BD'],
  ])('with the value %s is one path segment', (value, segment) => {
    expect(partitionPath(spec, schema, [MONTH, value, '94'])).toBe(`date_month=2001-06/origin=${segment}/zip=94`)
  })
  it('has a label for people', () => {
    expect(partitionLabel(spec, schema, [MONTH, 'a b', null])).toBe('date_month=2001-06, origin=a b, zip=null')
  })
})
