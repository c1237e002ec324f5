import { expect, it } from 'vitest'
import { parseDeclarationYaml } from './declaration-yaml'

it('keeps integers that no double holds, and repeats what an alias names', () => {
  expect(parseDeclarationYaml('a: 9007199254740993\nb: &b [1]\nc: *b\nd: *b').value).toEqual({
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

it('knows the lines of values, or of what they would be in', () => {
  const { lineOf } = parseDeclarationYaml('a:\n  - name: x\n    type: 7\n  - &b\n    c: 1\nd:\n  *b\n')
  const paths = [['a', 0, 'type'], ['a', 0, 'doc'], ['a', 1, 'c'], ['d', 'c'], []]
  expect(paths.map(lineOf)).toEqual([3, 2, 5, 5, null])
})
