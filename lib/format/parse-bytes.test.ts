import { expect, it } from 'vitest'
import { parseBytes } from './parse-bytes'

it.each([
  ['134217728', '134217728'],
  ['0134', '134'],
  ['128 MiB', '134217728'],
  ['128mib', '134217728'],
  ['512 MB', '512000000'],
  ['1.5 KiB', '1536'],
  [' 2 GiB ', '2147483648'],
  ['12 B', '12'],
  // Beyond what a JavaScript number holds exactly.
  ['9007199254740993', '9007199254740993'],
])('reads %s as %s bytes', (text, digits) => {
  expect(parseBytes(text)).toBe(digits)
})

it.each(['', 'a lot', '12 potatoes', '-1', '1.3 B', '1,024', '5 M', 'constructor', '1 constructor'])(
  'refuses to guess what %j means',
  (text) => {
    expect(parseBytes(text)).toBeNull()
  },
)
