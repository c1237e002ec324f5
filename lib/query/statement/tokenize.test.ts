import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { tokenName, tokenString, tokenize } from './tokenize'

const kinds = (sql: string) => tokenize(sql).map(({ kind, text }) => `${kind}:${text}`)

describe('SQL is split into tokens as in DuckDB', () => {
  test('words, numbers and symbols', () => {
    expect(kinds('select a.b, 1.5e3 from t where x>=.5')).toEqual([
      'word:select',
      'word:a',
      'symbol:.',
      'word:b',
      'symbol:,',
      'number:1.5e3',
      'word:from',
      'word:t',
      'word:where',
      'word:x',
      'symbol:>=',
      'number:.5',
    ])
  })

  test('a quote is doubled inside quotes', () => {
    const [text, name] = tokenize(`'it''s' "a""b"`)
    expect(tokenString(text)).toBe("it's")
    expect(tokenName(name)).toBe('a"b')
  })

  test('a backslash escapes only in strings that begin with E', () => {
    expect(kinds(String.raw`'a\' 'b'`)).toEqual([String.raw`string:'a\'`, "string:'b'"])
    expect(kinds(String.raw`E'a\'b' c`)).toEqual([String.raw`string:E'a\'b'`, 'word:c'])
    expect(tokenString(tokenize(String.raw`e'a\nb'`)[0])).toBe('a\nb')
  })

  test('dollar quotes end at their own tag', () => {
    expect(kinds('$$from x$$ $a$ $$ from y $b$ $a$ z')).toEqual([
      'string:$$from x$$',
      'string:$a$ $$ from y $b$ $a$',
      'word:z',
    ])
    expect(tokenString(tokenize("$a$it's$a$")[0])).toBe("it's")
  })

  test('comments are left out, nested ones too, and comment signs in strings are text', () => {
    expect(kinds('a -- from b\n/* c /* d */ e */ f')).toEqual(['word:a', 'word:f'])
    expect(kinds('\'--\' /**/ "/*"')).toEqual(["string:'--'", 'quoted:"/*"'])
  })

  test('names may be of any script, and spaces too', () => {
    expect(kinds('select größe\u00a0from 航班.表')).toEqual([
      'word:select',
      'word:größe',
      'word:from',
      'word:航班',
      'symbol:.',
      'word:表',
    ])
  })

  test('an unclosed token runs to the end', () => {
    for (const open of ["'a b", '"a b', '$$a b', "e'a\\"]) expect(tokenize(open)).toHaveLength(1)
    expect(tokenize('/* a')).toEqual([])
  })

  test('every character is in one token, between tokens, or in a comment, and positions are exact', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from(`ab1 .,;()'"$-/*\n\\Eeü`)) }), (sql) => {
        let before = 0
        for (const { start, end, text } of tokenize(sql)) {
          expect(start).toBeGreaterThanOrEqual(before)
          expect(end).toBeGreaterThan(start)
          expect(sql.slice(start, end)).toBe(text)
          before = end
        }
        expect(before).toBeLessThanOrEqual(sql.length)
      }),
      propertyRuns(),
    )
  })
})
