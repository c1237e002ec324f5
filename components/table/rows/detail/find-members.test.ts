import { describe, expect, it } from 'vitest'
import { findMembers } from './find-members'
import { childKeyOf } from './use-value-tree'

const numbers = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => i))
const find = (value: string, query: string, limits?: Parameters<typeof findMembers>[3]) =>
  findMembers({ type: 'variant', value, path: 'payload' }, query, 'UTC', limits)

describe('The members of a value that a search finds', () => {
  it('have the query in their names or texts, in either case and at any depth', () => {
    const value = '{"deep": {"Needle": 1}, "note": "a needle here", "other": "thread"}'
    const [deep, note] = [childKeyOf('', 0), childKeyOf('', 1)]
    expect(find(value, 'needle')).toEqual({ keys: [childKeyOf(deep, 0), note], isTruncated: false })
    expect(find(value, 'absent')).toEqual({ keys: [], isTruncated: false })
  })

  it('are among the first ones only, and may be more', () => {
    expect(find(numbers(30), '19', { maxSearched: 20 })).toEqual({ keys: [childKeyOf('', 19)], isTruncated: true })
    expect(find(numbers(30), '29', { maxSearched: 20 })).toEqual({ keys: [], isTruncated: true })
    expect(find(numbers(20), '29', { maxSearched: 20 })).toEqual({ keys: [], isTruncated: false })
    expect(find(`{"a": ${numbers(19)}, "b": 29}`, '29', { maxSearched: 20 })).toEqual({ keys: [], isTruncated: true })
  })

  it('are searched among 50,000, of which a thousand are found', () => {
    expect(find(numbers(60_000), '49999').keys).toHaveLength(1)
    expect(find(numbers(60_000), '59999')).toEqual({ keys: [], isTruncated: true })
    const found = find(numbers(60_000), '1')
    expect([found.keys.length, found.isTruncated]).toEqual([1_000, true])
  })

  it('are not searched beyond a hundred levels', () => {
    expect(find(`${'['.repeat(150)}1${']'.repeat(150)}`, '1')).toEqual({ keys: [], isTruncated: true })
  })
})
