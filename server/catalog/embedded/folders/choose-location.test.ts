import { expect, test } from 'vitest'
import { folderPath } from './choose-location'

test('A folder of a long name has the length that file systems allow, and a hash instead of the end', () => {
  const folderOf = (name: string) => folderPath('', [name]).slice(1)
  const [long, longer] = ['x'.repeat(201), 'x'.repeat(202)].map(folderOf)
  expect(folderOf('x'.repeat(200))).toBe('x'.repeat(200))
  expect(long).toMatch(/^x{191}-[0-9a-f]{8}$/)
  expect(longer).toMatch(/^x{191}-[0-9a-f]{8}$/)
  expect(longer).not.toBe(long)
  // A character is never cut.
  expect(folderOf('é'.repeat(150))).toMatch(/^é{95}-[0-9a-f]{8}$/)
})
