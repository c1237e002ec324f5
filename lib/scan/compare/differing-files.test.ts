import { describe, expect, it } from 'vitest'
import { type ComparedFile, findDifferingFiles } from './differing-files'

const file = (path: string, ...deletes: (string | [string, number])[]): ComparedFile => ({
  path,
  deletes: deletes.map((one) =>
    typeof one === 'string' ? { path: one, contentOffset: null } : { path: one[0], contentOffset: one[1] },
  ),
})
const paths = (files: readonly ComparedFile[]) => files.map(({ path }) => path)

describe('The files that differ', () => {
  it('are those that one side lists and the other does not, in their order', () => {
    const result = findDifferingFiles([file('a'), file('b'), file('c')], [file('d'), file('b'), file('e')])
    expect(paths(result.onlyBefore)).toEqual(['a', 'c'])
    expect(paths(result.onlyAfter)).toEqual(['d', 'e'])
    expect(paths(result.shared)).toEqual(['b'])
  })

  it('include a file to which other deletes apply', () => {
    const result = findDifferingFiles([file('a'), file('b', 'x')], [file('a', 'x'), file('b', 'x')])
    expect([paths(result.onlyBefore), paths(result.onlyAfter), paths(result.shared)]).toEqual([['a'], ['a'], ['b']])
  })

  it('distinguish deletion vectors of one file by their offsets', () => {
    const result = findDifferingFiles([file('a', ['x', 4])], [file('a', ['x', 90])])
    expect(paths(result.onlyBefore)).toEqual(['a'])
    expect(findDifferingFiles([file('a', ['x', 4])], [file('a', ['x', 4])]).shared).toHaveLength(1)
  })

  it('do not depend on the order of deletes', () => {
    const [one, other] = [file('a', 'x', ['y', 1], ['y', 2]), file('a', ['y', 2], 'x', ['y', 1])]
    expect(findDifferingFiles([one], [other]).shared).toHaveLength(1)
  })

  it('count a file twice that is listed twice', () => {
    const result = findDifferingFiles([file('a'), file('a'), file('b')], [file('a')])
    expect(paths(result.onlyBefore)).toEqual(['a', 'b'])
    expect(paths(findDifferingFiles([file('a')], [file('a'), file('a')]).onlyAfter)).toEqual(['a'])
  })
})
