import { describe, expect, test } from 'vitest'
import { chooseFaults } from './choose-faults.ts'
import { findFaults } from './find-faults.ts'

function candidates(name: string, count: number) {
  return Array.from({ length: count }, (_, i) =>
    findFaults(`lib/${name}${i}.ts`, `function ${name}${i}(a, b) { if (a < ${i}) throw b; return a + 1 }`),
  ).flat()
}

describe('chooseFaults', () => {
  test('Every area has its share, and every kind of an area as far as there are some', () => {
    const chosen = chooseFaults([candidates('one', 20), candidates('two', 20)], 16)
    expect(chosen).toHaveLength(16)
    for (const name of ['one', 'two']) {
      const kinds = chosen.filter(({ functionName }) => functionName.startsWith(name)).map(({ kind }) => kind)
      const expected = ['negated guard', 'off by one', 'removed guard', 'shifted bound']
      expect(kinds.toSorted()).toEqual(expected.flatMap((kind) => [kind, kind]))
    }
  })

  test('A function has at most two faults', () => {
    expect(chooseFaults([candidates('one', 2)], 8)).toHaveLength(4)
  })

  test('The choice stays when files move, and mostly when some candidates go', () => {
    const all = candidates('one', 30)
    const chosen = chooseFaults([all], 12).map(({ id }) => id)
    const moved = all.toReversed().map((fault) => ({ ...fault, file: `lib/moved/${fault.file}` }))
    expect(chooseFaults([moved], 12).map(({ id }) => id)).toEqual(chosen)

    const remaining = all.filter(({ id }) => id !== chosen[0])
    const again = new Set(chooseFaults([remaining], 12).map(({ id }) => id))
    expect(chosen.filter((id) => again.has(id)).length).toBeGreaterThanOrEqual(10)
  })

  test('A fault whose id two files share is not chosen', () => {
    const twice = [...findFaults('lib/a.ts', 'const x = n + 1'), ...findFaults('lib/b.ts', 'const x = n + 1')]
    expect(chooseFaults([twice], 2)).toEqual([])
  })
})
