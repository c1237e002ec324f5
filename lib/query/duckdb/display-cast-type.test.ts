import { expect, test } from 'vitest'
import { displayCastType } from './display-cast-type'

test.each([
  ["ENUM('a', 'it''s', ')')", 'VARCHAR'],
  ['STRUCT(x ENUM(\'a\'), "BIT" INTEGER, y BIT[])', 'STRUCT(x VARCHAR, "BIT" INTEGER, y VARCHAR[])'],
  ['MAP(VARCHAR, INTERVAL)', 'MAP(VARCHAR, VARCHAR)'],
  ['UHUGEINT', 'VARCHAR'],
])('%s is cast to %s', (type, shown) => {
  expect(displayCastType(type)).toBe(shown)
})

test.each(['BIGINT', 'HUGEINT', 'TIMESTAMP WITH TIME ZONE', 'DECIMAL(38, 0)', 'STRUCT(bit INTEGER)', 'VARCHAR[]'])(
  '%s is not cast',
  (type) => {
    expect(displayCastType(type)).toBeNull()
  },
)
