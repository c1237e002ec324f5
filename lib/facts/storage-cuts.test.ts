import { describe, expect, it } from 'vitest'
import { NOT_KNOWN, OTHERS, type ReadFile, sumCuts, writerOfFile } from './storage-cuts'

const NOW_MS = Date.UTC(2026, 10, 29)
const file = (fileBytes: number, createdBy: string | null, committedAtMs: number | null): ReadFile => ({
  fileBytes,
  createdBy,
  committedAtMs,
  footer: [1, 2].map((fieldId) => ({
    fieldId,
    codecs: [['zstd', 1]],
    encodedBytes: 10,
    plainBytes: 100,
    isEstimated: false,
    encodings: [],
    dictionary: null,
  })),
})
const bytesOf = (files: readonly ReadFile[], cut: string) =>
  Object.fromEntries(
    sumCuts(files, NOW_MS).flatMap(({ cut: of, name, bytes }) => (of === cut ? [[name, Object.values(bytes)]] : [])),
  )

describe('Cuts of the files of a table', () => {
  it.each([
    ['parquet-mr version 1.15.2 (build 859eac165b08f927fa14590c33bc5f476405fb68)', 'parquet-mr 1.15.2'],
    ['parquet-cpp-arrow version 18.1.0', 'parquet-cpp-arrow 18.1.0'],
    ['DuckDB version v1.4.1 (build b390a7c376)', 'DuckDB v1.4.1'],
    ['parquet-mr version 1.8.1 (build', 'parquet-mr 1.8.1'],
    ['Lakeshore', 'Lakeshore'],
    ['', ''],
  ])('name the writer with its version: %s', (createdBy, writer) => {
    expect(writerOfFile(createdBy)).toBe(writer)
  })

  it('have whole files by writer and by month, also those of which one of them is not known', () => {
    const files = [
      file(5, 'a version 1', Date.UTC(2026, 10, 30)),
      file(6, 'a version 1 (build 2)', Date.UTC(2024, 11, 1)),
      file(7, 'a version 2', Date.UTC(2024, 10, 30, 23)),
      file(8, null, null),
    ]
    expect(bytesOf(files, 'writer')).toEqual({ 'a 1': [11, 40, 400], 'a 2': [7, 20, 200], [NOT_KNOWN]: [8, 20, 200] })
    expect(bytesOf(files, 'age')).toEqual({
      '2026-11': [5, 20, 200],
      '2024-12': [6, 20, 200],
      [OTHERS]: [7, 20, 200],
      [NOT_KNOWN]: [8, 20, 200],
    })
  })

  it('keep the twenty largest writers, and add up the others', () => {
    const files = Array.from({ length: 23 }, (_, index) => file(index + 1, `w${index}`, null))
    const writers = bytesOf(files, 'writer')
    expect(Object.keys(writers)).toHaveLength(21)
    expect(writers[OTHERS]?.[0]).toBe(1 + 2 + 3)
    expect(writers['w3']?.[0]).toBe(4)
  })
})
