import { expect, it } from 'vitest'
import { fixedWidthBytes } from './fixed-width'
import type { PrimitiveType } from './types'

it.each<[PrimitiveType, number | null]>([
  ['boolean', 1],
  ['int', 4],
  ['date', 4],
  ['long', 8],
  ['timestamptz_ns', 8],
  ['uuid', 16],
  ['fixed[7]', 7],
  ['decimal(9, 2)', 4],
  ['decimal(18, 2)', 8],
  ['decimal(38, 2)', 16],
  ['string', null],
  ['binary', null],
])('counts a value of %s as %s bytes', (type, widthBytes) => {
  expect(fixedWidthBytes(type)).toBe(widthBytes)
})
