import { describe, expect, it } from 'vitest'
import { sampleManifest, sampleMetadata, sampleSchema } from '@/testing/iceberg/sample-manifests'
import { bindPredicate } from '../predicate/bind-predicate'
import type { BoundPredicate } from '../predicate/predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import { type FileRange, readTaskPage, splitRange } from './task-page'

const MANIFESTS = Array.from({ length: 12 }, (_, index) => sampleManifest(index))
const ALL: FileRange = { fromFile: 0, endFile: 120 }

function samplePlan(filesPerManifest = 10) {
  const read: number[] = []
  return {
    read,
    manifests: MANIFESTS.map(({ planned }) => ({ ...planned, fileCount: filesPerManifest })),
    fileCount: 120,
    rowCount: 120,
    tasksOf: async ({ firstFile }: { firstFile: number }) => {
      read.push(firstFile)
      return MANIFESTS[firstFile / 10]?.tasks ?? []
    },
  }
}

function bind(filter: string): BoundPredicate {
  return filter === '' ? { kind: 'true' } : bindPredicate(parsePredicateText(filter), sampleSchema)
}

async function readAll(filter: string, ranges: readonly FileRange[], maxTasks: number): Promise<number[]> {
  const files: number[] = []
  const pending = [...ranges]
  for (let range = pending.shift(); range !== undefined; range = pending.shift()) {
    const { tasks, rest } = await readTaskPage(samplePlan(), bind(filter), range, {
      metadata: sampleMetadata,
      maxTasks,
    })
    expect(tasks.length).toBeLessThanOrEqual(maxTasks)
    files.push(...tasks.map(({ fileIndex }) => fileIndex))
    if (rest !== null) pending.unshift(rest)
  }
  return files
}

describe('pages of a range', () => {
  const files = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => from + i)

  it.each([1, 3, 10, 11, 119, 120, 200])('of at most %i tasks have each file once, in order', async (maxTasks) => {
    expect(await readAll('', [ALL], maxTasks)).toEqual(files(0, 120))
    expect(await readAll('', [{ fromFile: 7, endFile: 31 }], maxTasks)).toEqual(files(7, 31))
    expect(await readAll('speed >= 44 and speed < 97', [ALL], maxTasks)).toEqual(files(44, 97))
    expect(await readAll("day = '1970-02-11'", [ALL], maxTasks)).toEqual([41])
    expect(await readAll('speed = 1000', [ALL], maxTasks)).toEqual([])
  })

  it('end after the manifests of 20,000 files, even if nothing matched', async () => {
    const plan = samplePlan(9_000)
    const options = { metadata: sampleMetadata, maxTasks: 10 }
    expect(await readTaskPage(plan, bind('speed = 1000'), { fromFile: 0, endFile: 200_000 }, options)).toEqual({
      tasks: [],
      rest: { fromFile: 20, endFile: 200_000 },
    })
    expect(plan.read.toSorted((a, b) => a - b)).toEqual([0, 10])
  })

  it('reads no manifest without a partition that can match', async () => {
    const plan = samplePlan()
    const { tasks, rest } = await readTaskPage(plan, bind("day >= '1970-04-20'"), ALL, {
      metadata: sampleMetadata,
      maxTasks: 100,
    })
    expect(tasks.map(({ fileIndex }) => fileIndex)).toEqual(files(109, 120))
    expect([rest, plan.read]).toEqual([null, [100, 110]])
  })
})

describe('a split range', () => {
  it.each([
    [1, 1],
    [5, 1],
    [5, 30],
    [100, 1],
    [100, 45],
  ])('has at most %i parts of at least %i files, which together have each file once', async (maxRanges, minFiles) => {
    for (const [filter, range] of [
      ['', ALL],
      ['', { fromFile: 13, endFile: 88 }],
      ["day > '1970-02-25'", ALL],
    ] as const) {
      const options = { metadata: sampleMetadata, maxRanges, minFiles }
      const ranges = splitRange(samplePlan(), bind(filter), range, options)
      expect(ranges.length).toBeGreaterThan(0)
      expect(ranges.length).toBeLessThanOrEqual(maxRanges)
      expect(await readAll(filter, ranges, 1_000)).toEqual(await readAll(filter, [range], 1_000))
    }
  })

  it('has no parts if nothing can match', () => {
    const options = { metadata: sampleMetadata, maxRanges: 4, minFiles: 1 }
    expect(splitRange(samplePlan(), bind("day = '2020-01-01'"), ALL, options)).toEqual([])
  })
})
