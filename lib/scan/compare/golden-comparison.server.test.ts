import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { type GoldenRead, type GoldenTable, type GoldenValue, listGoldenTables } from '@/testing/golden/golden-tables'
import { normalizeGoldenValue, toGoldenValue } from '@/testing/golden/golden-value'
import { createGoldenReader, openGoldenScan } from '@/testing/golden/open-golden-scan'
import type { ScanFile } from '../scan-files'
import { compareRows } from './compare-rows'
import { findSharedFields } from './compared-columns'
import { findDifferingFiles } from './differing-files'
import { CHANGE_KINDS } from './match-rows'
import { readScatteredRows } from './read-scattered'

/** Tables with every kind of deletes. Other engines recorded their rows at each snapshot. */
const TABLES = [
  'flink_upserts',
  'java_all_kinds_of_deletes',
  'java_equality_deletes_by_partition',
  'spark_deletes_upgraded_to_v3',
  'spark_deletion_vectors',
  'spark_partition_evolution',
  'spark_position_deletes_by_file',
  'spark_position_deletes_by_partition',
  'spark_row_lineage',
]

describe('The difference of two snapshots of a golden table', () => {
  const pairs = listGoldenTables()
    .filter(({ name }) => TABLES.includes(name))
    .flatMap((table) => pairsOf(table.reads).map(([before, after]) => ({ table, before, after })))

  it('is tested for each table', () => {
    expect(new Set(pairs.map(({ table }) => table.name))).toEqual(new Set(TABLES))
  })

  for (const { table, before, after } of pairs) {
    it(`is that of the recorded rows: ${table.name}, ${before.snapshotId} to ${after.snapshotId}`, async () => {
      const { changes, sharedPaths, openedPaths, fields } = await compareGolden(table, before, after)
      expect(changes.toSorted()).toEqual(recordedChanges(fields, before, after))
      expect(openedPaths.filter((path) => sharedPaths.includes(path))).toEqual([])
    })
  }
})

describe('A file that both snapshots of a golden table have', () => {
  it('is read when other deletes apply to it, and not otherwise', async () => {
    const table = listGoldenTables().find(({ name }) => name === 'spark_deletion_vectors')
    const [first, second] = table?.reads ?? []
    if (!table || !first || !second) throw new Error('the table has no two snapshots')
    const deleted = await compareGolden(table, first, second)
    expect(deleted.sharedPaths.length).toBeLessThan(deleted.fileCount)
    expect(deleted.openedPaths).not.toEqual([])
    const same = await compareGolden(table, second, second)
    expect(same.openedPaths).toEqual([])
    expect(same.sharedPaths).toHaveLength(same.fileCount)
    expect(same.changes).toEqual([])
  })
})

async function compareGolden(table: GoldenTable, before: GoldenRead, after: GoldenRead) {
  const [oldScan, newScan] = await Promise.all([openGoldenScan(table, before), openGoldenScan(table, after)])
  const withOffsets = (file: ScanFile) => ({ ...file, deletes: file.deletes ?? [] })
  const { onlyBefore, onlyAfter, shared } = findDifferingFiles(
    oldScan.files.map(withOffsets),
    newScan.files.map(withOffsets),
  )
  const fields = findSharedFields(oldScan.schema.fields, newScan.schema.fields)
  const openedPaths: string[] = []
  const readerOf = ({ nameMapping }: typeof oldScan, files: readonly ScanFile[]) =>
    createGoldenReader({ nameMapping, files: renumber(files) }, fields, (path) => openedPaths.push(path))
  const [oldReader, newReader] = [readerOf(oldScan, onlyBefore), readerOf(newScan, onlyAfter)]
  const compared = await compareRows({
    before: oldReader,
    after: newReader,
    fields,
    keyIds: [],
    hashKey: new Uint8Array(16),
  })
  const fieldIds = fields.map(({ id }) => id)
  const [oldRows, newRows] = [
    await readScatteredRows((options) => oldReader.readRows(options), compared.beforeRows, fieldIds),
    await readScatteredRows((options) => newReader.readRows(options), compared.afterRows, fieldIds),
  ]
  const changes = Array.from(compared.kinds, (kind, i) => {
    const columns = CHANGE_KINDS[kind] === 'in' ? newRows : oldRows
    const values = fields.map(({ id, type }) => toGoldenValue(type, columns.get(id)?.[i] ?? null))
    return `${CHANGE_KINDS[kind]} ${JSON.stringify(values)}`
  })
  const sharedPaths = shared.map(({ path }) => path)
  return { changes, sharedPaths, openedPaths, fields, fileCount: newScan.files.length }
}

/** Positions in a scan of these files alone. */
function renumber(files: readonly ScanFile[]): ScanFile[] {
  let firstRowIndex = 0
  return files.map((file) => {
    const renumbered = { ...file, firstRowIndex }
    firstRowIndex += file.recordCount
    return renumbered
  })
}

/** The changes between the rows that another engine read at the two snapshots. */
function recordedChanges(fields: readonly NestedField[], before: GoldenRead, after: GoldenRead): string[] {
  const rowsOf = (read: GoldenRead) =>
    read.rows.map((row) => {
      const values = fields.map(({ name, type }): GoldenValue => {
        return normalizeGoldenValue(type, row[read.columns.indexOf(name)] ?? null)
      })
      return JSON.stringify(values)
    })
  const remaining = rowsOf(before)
  const changes: string[] = []
  for (const row of rowsOf(after)) {
    const index = remaining.indexOf(row)
    if (index < 0) changes.push(`in ${row}`)
    else remaining.splice(index, 1)
  }
  return [...changes, ...remaining.map((row) => `out ${row}`)].sort()
}

/** Each snapshot with each other, in both directions, if their columns have the same names. */
function pairsOf(reads: readonly GoldenRead[]): [GoldenRead, GoldenRead][] {
  const snapshots = reads.filter(({ snapshotId }) => snapshotId !== undefined)
  return snapshots.flatMap((before) =>
    snapshots
      .filter((after) => after !== before && after.columns.join() === before.columns.join())
      .map((after): [GoldenRead, GoldenRead] => [before, after]),
  )
}
