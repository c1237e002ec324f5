import { expect, it } from 'vitest'
import { acceptedType } from './accepted-type'

const OFFERED = ['application/x-ndjson', 'text/csv'] as const

it.each([
  [null, 'application/x-ndjson'],
  ['', 'application/x-ndjson'],
  ['*/*', 'application/x-ndjson'],
  ['TEXT/CSV', 'text/csv'],
  ['text/csv;q=0.5, application/x-ndjson;q=0.4', 'text/csv'],
  ['application/*;q=0.2, text/csv;charset=utf-8;q=0.3', 'text/csv'],
  ['*/*, application/x-ndjson;q=0', 'text/csv'],
  ['text/csv;q=0', null],
  ['image/png, text/html', null],
])('prefers what the header %j prefers', (accept, type) => {
  expect(acceptedType(accept, OFFERED)).toBe(type)
})
