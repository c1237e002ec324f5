import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { explainMissingColumn, findMissingColumn } from './missing-column'

const field = (id: number, name: string): NestedField => ({ id, name, required: false, type: 'long' })
const FIRST = [field(1, 'amount'), field(2, 'note')]
const SECOND = [field(1, 'sum'), field(2, 'note'), field(3, 'city')]
const CURRENT = [field(1, 'total'), field(3, 'city')]
const SCHEMAS = [CURRENT, SECOND, FIRST]

it.each([
  ['Binder error: Referenced column "a"b" not found in FROM clause!', { name: 'a"b', table: null }],
  ['Binder error: Table "o" does not have a column named "amount"', { name: 'amount', table: 'o' }],
  ['Binder error: Referenced table "o" not found!', null],
])('reads the missing column of %s', (message, missing) => {
  expect(findMissingColumn(message)).toEqual(missing)
})

describe('A column that is missing', () => {
  it.each([
    ['Amount', CURRENT, 'The column “amount” is now called “total”.'],
    ['sum', CURRENT, 'The column “sum” is now called “total”.'],
    ['note', CURRENT, 'The column “note” was removed.'],
    ['total', FIRST, 'At this snapshot the column “total” is called “amount”.'],
    ['sum', FIRST, 'At this snapshot the column “sum” is called “amount”.'],
    ['city', FIRST, 'At this snapshot the table has no column “city”.'],
    ['other', CURRENT, null],
    ['city', SECOND, null],
  ])('is explained by the schemas that the table has had: %s', (name, read, explanation) => {
    expect(explainMissingColumn(name, read, SCHEMAS)?.sentence ?? null).toBe(explanation)
  })
})
