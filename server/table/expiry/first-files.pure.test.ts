import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FirstFiles, type ListedFile } from './first-files'

const file = (location: string): ListedFile => ({ kind: 'data', location, sizeBytes: 1 })

describe('The first files', () => {
  it('are those of the smallest locations, with the number of all, whatever the order they are added in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 8 }), (locations, maxFiles) => {
        const files = new FirstFiles(maxFiles)
        for (const location of locations) files.add(file(location))
        expect(files.toList()).toEqual({
          fileCount: locations.length,
          files: locations.toSorted().slice(0, maxFiles).map(file),
        })
      }),
    )
  })

  it('get a size that is known later, and no other file does', () => {
    const files = new FirstFiles(2)
    for (const location of ['c', 'a', 'b']) files.add({ kind: 'manifest-list', location, sizeBytes: null })
    for (const location of ['b', 'c', 'd', 'aa']) files.setSize(location, 7)
    expect(files.toList()).toEqual({
      fileCount: 3,
      files: [
        { kind: 'manifest-list', location: 'a', sizeBytes: null },
        { kind: 'manifest-list', location: 'b', sizeBytes: 7 },
      ],
    })
  })
})
