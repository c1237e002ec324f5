import { describe, expect, it } from 'vitest'
import { type FileRange, splitRange } from './file-range'

/** Manifests of these numbers of files. */
function manifestsOf(counts: readonly number[]) {
  let firstFile = 0
  return counts.map((fileCount) => {
    const manifest = { firstFile, fileCount }
    firstFile += fileCount
    return manifest
  })
}

describe('a split range', () => {
  const manifests = manifestsOf([10, 10, 1, 1, 1, 50, 10, 10, 7])

  it.each<[maxRanges: number, minFiles: number, range: FileRange, expected: number[]]>([
    [1, 1, { fromFile: 0, endFile: 100 }, [0]],
    [2, 1, { fromFile: 0, endFile: 100 }, [0, 73]],
    [100, 1, { fromFile: 0, endFile: 100 }, [0, 10, 20, 21, 22, 23, 73, 83, 93]],
    [100, 12, { fromFile: 0, endFile: 100 }, [0, 20, 73, 93]],
    [100, 1, { fromFile: 15, endFile: 73 }, [15, 20, 21, 22, 23]],
    [4, 1, { fromFile: 100, endFile: 100 }, []],
  ])('into at most %i parts of at least %i files', (maxRanges, minFiles, range, expected) => {
    const ranges = splitRange(manifests, range, { maxRanges, minFiles })
    expect(ranges.map(({ fromFile }) => fromFile)).toEqual(expected)
    expect(ranges.map(({ endFile }) => endFile)).toEqual(
      [...expected.slice(1), range.endFile].slice(0, expected.length),
    )
  })
})
