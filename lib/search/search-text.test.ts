import { describe, expect, it } from 'vitest'
import { foldText, markMatches } from './fold-text'
import { parseSearch } from './parse-search'
import { rankHits } from './rank-hits'
import { similarWord } from './similar-word'
import { partsOfWord, withPairs } from './text-parts'

describe('Folded text', () => {
  it.each([
    ['Ünïcode', 'unicode'],
    ['STRASSE', 'strasse'],
    ['Straße', 'strasse'],
    ['ｆｕｌｌ　ｗｉｄｔｈ', 'full width'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['a\u0000b\uE000c', 'a b c'],
    ['\uD800x', '\uFFFDx'],
  ])('of %j is %j', (text, folded) => {
    expect(foldText(text)).toBe(folded)
  })

  it('is short, whatever it is made of', () => {
    expect(foldText('ﷺ'.repeat(10_000)).length).toBeLessThanOrEqual(400)
  })
})

describe('A search', () => {
  it('has kinds before colons, and words', () => {
    expect(parseSearch('column:Unit_Price  Orders')).toEqual({ kinds: ['column'], words: ['unit_price', 'orders'] })
    expect(parseSearch('tag: gold')).toEqual({ kinds: ['tag'], words: ['gold'] })
    expect(parseSearch('s3://lake/a')).toEqual({ kinds: null, words: ['s3://lake/a'] })
    expect(parseSearch(' ')).toEqual({ kinds: null, words: [] })
  })

  it('has eight words at most, each once', () => {
    expect(parseSearch('a a b c d e f g h i j').words).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
  })
})

describe('Parts of a word', () => {
  it('are its threes, which every text around it has', () => {
    expect(partsOfWord('price')).toEqual(['pri', 'ric', 'ice'])
    expect(partsOfWord('id')).toEqual([])
    const text = withPairs('注文価格表 id')
    for (const part of [...partsOfWord('価格'), ...partsOfWord('文価格')]) expect(text).toContain(part)
    expect(withPairs('plain')).toBe('plain')
  })
})

describe('A similar word', () => {
  it.each([
    ['arrivl', 'arrival_delay'],
    ['arrrival', 'arrival'],
    ['arrivel', 'arrival'],
    ['arirval', 'late arrivals'],
    ['deley', 'delay'],
    ['a.b.cde', 'a.b.code'],
  ])('finds by %j a text with %j', (typed, text) => {
    const similar = similarWord(['by', typed])
    expect(similar?.word).toBe(typed)
    expect(similar?.pattern.test(text)).toBe(true)
    expect(similar?.pieces.some((piece) => text.includes(piece))).toBe(true)
  })

  it('has one mistake, and five letters', () => {
    expect(similarWord(['arrivl'])?.pattern.test('departure')).toBe(false)
    expect(similarWord(['arrvl'])?.pattern.test('arrival')).toBe(false)
    expect(similarWord(['dely'])).toBeNull()
    expect(similarWord(['9007199254740993'])).toBeNull()
  })
})

describe('Marked text', () => {
  it('marks what matches in the spelling of the text', () => {
    expect(markMatches('Straße_Nr', ['strasse'])).toEqual([
      { text: 'Straße', isMatch: true },
      { text: '_Nr', isMatch: false },
    ])
    expect(markMatches('Crème', ['creme'])).toEqual([{ text: 'Crème', isMatch: true }])
    expect(markMatches('abc', ['', 'x'])).toEqual([{ text: 'abc', isMatch: false }])
  })
})

describe('Rank', () => {
  const hit = (name: string, more: { path?: string; changedAtMs?: number } = {}) => ({
    name,
    path: '',
    detail: null,
    changedAtMs: null,
    ...more,
  })
  it('puts the closest first, then what changed last', () => {
    const hits = [
      hit('reorder'),
      hit('late_order'),
      hit('x', { path: 'order' }),
      hit('orders', { changedAtMs: 1 }),
      hit('order_lines', { changedAtMs: 2 }),
      hit('order'),
    ]
    expect(rankHits(hits, ['order']).map(({ name }) => name)).toEqual([
      'order',
      'order_lines',
      'orders',
      'late_order',
      'reorder',
      'x',
    ])
  })
})
