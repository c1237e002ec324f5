// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { Compression, TableCompression } from '@/lib/contract/dashboards'
import { sum } from '@/lib/sum'
import { render } from '@/testing/components/render'
import { CompressionTables } from './compression-tables'

afterEach(cleanup)

const EMPTY: TableCompression = {
  table: { catalog: 'local', namespace: ['demo'], table: 'emptied' },
  configuredCodec: null,
  plainBytes: null,
  encodedBytes: null,
  storedBytes: 0,
  compared: { plainBytes: 0, encodedBytes: 0, storedBytes: 0 },
  isEstimated: false,
  fileCount: 0,
  unknownCount: 0,
  codecs: [],
}

function dataOf(...tables: TableCompression[]): Compression {
  return {
    readAtMs: 0,
    tableCount: tables.length,
    unreadable: [],
    unreadableCount: 0,
    unreachable: [],
    badges: [],
    duplicates: [],
    duplicateCount: 0,
    isTruncated: false,
    files: {
      measuredCount: sum(tables.map(({ fileCount, unknownCount }) => fileCount - unknownCount)),
      fileCount: sum(tables.map(({ fileCount }) => fileCount)),
    },
    tables,
    columns: [],
    columnCount: 0,
    input: { bytes: 0, commits: 0, totalCommits: 0 },
    history: [],
  }
}

test('A table without files has no ratio for that reason, and one with unknown files for another', () => {
  const unread = { ...EMPTY, table: { ...EMPTY.table, table: 'unread' }, fileCount: 2, unknownCount: 2 }
  render(<CompressionTables data={dataOf(EMPTY, unread)} />)
  expect(screen.getByRole('row', { name: /emptied/ }).textContent).toContain('unknown: there are no data files')
  const other = screen.getByRole('row', { name: /unread/ }).textContent
  expect(other).toContain('unknown: no file’s plain size is known')
  expect(other).not.toContain('there are no data files')
})

test('The sums of a table with files that are not measured are marked, and those of other tables are not', () => {
  const whole = {
    ...EMPTY,
    table: { ...EMPTY.table, table: 'whole' },
    plainBytes: 4096,
    encodedBytes: 2048,
    storedBytes: 1024,
    compared: { plainBytes: 4096, encodedBytes: 2048, storedBytes: 1024 },
    fileCount: 2,
  }
  const partly = {
    ...whole,
    table: { ...EMPTY.table, table: 'partly' },
    plainBytes: null,
    encodedBytes: null,
    fileCount: 2000,
    unknownCount: 976,
  }
  render(<CompressionTables data={dataOf(whole, partly)} />)
  const cells = (name: RegExp) =>
    within(screen.getByRole('row', { name }))
      .getAllByRole('cell')
      .map(({ textContent }) => textContent)
  expect(cells(/whole/).slice(1, 5)).toEqual(['1.00 KiB', '4.00 KiB', '4.00', '2.00'])
  expect(cells(/partly/).slice(1, 5)).toEqual(['≥ 1.00 KiB', '≥ 4.00 KiB', '≈ 4.00', '≈ 2.00'])
  expect(screen.getByRole('img', { name: '≈ 25.0%, 1,024 of 2,000 files measured' })).toBeTruthy()
})
