import { expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { readDefault } from './default-edits'

const read = (text: string) => readDefault('decimal(5, 2)', text, { column: 'price', which: 'write' })

it.each([
  ['"7"', '7.00'],
  ['"7.5"', '7.50'],
  ['"+07.500"', '7.50'],
  ['"-0.1"', '-0.10'],
])('The default of a decimal gets all decimals of its type, as metadata requires: %s', (text, value) => {
  expect(read(text)).toBe(value)
})

it.each([
  ['"7.555"', '7.555 has 3 decimals, but decimal(5, 2) has a scale of 2.'],
  ['"1000"', 'The write-default of column price is not a valid value of its type'],
  ['7.5', 'The write-default of column price is not a valid value of its type. A decimal is written as text'],
])('A default that a decimal cannot hold exactly is refused: %s', (text, message) => {
  const error = catchAppError(() => read(text))
  expect(error).toMatchObject({ code: 'invalid-request' })
  expect(error.message).toContain(message)
})
