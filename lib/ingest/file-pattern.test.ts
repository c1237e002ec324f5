import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { isFilePattern, parseFilePattern } from './file-pattern'

it.each([
  ['2026-*/**.csv', ['2026-05/a.csv', '2026-/b/c/d.csv'], ['2025-05/a.csv', '2026-05/a.csv.gz', '2026-05.csv']],
  ['*.csv', ['a.csv', '.csv'], ['a/b.csv', 'a.CSV']],
  ['**/*.csv', ['a.csv', 'a/b.csv', 'a/b/c.csv'], ['a.txt', 'a/b.txt']],
  ['in/**/x', ['in/x', 'in/a/x', 'in/a/b/x'], ['in/ax', 'x', 'in/x/y', 'inx']],
  ['**', ['a', 'a/b'], []],
  ['a?c', ['abc', 'a😀c'], ['ac', 'a/c', 'abbc']],
  ['a[1].{x}+(b)', ['a[1].{x}+(b)'], ['a1.x+b']],
  ['***/a', ['a', 'b/a'], ['ba']],
  ['day=*/part-*', ['day=2026-05-01/part-0'], ['day=/part', 'day=1/x/part-0']],
])('%j matches whole paths, folder by folder', (text, matching, others) => {
  const { matches } = parseFilePattern(text)
  expect(matching.filter((path) => !matches(path))).toEqual([])
  expect(others.filter(matches)).toEqual([])
})

it.each([
  ['2026-*/**.csv', '', ['2026-05', '2026-05/x'], ['2025-05']],
  ['in/2026/*.csv', 'in/2026', ['in', 'in/2026'], ['out', 'in/2025', 'in/2026/deep']],
  ['in/a?/x', 'in', ['in/ab'], ['in/b']],
  ['a.csv', '', [''], ['a.csv']],
])('%j is looked for in the folders that could have matches', (text, folder, open, closed) => {
  const pattern = parseFilePattern(text)
  expect(pattern.folder).toBe(folder)
  expect(open.filter((one) => !pattern.mightMatchIn(one))).toEqual([])
  expect(closed.filter(pattern.mightMatchIn)).toEqual([])
})

it('A text without wildcards is no pattern, and matches itself alone', () => {
  expect(isFilePattern('a/b[1].csv')).toBe(false)
  expect(isFilePattern('a/*.csv')).toBe(true)
  fc.assert(
    fc.property(fc.stringMatching(/^[^*?]*$/), fc.string(), (text, other) => {
      const { matches } = parseFilePattern(text)
      expect(matches(text)).toBe(true)
      expect(matches(other)).toBe(other === text)
    }),
    propertyRuns(),
  )
})

it('A pattern with many wildcards is matched in linear time', () => {
  const { matches } = parseFilePattern(`${'**a*'.repeat(200)}b`)
  const startedMs = performance.now()
  expect(matches('a'.repeat(2_000))).toBe(false)
  expect(performance.now() - startedMs).toBeLessThan(5_000)
})

it('Folders of a matching path are never left out', () => {
  const path = fc
    .array(fc.stringMatching(/^[ab*?]{1,3}$/), { minLength: 1, maxLength: 4 })
    .map((names) => names.join('/'))
  fc.assert(
    fc.property(path, path, (text, other) => {
      const { matches, mightMatchIn, folder } = parseFilePattern(text)
      if (!matches(other)) return
      const names = other.split('/')
      for (let depth = 1; depth < names.length; depth += 1)
        expect(mightMatchIn(names.slice(0, depth).join('/'))).toBe(true)
      expect(folder === '' || other.startsWith(`${folder}/`)).toBe(true)
    }),
    propertyRuns(),
  )
})
