import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { type DiffLine, lineDiff } from './line-diff'

const texts = fc.array(fc.constantFrom('select a', 'from b', 'where c', '', 'limit 1'), { maxLength: 12 })
/** The lines of the text that they make: a text of one empty line is an empty text. */
const linesOf = (lines: readonly string[]) => (lines.join('\n') === '' ? [] : lines)
const side = (diff: readonly DiffLine[], without: DiffLine['change']) =>
  diff.filter(({ change }) => change !== without).map(({ text }) => text)

it('contains both texts completely', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const diff = lineDiff(before.join('\n'), after.join('\n'))
      expect(side(diff, 'added').join('\n')).toBe(before.join('\n'))
      expect(side(diff, 'removed').join('\n')).toBe(after.join('\n'))
    }),
    propertyRuns(),
  )
})

it('keeps the longest common subsequence of lines', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const retained = lineDiff(before.join('\n'), after.join('\n')).filter(({ change }) => change === 'unchanged')
      expect(retained).toHaveLength(longestInCommon(linesOf(before), linesOf(after)))
    }),
    propertyRuns(),
  )
})

it('shows a text that there was not before, or is no more, without an empty line of the other', () => {
  expect(lineDiff('select a\nfrom t', '')).toEqual([
    { change: 'removed', text: 'select a' },
    { change: 'removed', text: 'from t' },
  ])
  expect(lineDiff('', 'select a')).toEqual([{ change: 'added', text: 'select a' }])
})

it('shows the old line before the new one', () => {
  expect(lineDiff('select a\nfrom t', 'select a, b\nfrom t')).toEqual([
    { change: 'removed', text: 'select a' },
    { change: 'added', text: 'select a, b' },
    { change: 'unchanged', text: 'from t' },
  ])
})

it('shows very long texts as replaced between their common beginning and end', () => {
  const long = (word: string) => ['first', ...Array.from({ length: 2000 }, (_, i) => `${word} ${i}`), 'last'].join('\n')
  const diff = lineDiff(long('a'), long('b'))
  expect(side(diff, 'added').join('\n')).toBe(long('a'))
  expect(diff.filter(({ change }) => change === 'unchanged').map(({ text }) => text)).toEqual(['first', 'last'])
})

/** Tries every choice of lines; for short texts only. */
function longestInCommon(old: readonly string[], now: readonly string[]): number {
  const [first, ...rest] = old
  if (first === undefined || now.length === 0) return 0
  const at = now.indexOf(first)
  const without = longestInCommon(rest, now)
  return at === -1 ? without : Math.max(without, 1 + longestInCommon(rest, now.slice(at + 1)))
}
