// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { Compression } from '@/lib/contract/dashboards'
import { render } from '@/testing/components/render'
import { CompressionTables } from './compression-tables'

afterEach(cleanup)

test('A table without files has no ratio for that reason, and one with unknown files for another', () => {
  const empty = {
    table: { catalog: 'local', namespace: ['demo'], table: 'emptied' },
    configuredCodec: null,
    plainBytes: null,
    encodedBytes: null,
    storedBytes: 0,
    compared: { plainBytes: 0, storedBytes: 0 },
    isEstimated: false,
    fileCount: 0,
    unknownCount: 0,
    codecs: [],
  }
  const unread = { ...empty, table: { ...empty.table, table: 'unread' }, fileCount: 2, unknownCount: 2 }
  const data: Compression = {
    readAtMs: 0,
    tableCount: 2,
    unreadable: [],
    unreadableCount: 0,
    unreachable: [],
    badges: [],
    duplicates: [],
    duplicateCount: 0,
    isTruncated: false,
    tables: [empty, unread],
    columns: [],
    columnCount: 0,
    input: { bytes: 0, commits: 0, totalCommits: 0 },
    history: [],
  }
  render(<CompressionTables data={data} />)
  expect(screen.getByRole('row', { name: /emptied/ }).textContent).toContain('unknown: there are no data files')
  const other = screen.getByRole('row', { name: /unread/ }).textContent
  expect(other).toContain('unknown: the plain size of some files is not known')
  expect(other).not.toContain('there are no data files')
})
