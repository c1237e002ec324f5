import { expect, it } from 'vitest'
import { defaultFromTyped } from './default-text'

it.each([
  ['int', 'abc', 'abc is not a valid int.'],
  ['decimal(9, 2)', '1.234', '1.234 has 3 decimals, but decimal(9, 2) has a scale of 2.'],
  ['decimal(5, 2)', '7.555', '7.555 has 3 decimals, but decimal(5, 2) has a scale of 2.'],
  ['decimal(5, 2)', '1000', '1000 is not a valid decimal(5, 2).'],
  ['decimal(5, 2)', '7,5', '7,5 is not a valid decimal(5, 2).'],
  ['date', '2024-02-30', '2024-02-30 is not a valid date.'],
] as const)('A default of type %s is refused by the name of the type: %s', (type, typed, problem) => {
  expect(defaultFromTyped(type, typed)).toEqual({ value: null, problem })
})

it.each([
  ['decimal(5, 2)', '7', '7.00'],
  ['decimal(5, 2)', '7.5', '7.50'],
  ['decimal(5, 2)', '7.50', '7.50'],
  ['decimal(5, 2)', '-007.5000', '-7.50'],
  ['decimal(5, 0)', '7.0', '7'],
  ['decimal(38, 38)', '0.1', `0.1${'0'.repeat(37)}`],
] as const)('A decimal that a %s holds exactly is a default, with all its decimals: %s', (type, typed, padded) => {
  expect(defaultFromTyped(type, typed)).toEqual({ value: JSON.stringify(padded), problem: null })
})
