import { expect, it } from 'vitest'
import {
  countCommitPasses,
  countLoadHandOvers,
  countSteps,
  findLoadWays,
  MAX_COMMIT_PASSES,
  MAX_LOAD_HAND_OVERS,
  openProduct,
} from '@/scripts/count-passes'

const program = openProduct()

it('A commit hands its request context through no more parameters than before', () => {
  const passes = countCommitPasses(program)
  const files = new Set(passes.map(({ file }) => file))
  // From the endpoint through the pipeline and the port to the stores: otherwise the count has lost its way.
  expect([...files]).toEqual(
    expect.arrayContaining([
      'server/changes/pipeline/carry-out.ts',
      'server/changes/actions/change-table.ts',
      'server/catalog/catalogs.ts',
      'server/auth/actor.ts',
      'server/storage/remote/client.ts',
    ]),
  )
  expect(passes.length).toBeLessThanOrEqual(MAX_COMMIT_PASSES)
})

it('A load is handed over between no more modules than before', () => {
  const ways = findLoadWays(countLoadHandOvers(program))
  expect(ways.flat()).toEqual(
    expect.arrayContaining(['server/ingest/stage/stage-input.ts', 'server/ingest/stage/sorted-partitions.ts']),
  )
  expect(countSteps(ways)).toBeLessThanOrEqual(MAX_LOAD_HAND_OVERS)
})
