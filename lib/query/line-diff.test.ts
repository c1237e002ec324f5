import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type DiffLine, lineDiff } from './line-diff'

const texts = fc.array(fc.constantFrom('select a', 'from b', 'where c', '', 'limit 1'), { maxLength: 12 })
const side = (diff: readonly DiffLine[], without: DiffLine['change']) =>
  diff.filter(({ change }) => change !== without).map(({ text }) => text)

it('holds both texts whole, whatever they are', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const diff = lineDiff(before.join('\n'), after.join('\n'))
      expect(side(diff, 'added').join('\n')).toBe(before.join('\n'))
      expect(side(diff, 'removed').join('\n')).toBe(after.join('\n'))
    }),
  )
})

it('keeps as many lines as have the same order in both', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      // An empty list of lines is one empty line of text.
      const [old, now] = [before, after].map((one) => (one.length === 0 ? [''] : one)) as [string[], string[]]
      const kept = lineDiff(old.join('\n'), now.join('\n')).filter(({ change }) => change === 'kept')
      expect(kept).toHaveLength(longestInCommon(old, now))
    }),
  )
})

it('shows what a changed line was before what it is', () => {
  expect(lineDiff('select a\nfrom t', 'select a, b\nfrom t')).toEqual([
    { change: 'removed', text: 'select a' },
    { change: 'added', text: 'select a, b' },
    { change: 'kept', text: 'from t' },
  ])
})

it('tells very long texts as replaced between what they begin and end with', () => {
  const long = (word: string) => ['first', ...Array.from({ length: 2000 }, (_, i) => `${word} ${i}`), 'last'].join('\n')
  const diff = lineDiff(long('a'), long('b'))
  expect(side(diff, 'added').join('\n')).toBe(long('a'))
  expect(diff.filter(({ change }) => change === 'kept').map(({ text }) => text)).toEqual(['first', 'last'])
})

/** By trying every choice of lines, shortest texts only. */
function longestInCommon(old: readonly string[], now: readonly string[]): number {
  const [first, ...rest] = old
  if (first === undefined || now.length === 0) return 0
  const at = now.indexOf(first)
  const without = longestInCommon(rest, now)
  return at === -1 ? without : Math.max(without, 1 + longestInCommon(rest, now.slice(at + 1)))
}
