import { describe, expect, it } from 'vitest'
import type { PrimitiveType, Schema } from '../iceberg/schema/types'
import { defaultFieldName, offeredTransforms, sourceColumns, suggestCandidates } from './offered-transforms'

const offered = (type: PrimitiveType) =>
  offeredTransforms(type)
    .filter(({ reason }) => reason === null)
    .map(({ kind }) => kind)

describe('Transforms', () => {
  it.each([
    ['date', 'identity year month day bucket'],
    ['timestamptz', 'identity year month day hour bucket'],
    ['string', 'identity bucket truncate'],
    ['long', 'identity bucket truncate'],
    ['double', 'identity'],
    ['boolean', 'identity'],
    ['uuid', 'identity bucket'],
    ['decimal(9, 2)', 'identity bucket truncate'],
    ['variant', ''],
  ] as const)('of a %s are %s', (type, kinds) => {
    expect(offered(type).join(' ')).toBe(kinds)
  })

  it('that do not apply say why', () => {
    expect(offeredTransforms('date').find(({ kind }) => kind === 'hour')?.reason).toBe('timestamps only')
    expect(offeredTransforms('double').find(({ kind }) => kind === 'bucket')?.reason).toBe('a double has no hash')
  })

  it('give a field the name that Iceberg gives it', () => {
    const names = ['identity', 'month', 'bucket[16]', 'truncate[4]'].map((text) => defaultFieldName(['a', 'b'], text))
    expect(names).toEqual(['a.b', 'a.b_month', 'a.b_bucket_16', 'a.b_trunc_4'])
  })
})

describe('Candidates', () => {
  const schema: Schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [
      { id: 1, name: 'id', required: true, type: 'long' },
      { id: 2, name: 'at', required: false, type: 'timestamp' },
      {
        id: 3,
        name: 'tags',
        required: false,
        type: { type: 'list', elementId: 4, element: 'string', elementRequired: false },
      },
    ],
  }

  it('are suggested by time and by id, without the one that is known', () => {
    const known = [{ sourceId: 2, transform: 'day' }]
    expect(suggestCandidates(schema, known)).toEqual([
      [{ sourceId: 2, transform: 'month' }],
      [{ sourceId: 1, transform: 'bucket[16]' }],
    ])
  })

  it('have no columns within lists', () => {
    expect(sourceColumns(schema).map(({ path }) => path.join('.'))).toEqual(['id', 'at'])
  })
})
