import { expect, it } from 'vitest'
import { clickText, nextHidden } from './legend-choice'

const KEYS = ['a', 'b', 'c']

it('A click keeps one part, further ones add and take away, and the last one shows all again', () => {
  const clicks = ['a', 'b', 'a', 'b'] as const
  const texts: string[] = []
  let hidden: string[] = []
  const shown = clicks.map((key) => {
    texts.push(clickText(KEYS, new Set(hidden), key))
    hidden = nextHidden(KEYS, new Set(hidden), key)
    return KEYS.filter((one) => !hidden.includes(one)).join('')
  })
  expect(shown).toEqual(['a', 'ab', 'b', 'abc'])
  expect(texts).toEqual(['show only this', 'show this, too', 'hide this', 'show all'])
})

it('Hidden parts that the chart does not have any longer are forgotten', () => {
  expect(nextHidden(KEYS, new Set(['gone', 'a']), 'b')).toEqual(['a', 'b'])
})
