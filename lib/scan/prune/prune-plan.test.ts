import { describe, expect, it } from 'vitest'
import { sampleManifest, sampleMetadata, sampleSchema } from '@/testing/iceberg/sample-manifests'
import { bindPredicate } from '../predicate/bind-predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import type { PlannedManifest } from '../plan/manifest-layout'
import { prunePlan } from './prune-plan'

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
  const pruned = prunePlan(plan, bindPredicate(parsePredicateText(filter), sampleSchema), { metadata: sampleMetadata })
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
