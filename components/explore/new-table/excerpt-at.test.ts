import { expect, it } from 'vitest'
import { excerptAt } from './excerpt-at'

it.each([
  ['CREATE TABEL x', 8, { before: 'CREATE ', at: 'T', after: 'ABEL x' }],
  ['a', 2, { before: 'a', at: ' ', after: '' }],
  ['', 1, { before: '', at: ' ', after: '' }],
  [
    'CREATE TABLE lake.demo.legs (id BIGNIT NOT NULL, at TIMESTAMP) USING iceberg',
    33,
    { before: '…lake.demo.legs (id ', at: 'B', after: 'IGNIT NOT NULL, at T…' },
  ],
])('shows the part of a line around a column: %s, %i', (text, column, parts) => {
  const excerpt = excerptAt(`first\n${text}`, { line: 2, column })
  expect({ ...excerpt, before: excerpt.before.replace(/^….*(?=lake)/, '…') }).toEqual(parts)
})
