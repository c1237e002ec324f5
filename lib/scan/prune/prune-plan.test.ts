import { describe, expect, it } from 'vitest'
import { EMPTY_METRICS } from '@/testing/iceberg/sample-data-file'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanTask } from '../plan/scan-task'
import { bindPredicate } from '../predicate/bind-predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import { prunePlan } from './prune-plan'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'day', required: false, type: 'date' },
    { id: 2, name: 'speed', required: false, type: 'int' },
  ],
}
const metadata = {
  schemas: [schema],
  partitionSpecs: [{ specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'day', transform: 'identity' }] }],
}

/** A manifest of ten files of one row each, of days from 10 × `index`, whose speeds are their days. */
function sampleManifest(index: number): { planned: PlannedManifest; tasks: ScanTask[] } {
  const days = Array.from({ length: 10 }, (_, i) => 10 * index + i)
  const bound = (type: 'date' | 'int', value: number) => encodeSingleValue(type, value)
  const summary = {
    containsNull: false,
    containsNan: null,
    lowerBound: bound('date', 10 * index),
    upperBound: bound('date', 10 * index + 9),
  }
  const manifest: ManifestFile = {
    manifestPath: `mem:${index}`,
    manifestLengthBytes: 1,
    partitionSpecId: 1,
    content: 'data',
    sequenceNumber: 1,
    minSequenceNumber: 1,
    addedSnapshotId: '1',
    addedFilesCount: 10,
    existingFilesCount: 0,
    deletedFilesCount: 0,
    addedRowsCount: 10,
    existingRowsCount: 0,
    deletedRowsCount: 0,
    partitions: [summary],
    firstRowId: null,
  }
  const tasks = days.map(
    (day): ScanTask => ({
      fileIndex: day,
      firstRowIndex: day,
      filePath: `mem:${day}.parquet`,
      fileFormat: 'parquet',
      firstRowId: null,
      deletes: [],
      fileSizeBytes: 1,
      recordCount: 1,
      sequenceNumber: 1,
      specId: 1,
      partition: [day],
      constants: new Map(),
      splitOffsets: null,
      sortOrderId: null,
      metrics: {
        ...EMPTY_METRICS,
        valueCounts: new Map([[2, 1]]),
        nullValueCounts: new Map([[2, day === 25 ? 1 : 0]]),
        lowerBounds: new Map([[2, bound('int', day)]]),
        upperBounds: new Map([[2, bound('int', day)]]),
      },
    }),
  )
  return { planned: { manifest, firstFile: 10 * index, firstRow: 10 * index, fileCount: 10, rowCount: 10 }, tasks }
}

async function prune(filter: string) {
  const lake = Array.from({ length: 10 }, (_, index) => sampleManifest(index))
  const reads: string[] = []
  const plan = {
    manifests: lake.map(({ planned }) => planned),
    fileCount: 100,
    rowCount: 100,
    tasksOf: async ({ manifest }: PlannedManifest) => {
      reads.push(manifest.manifestPath)
      return lake[Number(manifest.manifestPath.slice(4))]?.tasks ?? []
    },
  }
  const pruned = prunePlan(plan, bindPredicate(parsePredicateText(filter), schema), { metadata })
  const files: number[] = []
  for await (const { fileIndex } of pruned.tasks()) files.push(fileIndex)
  return { files, reads, report: pruned.report() }
}

describe('A plan with a filter', () => {
  it('reads only manifests whose partitions might match, and lists their files in order', async () => {
    const { files, reads, report } = await prune('day >= "1970-01-21" and day < "1970-02-03" and speed != 26')
    expect(reads).toEqual(['mem:2', 'mem:3'])
    expect(files).toEqual([20, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31, 32])
    expect(report).toEqual({
      manifestCount: 10,
      fileCount: 100,
      rowCount: 100,
      skippedManifests: 8,
      skipped: {
        partition: { files: 87, rows: 87 },
        'null-counts': { files: 0, rows: 0 },
        bounds: { files: 1, rows: 1 },
      },
    })
  })

  it('tells files without nulls from files of other values', async () => {
    const { files, report } = await prune('speed is null or speed > 97')
    expect(files).toEqual([25, 98, 99])
    expect(report.skipped).toMatchObject({ 'null-counts': { files: 0 }, bounds: { files: 97 } })
    expect((await prune('speed is null')).report.skipped).toMatchObject({
      'null-counts': { files: 99 },
      bounds: { files: 0 },
    })
  })

  it('reads nothing if the filter is never true', async () => {
    const { reads, report } = await prune('false')
    expect(reads).toEqual([])
    expect(report.skipped.partition).toEqual({ files: 100, rows: 100 })
  })
})
