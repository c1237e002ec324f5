import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FooterColumn } from './file-footer'
import { OTHER_COLUMNS, partChanges, type StoredFile, sumStorage } from './table-storage'

const size = fc.integer({ min: 0, max: 1_000_000 })

const column: fc.Arbitrary<FooterColumn> = fc.record({
  fieldId: fc.option(fc.integer({ min: 1, max: 40 }), { nil: null }),
  codecs: fc.uniqueArray(fc.tuple(fc.constantFrom('zstd', 'gzip', 'snappy'), size), {
    selector: ([name]) => name,
    maxLength: 3,
    minLength: 1,
  }),
  encodedBytes: size,
  plainBytes: size,
  isEstimated: fc.boolean(),
  encodings: fc.subarray(['PLAIN', 'RLE_DICTIONARY']),
  dictionary: fc.constantFrom('all' as const, 'fallback' as const, 'unknown' as const, null),
})

const file: fc.Arbitrary<StoredFile> = fc.record({
  content: fc.constantFrom('data' as const, 'deletes' as const),
  isParquet: fc.boolean(),
  fileBytes: size,
  footer: fc.option(fc.array(column, { maxLength: 45 }), { nil: null }),
  problem: fc.constant(null),
})

const storedOf = (parts: Iterable<{ stored: number }>) => [...parts].reduce((sum, { stored }) => sum + stored, 0)

it('Parts are all bytes of the files, and columns are the parts of codecs', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 6 }), (files) => {
      const { parts, columns } = sumStorage(files, () => null)
      expect(storedOf(parts.values())).toBe(files.reduce((sum, { fileBytes }) => sum + fileBytes, 0))
      const ofCodecs = [...parts].filter(([part]) => part.startsWith('codec:')).map(([, bytes]) => bytes)
      for (const name of ['stored', 'encoded', 'plain'] as const) {
        const sum = ofCodecs.reduce((total, bytes) => total + bytes[name], 0)
        expect(columns.reduce((total, { bytes }) => total + bytes[name], 0)).toBe(sum)
      }
      expect(columns.length).toBeLessThanOrEqual(21)
    }),
  )
})

it('Changes lead from one state to another', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 4 }), fc.array(file, { maxLength: 4 }), (before, after) => {
      const from = sumStorage(before, () => null).parts
      const to = sumStorage(after, () => null).parts
      const changes = partChanges(from, to)
      for (const part of new Set([...from.keys(), ...to.keys()])) {
        for (const name of ['stored', 'encoded', 'plain'] as const) {
          expect((from.get(part)?.[name] ?? 0) + (changes.get(part)?.[name] ?? 0)).toBe(to.get(part)?.[name] ?? 0)
        }
      }
      expect(partChanges(to, to).size).toBe(0)
    }),
  )
})

it('Columns beyond the largest twenty are one, and so are those without an id', () => {
  const columns = Array.from(
    { length: 22 },
    (_, index): FooterColumn => ({
      fieldId: index === 0 ? null : index,
      codecs: [['zstd', 100 * index + 10]],
      encodedBytes: 1,
      plainBytes: 1,
      isEstimated: false,
      encodings: [],
      dictionary: index === 1 ? 'fallback' : null,
    }),
  )
  const storage = sumStorage(
    [{ content: 'data', isParquet: true, fileBytes: 100_000, footer: columns, problem: null }],
    (fieldId) => (fieldId === 21 ? 'gzip' : fieldId === null ? null : 'zstd'),
  )
  const other = storage.columns.at(-1)
  expect(storage.columns.map(({ fieldId }) => fieldId).slice(0, 2)).toEqual([21, 20])
  expect(other).toMatchObject({ fieldId: OTHER_COLUMNS, bytes: { stored: 10 + 110 }, dictionary: 'fallback' })
  expect(storage.columnCount).toBe(22)
  expect(storage.setBytes - storage.asSetBytes).toBe(2110)
})
