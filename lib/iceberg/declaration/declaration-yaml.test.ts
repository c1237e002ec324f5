import { expect, it } from 'vitest'
import { parseDeclarationYaml } from './declaration-yaml'

it('keeps integers that no double holds, and repeats what an alias names', () => {
  expect(parseDeclarationYaml('a: 9007199254740993\nb: &b [1]\nc: *b\nd: *b')).toEqual({
    a: 9007199254740993n,
    b: [1],
    c: [1],
    d: [1],
  })
})

it.each([
  ['a: [', 'This is no YAML: '],
  ['a: &a\n  b: *a', 'An alias in the YAML leads to what it is in'],
  [`a: ${'['.repeat(300)}${']'.repeat(300)}`, 'The YAML is nested more than 200 deep.'],
])('refuses %s', (text, message) => {
  expect(() => parseDeclarationYaml(text)).toThrow(message)
})
