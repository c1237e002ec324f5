import { describe, expect, test } from 'vitest'
import { isJsonContainer, jsonMembers } from './json-members'

describe('The members of a JSON text', () => {
  test('are its own, with every digit', () => {
    expect(jsonMembers('{"id": 9007199254740993, "a\\"b": [1, {"x": "]"}], "n": null}')).toEqual([
      { name: 'id', text: '9007199254740993' },
      { name: 'a"b', text: '[1, {"x": "]"}]' },
      { name: 'n', text: 'null' },
    ])
    expect(jsonMembers(' [1.50,\n"a,b" , {}]')).toEqual([
      { name: '0', text: '1.50' },
      { name: '1', text: '"a,b"' },
      { name: '2', text: '{}' },
    ])
    expect(jsonMembers('{}')).toEqual([])
    expect(jsonMembers('[ ]')).toEqual([])
  })

  test('are found level by level at any depth', () => {
    const depth = 20_000
    let text = `${'['.repeat(depth)}7${']'.repeat(depth)}`
    for (let level = 0; level < 50; level++) text = jsonMembers(text)?.[0]?.text ?? ''
    expect(text).toBe(`${'['.repeat(depth - 50)}7${']'.repeat(depth - 50)}`)
  })

  test.each(['7', '"{}"', '', '{"a" 1}', '{a: 1}', '{"a": 1', '[1', '["a]', '{"a":}', '[1}', '[,]'])(
    'do not exist in %s',
    (text) => {
      expect(jsonMembers(text)).toBeNull()
    },
  )

  test('are in objects and arrays only', () => {
    expect(['{}', ' [1]', '"a"', '1', 'null'].map(isJsonContainer)).toEqual([true, true, false, false, false])
  })
})
