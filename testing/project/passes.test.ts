import { expect, it } from 'vitest'
import {
  countCommitPasses,
  countLoadHandOvers,
  MAX_COMMIT_PASSES,
  MAX_LOAD_HAND_OVERS,
  openProduct,
} from '@/scripts/count-passes'

const program = openProduct()

it('A commit hands its request context through no more parameters than before', () => {
  const passes = countCommitPasses(program)
  const files = new Set(passes.map(({ file }) => file))
  // From the endpoint through the port and its decorators to the permissions: otherwise the count has lost its way.
  expect([...files]).toEqual(
    expect.arrayContaining([
      'server/catalog/catalogs.ts',
      'server/auth/actor.ts',
      'server/catalog/rest/commit/commit-table.ts',
    ]),
  )
  expect(passes.length).toBeLessThanOrEqual(MAX_COMMIT_PASSES)
})

it('A load is handed over between no more modules than before', () => {
  const handOvers = countLoadHandOvers(program).map(({ to }) => to)
  expect(handOvers).toEqual(expect.arrayContaining(['server/ingest/stage.ts', 'server/table/commit/append-files.ts']))
  expect(handOvers.length).toBeLessThanOrEqual(MAX_LOAD_HAND_OVERS)
})
