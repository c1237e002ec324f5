import { expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { filterToSql } from './predicate-sql'

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: false, type: 'long' },
  { id: 2, name: 'Origin', required: false, type: 'string' },
  { id: 3, name: 'speed', required: false, type: 'double' },
  { id: 4, name: 'day', required: false, type: 'date' },
  { id: 5, name: 'at', required: false, type: 'timestamptz' },
  { id: 6, name: 'price', required: false, type: 'decimal(9, 2)' },
  { id: 7, name: 'key', required: false, type: 'binary' },
  {
    id: 8,
    name: 'leg',
    required: false,
    type: { type: 'struct', fields: [{ id: 9, name: 'to', required: false, type: 'string' }] },
  },
]

it.each([
  ['id = 9223372036854775807', 'id = 9223372036854775807'],
  [`Origin = "it's"`, `"Origin" = 'it''s'`],
  ['Origin starts with "A" or id is null', `starts_with("Origin", 'A') or id is null`],
  ['not (Origin in ("A", "B")) and id is not null', `"Origin" not in ('A', 'B') and id is not null`],
  ['Origin contains "x" and leg.to not contains "y"', `contains("Origin", 'x') and not contains(leg."to", 'y')`],
  ['Origin ends with "x" or Origin not ends with "y"', `ends_with("Origin", 'x') or not ends_with("Origin", 'y')`],
  ['id between 1 and 5', 'id >= 1 and id <= 5'],
  ['(id = 1 or id = 2) and speed < 1.5', '(id = 1 or id = 2) and speed < 1.5::double'],
  ['speed > 2', '(speed > 2::double and not isnan(speed))'],
  ['speed is nan', 'isnan(speed)'],
  ['day >= "2001-03-06"', `day >= date '2001-03-06'`],
  ['at < "2001-03-06T09:03:00.000001+00:00"', `"at" < timestamptz '2001-03-06T09:03:00.000001+00:00'`],
  ['price != 1.50', 'price <> 1.50'],
  ['key = "00ff"', `key = unhex('00ff')`],
  ['leg.to = "ABQ"', `leg."to" = 'ABQ'`],
])('writes the filter %s as SQL', (text, sql) => {
  const where = stringifyExactJson(predicateToJson(parsePredicateText(text)))
  expect(filterToSql({ where, fields: FIELDS })).toBe(sql)
})
