import { describe, expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { compareLayouts } from './layout-changes'

const MONTH = { sourceId: 1, fieldId: 1000, name: 'date_month', transform: 'month' }
const BUCKET = { sourceId: 2, fieldId: 1001, name: 'origin_bucket', transform: 'bucket[4]' }
const ORIGIN = { sourceId: 2, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' } as const

const base = sampleMetadata({
  partitionSpecs: [{ specId: 0, fields: [MONTH] }],
  defaultSpecId: 0,
  sortOrders: [
    { orderId: 0, fields: [] },
    { orderId: 1, fields: [ORIGIN] },
  ],
  defaultSortOrderId: 1,
})

describe('The differences of two layouts', () => {
  it('are the format version, the ids, and the fields by field id or position', () => {
    const after = {
      ...base,
      formatVersion: 3 as const,
      partitionSpecs: [...base.partitionSpecs, { specId: 1, fields: [BUCKET] }],
      defaultSpecId: 1,
      sortOrders: [{ orderId: 2, fields: [{ ...ORIGIN, direction: 'desc' as const }] }],
      defaultSortOrderId: 2,
    }
    expect(compareLayouts(base, after)).toEqual([
      { name: 'partition field date_month', before: 'month(date), id 1000', after: null },
      { name: 'format version', before: '2', after: '3' },
      { name: 'partition spec id', before: '0', after: '1' },
      { name: 'partition field origin_bucket', before: null, after: 'bucket[4](origin), id 1001' },
      { name: 'sort order id', before: '1', after: '2' },
      { name: 'sort field 1', before: 'origin asc nulls first', after: 'origin desc nulls first' },
    ])
  })

  it('leave out a source column that was only renamed, and name each column as its version does', () => {
    const schemas = base.schemas.map((schema) => ({
      ...schema,
      fields: schema.fields.map((field) => (field.id === 2 ? { ...field, name: 'airport' } : field)),
    }))
    expect(compareLayouts(base, { ...base, schemas })).toEqual([])
    const sortOrders = [{ orderId: 1, fields: [{ ...ORIGIN, nullOrder: 'nulls-last' as const }] }]
    expect(compareLayouts(base, { ...base, schemas, sortOrders })).toEqual([
      { name: 'sort field 1', before: 'origin asc nulls first', after: 'airport asc nulls last' },
    ])
  })
})
