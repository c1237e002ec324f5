import { expect, it } from 'vitest'
import { lowerAscii } from './lower-ascii'

it('Only the letters that the databases fold are lower-cased', () => {
  expect(lowerAscii('ADA Lovelace-Z9_')).toBe('ada lovelace-z9_')
  // A Kelvin sign must not become a k, nor a dotted I an i: two names would be one.
  for (const text of ['\u212Aelvin', '\u0130nci', 'ÄÖÜ', 'ẞ', 'ΑΒΓ']) expect(lowerAscii(text)).toBe(text)
})
