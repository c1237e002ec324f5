import { describe, expect, it } from 'vitest'
import { formatExactDuration, parseDuration } from './exact-duration'

describe('A duration that is typed', () => {
  it.each([
    ['300000', '300000'],
    ['5 min', '300000'],
    ['7 days', '604800000'],
    ['1 week', '604800000'],
    ['1.5h', '5400000'],
    [' 1 MIN 30 s ', '90000'],
    ['250 ms', '250'],
    ['9223372036854775807', '9223372036854775807'],
    ['106751991167 d 7 h 12 min 55 s 807 ms', '9223372036854775807'],
  ])('%s means exactly %s ms', (text, digits) => {
    expect(parseDuration(text)).toBe(digits)
  })

  it('is refused when it has no meaning in milliseconds', () => {
    for (const text of ['', 'soon', '5 months', '1.5', '0.5 ms', '-1 s', '5 min 3'])
      expect(parseDuration(text)).toBeNull()
  })
})

it.each([
  ['604800000', '7 days'],
  ['86400000', '1 day'],
  ['90001', '1 min 30 s 1 ms'],
  ['0', '0 ms'],
  ['9223372036854775807', '106,751,991,167 days 7 h 12 min 55 s 807 ms'],
])('%s ms are written as %s, without rounding', (digits, text) => {
  expect(formatExactDuration(digits)).toBe(text)
  expect(parseDuration(text.replaceAll(',', ''))).toBe(digits)
})
