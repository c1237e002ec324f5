import { describe, expect, it } from 'vitest'
import { parseExactJson } from './exact-json'
import { diffJson } from './json-diff'

const diff = (before: string, after: string) => [...diffJson(parseExactJson(before), parseExactJson(after))]

describe('A comparison of JSON documents', () => {
  it('lists what was added, removed and changed, with the path', () => {
    expect(diff('{"a":1,"b":{"c":"x","d":null}}', '{"a":1,"b":{"c":"y"},"e":[1]}')).toEqual([
      { path: 'b.c', before: '"x"', after: '"y"' },
      { path: 'b.d', before: 'null', after: null },
      { path: 'e', before: null, after: '[1]' },
    ])
  })

  it('tells 64-bit numbers apart that a double could not', () => {
    expect(diff('{"id":9007199254740992}', '{"id":9007199254740993}')).toEqual([
      { path: 'id', before: '9007199254740992', after: '9007199254740993' },
    ])
  })

  it('compares elements of a list by their id, whatever their position', () => {
    const before = '{"snapshots":[{"snapshot-id":1,"n":1},{"snapshot-id":9007199254740993,"n":2}]}'
    const after = '{"snapshots":[{"snapshot-id":9007199254740993,"n":3},{"snapshot-id":4,"n":4}]}'
    expect(diff(before, after)).toEqual([
      { path: 'snapshots[snapshot-id=1]', before: '{"snapshot-id":1,"n":1}', after: null },
      { path: 'snapshots[snapshot-id=9007199254740993].n', before: '2', after: '3' },
      { path: 'snapshots[snapshot-id=4]', before: null, after: '{"snapshot-id":4,"n":4}' },
    ])
  })

  it('does not trust an id that occurs twice', () => {
    const log = (...ids: number[]) => JSON.stringify(ids.map((id, i) => ({ 'snapshot-id': id, 'timestamp-ms': i })))
    expect(diff(log(1, 2), log(1, 2, 1))).toEqual([
      { path: '[timestamp-ms=2]', before: null, after: '{"snapshot-id":1,"timestamp-ms":2}' },
    ])
  })

  it('compares other lists by position, and values of different kinds as a whole', () => {
    expect(diff('[1,[2],3]', '[1,{"2":2}]')).toEqual([
      { path: '[1]', before: '[2]', after: '{"2":2}' },
      { path: '[2]', before: '3', after: null },
    ])
  })

  it('finds nothing between equal documents', () => {
    expect(diff('{"a":[{"id":1}],"b":1.50}', '{"b":1.50,"a":[{"id":1}]}')).toEqual([])
  })
})
