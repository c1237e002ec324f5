import { expect, it } from 'vitest'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { restrictsReads } from './read-restrictions'

const restricts = (text: string) => restrictsReads(parseExactJson(text))

it.each([
  'null',
  '{}',
  '{"required-column-projections": []}',
  '{"required-column-projections": null, "required-row-filter": null}',
  '{"required-row-filter": true}',
  '{"required-row-filter": {"type": "true"}}',
  '{"a-later-field": null}',
])('Reads are not restricted by %s', (text) => {
  expect(restricts(text)).toBe(false)
})

it.each([
  // The forms of the specification.
  '{"required-row-filter": {"type": "eq", "left": {"type": "reference", "id": 14}, "right": {"type": "literal", "value": "US"}}}',
  '{"required-row-filter": {"type": "eq", "term": "country", "value": "US"}}',
  '{"required-row-filter": false}',
  '{"required-row-filter": {"type": "false"}}',
  '{"required-column-projections": [{"field-id": 4, "action": "show-last-4"}]}',
  '{"required-column-projections": [{"field-id": 4, "action": "an-action-of-later"}]}',
  '{"required-column-projections": [], "required-row-filter": {"type": "not", "child": true}}',
  // Forms that it does not have.
  '{"required-column-projections": [null]}',
  '{"required-column-projections": {}}',
  '{"required-column-projections": ""}',
  '{"required-row-filter": {}}',
  '{"required-row-filter": []}',
  '{"required-row-filter": ""}',
  '{"required-row-filter": "true"}',
  '{"required-row-filter": 1}',
  '{"required-row-filter": {"type": "true", "term": "country"}}',
  '{"required-row-filter": {"type": "and", "left": true, "right": true}}',
  '{"a-later-field": []}',
  '{"a-later-field": false}',
  '[]',
  '[{}]',
  '""',
  'false',
  'true',
  '0',
  '18446744073709551616',
])('Reads are restricted by %s', (text) => {
  expect(restricts(text)).toBe(true)
})
