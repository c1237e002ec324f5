import { expect, it } from 'vitest'
import { parsePrimitive, normalizePrimitiveType } from './primitive'
import type { UnrecognizedType } from './types'

it.each([
  ['decimal(9,2)', 'decimal(9, 2)'],
  ['decimal( 38 , 38 )', 'decimal(38, 38)'],
  ['fixed[16]', 'fixed[16]'],
  ['timestamptz_ns', 'timestamptz_ns'],
  ['string', 'string'],
])('reads %s as %s', (text, type) => {
  expect(normalizePrimitiveType(text)).toBe(type)
})

it.each([
  'decimal(39, 2)',
  'decimal(0, 0)',
  'decimal(2, 3)',
  'decimal(9)',
  'fixed[0]',
  'fixed[9999999999]',
  'varchar',
  'geometry()',
  'interval',
  '',
])('refuses %s as a type', (text) => {
  expect(normalizePrimitiveType(text)).toBeNull()
})

it('returns the parameters in a type’s name', () => {
  expect(parsePrimitive('decimal(9, 2)')).toEqual({ kind: 'decimal', precision: 9, scale: 2 })
  expect(parsePrimitive('fixed[4]')).toEqual({ kind: 'fixed', lengthBytes: 4 })
  expect(parsePrimitive('long')).toEqual({ kind: 'long' })
  expect(parsePrimitive('geography(OGC:CRS84, karney)')).toEqual({ kind: 'geography' })
  expect(parsePrimitive('interval' as UnrecognizedType)).toEqual({ kind: 'unrecognized' })
})
