import { expect, test } from 'vitest'
import { TABLE_RUNS } from '@/testing/conformance/verbs/table-runs'
import { UNDER_POLICY } from '@/testing/conformance/verbs/under-policy'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'

const home = createTestHome()
describeVerbs(home, TABLE_RUNS)

/** Loads have no endpoint: the command line queues and proposes them. */
test('A load that one user queued is refused where changes need two people', async () => {
  expect(UNDER_POLICY.load).toBe('proposed')
  const lake = await VerbLake.open(home)
  await lake.createTable()
  await lake.demandTwoPeople()
  const before = await lake.state({ ofConsole: false })
  await expect(loadCsv(home.services, lake.table(), 'id\n1\n')).rejects.toThrow(
    'Propose the load, so that another user can commit it: on the page Load, or with npm run lakeshore -- ingest <namespace.table> <file> --propose <title>.',
  )
  expect(await lake.state({ ofConsole: false })).toEqual(before)
})

test('No request proposes a load, which could name any file of the server', async () => {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const load = { kind: 'load', input: 'file:///etc/passwd', format: 'csv', ignoreExtra: false, maxRejectedRows: 0 }
  const action = { ...load, sizeBytes: 1, sha256: '0'.repeat(64) }
  const before = await lake.state()
  const proposed = { ...lake.wire, table: 't', title: 'Look', note: '', action }
  expect(await lake.send(await lake.signIn('admin'), 'proposeChanges', proposed)).toMatchObject({
    status: 400,
    body: { code: 'invalid-request' },
  })
  expect(await lake.state()).toEqual(before)
})
