import { describe, expect, it } from 'vitest'
import { EMPTY_METRICS } from '@/testing/iceberg/sample-data-file'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanTask } from '../plan/scan-task'
import { bindPredicate } from '../predicate/bind-predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import { prunePlan } from './prune-plan'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

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
function planManifest(index: number): { planned: PlannedManifest; tasks: ScanTask[] } {
  const days = Array.from({ length: 10 }, (_, i) => 10 * index + i)
  const bound = (type: 'date' | 'int', value: number) => encodeSingleValue(type, value)
  const summary = {
    containsNull: false,
    containsNan: null,
    lowerBound: bound('date', 10 * index),
    upperBound: bound('date', 10 * index + 9),
  }
  const manifest = sampleManifest({
    manifestPath: `mem:${index}`,
    partitionSpecId: 1,
    addedFilesCount: 10,
    addedRowsCount: 10,
    partitions: [summary],
  })
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

/** Ten manifests, and which of them were read. */
function sampleLake(changes: Partial<ScanTask> = {}) {
  const lake = Array.from({ length: 10 }, (_, index) => planManifest(index))
  const reads: string[] = []
  const plan = {
    manifests: lake.map(({ planned }) => planned),
    fileCount: 100,
    tasksOf: async ({ manifest }: PlannedManifest) => {
      reads.push(manifest.manifestPath)
      const { tasks = [] } = lake[Number(manifest.manifestPath.slice(4))] ?? {}
      return tasks.map((task) => ({ ...task, ...changes }))
    },
  }
  return { plan, reads }
}

async function prune(filter: string) {
  const { plan, reads } = sampleLake()
  const pruned = prunePlan(plan, bindPredicate(parsePredicateText(filter), schema), { metadata })
  const files: number[] = []
  for await (const { fileIndex } of pruned.tasks()) files.push(fileIndex)
  return { files, reads, skipped: pruned.skipped() }
}

describe('A plan with a filter', () => {
  it('reads only manifests whose partitions might match, and lists their files in order', async () => {
    const { files, reads, skipped } = await prune('day >= "1970-01-21" and day < "1970-02-03" and speed != 26')
    expect(reads).toEqual(['mem:2', 'mem:3'])
    expect(files).toEqual([20, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31, 32])
    expect(skipped).toEqual({
      manifests: 8,
      files: {
        partition: { files: 87, rows: 87 },
        'null-counts': { files: 0, rows: 0 },
        bounds: { files: 1, rows: 1 },
      },
    })
  })

  it('tells files without nulls from files of other values', async () => {
    const { files, skipped } = await prune('speed is null or speed > 97')
    expect(files).toEqual([25, 98, 99])
    expect(skipped.files).toMatchObject({ 'null-counts': { files: 0 }, bounds: { files: 97 } })
    expect((await prune('speed is null')).skipped.files).toMatchObject({
      'null-counts': { files: 99 },
      bounds: { files: 0 },
    })
  })

  it('reads nothing if the filter is never true', async () => {
    const { reads, skipped } = await prune('false')
    expect(reads).toEqual([])
    expect(skipped.files.partition).toEqual({ files: 100, rows: 100 })
  })

  it('is listed in pages that say what was skipped up to their end', async () => {
    const { plan, reads } = sampleLake()
    const pruned = prunePlan(plan, bindPredicate(parsePredicateText('day > "1970-01-16" and speed != 26'), schema), {
      metadata,
    })
    const first = await pruned.listTasks(0, { maxTasks: 3 })
    expect(first.tasks.map(({ fileIndex }) => fileIndex)).toEqual([16, 17, 18])
    expect(first.nextFile).toBe(19)
    expect(first.skipped).toMatchObject({ manifests: 1, files: { partition: { files: 16, rows: 16 } } })
    expect(reads).toEqual(['mem:1'])
    const pages = [first]
    for (let next = first.nextFile; next !== null; next = pages.at(-1)?.nextFile ?? null)
      pages.push(await pruned.listTasks(next, { maxTasks: 40 }))
    const listed = pages.flatMap(({ tasks }) => tasks.map(({ fileIndex }) => fileIndex))
    expect(listed).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25, ...Array.from({ length: 73 }, (_, i) => 27 + i)])
    const skippedFiles = pages.flatMap(({ skipped: { files } }) => Object.values(files).map((kind) => kind.files))
    expect(skippedFiles.reduce((sum, files) => sum + files, 0)).toBe(100 - listed.length)
  })

  it('ends a page after one manifest when there is no time for more', async () => {
    const { plan, reads } = sampleLake()
    const pruned = prunePlan(plan, bindPredicate(parsePredicateText('speed = 25'), schema), { metadata })
    const page = await pruned.listTasks(0, { maxTasks: 10, mayContinue: () => false })
    expect(page).toMatchObject({ tasks: [], nextFile: 10, skipped: { manifests: 0, files: { bounds: { files: 10 } } } })
    expect(reads).toEqual(['mem:0'])
    const last = await pruned.listTasks(90, { maxTasks: 10, mayContinue: () => false })
    expect(last).toMatchObject({ tasks: [], nextFile: null })
    expect(await pruned.listTasks(100, { maxTasks: 10 })).toMatchObject({ tasks: [], nextFile: null })
  })

  it('ends a page before too many delete files, but has at least one file', async () => {
    const { plan } = sampleLake({ deletes: [0, 1, 2] })
    const pruned = prunePlan(plan, bindPredicate(parsePredicateText('speed >= 0'), schema), { metadata })
    expect(await pruned.listTasks(0, { maxTasks: 10, maxDeletes: 7 })).toMatchObject({ nextFile: 2 })
    expect(await pruned.listTasks(2, { maxTasks: 10, maxDeletes: 1 })).toMatchObject({ nextFile: 3 })
  })

  it('starts within a manifest that no partition of it would skip in part', async () => {
    const { plan, reads } = sampleLake()
    const pruned = prunePlan(plan, bindPredicate(parsePredicateText('day = "1970-03-01"'), schema), { metadata })
    const page = await pruned.listTasks(7, { maxTasks: 10 })
    expect(page.tasks.map(({ fileIndex }) => fileIndex)).toEqual([59])
    expect(page.skipped.files.partition).toEqual({ files: 92, rows: 92 })
    expect(reads).toEqual(['mem:0', 'mem:5'])
  })

  it('gives others their turn while it compares manifests and files', async () => {
    let turns = 0
    const takeTurns = () => {
      turns += 1
      return null
    }
    const { plan } = sampleLake()
    const many = { ...plan, manifests: Array.from({ length: 100 }, () => plan.manifests).flat() }
    const pruned = prunePlan(many, bindPredicate(parsePredicateText('false'), schema), { metadata, takeTurns })
    expect(await pruned.listTasks(0, { maxTasks: 1 })).toMatchObject({ skipped: { manifests: 1000 } })
    expect(turns).toBe(4)
  })
})
