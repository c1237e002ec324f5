import { describe, expect, it } from 'vitest'
import type { DeleteIndex } from '../deletes/delete-index'
import type { PlannedManifest } from '../plan/manifest-layout'
import type { ScanPlan } from '../plan/scan-plan'
import type { ScanTask } from '../plan/scan-task'
import { planDifference } from './plan-difference'

type Manifest = { path: string; files: { path: string; deletes?: number[] }[] }

/** A plan of the manifests, and the manifests that were read of it. */
function createPlan(manifests: readonly Manifest[], deletes: { manifests: string[]; files: string[] } | null = null) {
  const read: string[] = []
  const plan = {
    manifests: manifests.map(({ path, files }) => ({ manifest: { manifestPath: path }, fileCount: files.length })),
    deleteManifests: (deletes?.manifests ?? []).map((manifestPath) => ({ manifestPath })),
    readDeletes: () =>
      Promise.resolve(
        deletes &&
          ({
            entries: deletes.files.map((filePath, i) => ({ dataFile: { filePath, contentOffset: 4 * i } })),
          } as unknown as DeleteIndex),
      ),
    tasksOf: ({ manifest }: PlannedManifest) => {
      read.push(manifest.manifestPath)
      const { files = [] } = manifests.find(({ path }) => path === manifest.manifestPath) ?? {}
      return Promise.resolve(
        files.map((file): Partial<ScanTask> => ({ filePath: file.path, deletes: file.deletes ?? [] })),
      )
    },
  } as unknown as ScanPlan
  return { plan, read }
}
const paths = (tasks: readonly ScanTask[]) => tasks.map(({ filePath }) => filePath)
const SHARED: Manifest = { path: 'm1', files: [{ path: 'a' }, { path: 'b' }] }

describe('The difference of two plans', () => {
  it('reads no manifest that both have', async () => {
    const [before, after] = [createPlan([SHARED]), createPlan([SHARED, { path: 'm2', files: [{ path: 'c' }] }])]
    const { onlyBefore, onlyAfter } = await planDifference(before.plan, after.plan)
    expect([paths(onlyBefore), paths(onlyAfter)]).toEqual([[], ['c']])
    expect([before.read, after.read]).toEqual([[], ['m2']])
  })

  it('finds the files that a rewritten manifest keeps', async () => {
    const rewritten = { path: 'm3', files: [{ path: 'b' }, { path: 'a' }, { path: 'd' }] }
    const { onlyBefore, onlyAfter } = await planDifference(createPlan([SHARED]).plan, createPlan([rewritten]).plan)
    expect([paths(onlyBefore), paths(onlyAfter)]).toEqual([[], ['d']])
  })

  it('reads manifests that both have when their deletes differ', async () => {
    const deleted = { ...SHARED, files: [{ path: 'a', deletes: [0] }, { path: 'b' }] }
    const after = createPlan([deleted], { manifests: ['d1'], files: ['deletes.puffin'] })
    const { onlyBefore, onlyAfter } = await planDifference(createPlan([SHARED]).plan, after.plan)
    expect([paths(onlyBefore), paths(onlyAfter)]).toEqual([['a'], ['a']])
    const same = createPlan([deleted], { manifests: ['d1'], files: ['deletes.puffin'] })
    expect(await planDifference(after.plan, same.plan)).toEqual({ onlyBefore: [], onlyAfter: [] })
    expect(same.read).toEqual([])
  })

  it('is refused before too many files are read', async () => {
    const after = createPlan([SHARED])
    await expect(planDifference(createPlan([]).plan, after.plan, { maxFiles: 1 })).rejects.toMatchObject({
      code: 'too-large',
      facts: { files: 2, limit: 1 },
    })
    expect(after.read).toEqual([])
  })
})
