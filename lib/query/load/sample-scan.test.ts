import { expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { FooterSummary, LoadableFile } from './decode-messages'
import { requireSmallSample, toSampleScan } from './sample-scan'
import { knownFiles } from './table-files'
import type { TableScan } from './table-scan'

const MIB = 1024 * 1024
const COLUMNS: NestedField[] = [{ id: 1, name: 'id', type: 'long', required: false }]
const signal = new AbortController().signal

function scanOf(fileCount: number): TableScan {
  const files = Array.from({ length: fileCount }, (_, i): LoadableFile => {
    const name = `${i}.parquet`
    const facts = { byteLength: 1, tailBytes: 1, recordCount: 100, constants: new Map(), nameMapping: null }
    return { ...facts, url: name, name, deletes: [] }
  })
  return {
    key: 't',
    snapshotId: '1',
    committedAtMs: 0,
    fields: COLUMNS,
    files: knownFiles(files),
    fileCount,
    rowCount: fileCount * 100,
    deleteFileCount: 0,
    deleteBytes: 0,
    fileBytes: null,
  }
}

/** The footers of files, each with one row group, and the names of the files that were opened. */
function footersOf(group: { rowCount: number; storedBytes: number }) {
  const opened: string[] = []
  const size = { fieldId: 1, storedBytes: group.storedBytes, encodedBytes: group.storedBytes, byteArrayBytes: null }
  const footer: FooterSummary = {
    rowGroups: [{ rowCount: group.rowCount, columns: [size] }],
    byteLength: 1,
    readBytes: 1,
  }
  const read = async (_scan: unknown, file: LoadableFile) => {
    opened.push(file.name)
    return footer
  }
  return {
    opened,
    footers: { read, readAll: async () => [], sizeMismatches: () => [], isCounted: () => false, readBytes: 0 },
  }
}

test('a sample has the first files only', async () => {
  const sample = toSampleScan(scanOf(1000), 'demo.t')
  const names: string[] = []
  for await (const { name } of sample.files.list(signal)) names.push(name)
  expect(names).toHaveLength(16)
  expect(names.slice(0, 2)).toEqual(['0.parquet', '1.parquet'])
})

test('a sample that would read more than 8 MiB is refused before it is read', async () => {
  const { footers } = footersOf({ rowCount: 1_000_000, storedBytes: 12 * MIB })
  await expect(requireSmallSample(toSampleScan(scanOf(3), 'demo.t'), COLUMNS, footers, signal)).rejects.toThrow(
    /^The first rows of demo.t take 12(\.0)? MiB to read in these columns, and those of a preview at most 8(\.00)? MiB\.$/,
  )
})

test('a sample that would fill the memory is refused, however small it is stored', async () => {
  const { footers } = footersOf({ rowCount: 10_000_000, storedBytes: 100 })
  await expect(requireSmallSample(toSampleScan(scanOf(1), 'demo.t'), COLUMNS, footers, signal)).rejects.toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('in memory'),
  })
})

test('only the files with the first rows are opened', async () => {
  const { footers, opened } = footersOf({ rowCount: 6000, storedBytes: 1000 })
  await requireSmallSample(toSampleScan(scanOf(5), 'demo.t'), COLUMNS, footers, signal)
  expect(opened).toEqual(['0.parquet', '1.parquet'])
  await requireSmallSample(toSampleScan(scanOf(5), 'demo.t'), [], footers, signal)
  expect(opened).toHaveLength(2)
})
