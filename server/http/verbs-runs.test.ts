import { expect, test } from 'vitest'
import { TABLE_RUNS } from '@/testing/conformance/verbs/table-runs'
import { UNDER_POLICY } from '@/testing/conformance/verbs/under-policy'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'

const home = createTestHome()
describeVerbs(home, TABLE_RUNS)

/** Loads have no endpoint: the command line and schedules queue them. */
test('A load is refused where changes need two people, and cannot be proposed', async () => {
  expect(UNDER_POLICY.load).toBe('refused')
  const lake = await VerbLake.open(home)
  await lake.createTable()
  await lake.demandTwoPeople()
  const before = await lake.state({ ofConsole: false })
  await expect(loadCsv(home.services, lake.table(), 'id\n1\n')).rejects.toThrow(
    'A load cannot be proposed, so nothing was changed.',
  )
  expect(await lake.state({ ofConsole: false })).toEqual(before)
})
