import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { byCases } from '@/testing/property-cases'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LANDING_STEPS, LandingTable } from '@/testing/ingest/landing-table'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { listRuns } from '@/server/db/jobs/runs'
import { PURGE_TABLE, purgeChange, purgeTableRuns } from './purge-table'

const home = createTestHome()
let folderCount = 0

const createTable = (properties: Readonly<Record<string, string>>) =>
  LandingTable.create(home.services, {
    fields: LANDED_FIELDS,
    identifierFieldIds: [1],
    partitionBy: 'city',
    properties: { 'write.object-storage.enabled': 'true', ...properties },
  })

/** Paths of the files below a location, without it. */
async function filesBelow(location: string): Promise<string[]> {
  const local = home.services.stores.localPath(location)
  const entries = await readdir(local, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(local.length + 1))
    .sort()
}

/** Each operation once. */
const SOME_STEPS = LANDING_STEPS.filter(
  ({ operation }, i) => LANDING_STEPS.findIndex((step) => step.operation === operation && step.branch === null) === i,
)

const LAYOUTS: [string, Record<string, string>, RegExp][] = [
  ['with partitions', {}, /^[01]{4}\/[01]{4}\/[01]{4}\/[01]{8}\/city=[a-z]\/[^/]+$/],
  [
    'without partitions',
    { 'write.object-storage.partitioned-paths': 'false' },
    /^[01]{4}\/[01]{4}\/[01]{4}\/[01]{8}-[^/]+$/,
  ],
]

describe.each(byCases(LAYOUTS.slice(0, 1), LAYOUTS))('A table with hashed paths %s', (_name, properties, pattern) => {
  test('has all files of its loads there, and their rows', async () => {
    const [table, plain] = [
      await createTable(properties),
      await createTable({ 'write.object-storage.enabled': 'false' }),
    ]
    for (const { csv, operation, branch, where } of byCases(SOME_STEPS, LANDING_STEPS)) {
      for (const one of [table, plain])
        await one.landed(csv.replace('6,,6', '6,g,6'), operation, { branch, ...(where !== undefined && { where }) })
      expect(await table.rows(branch ?? 'main'), operation).toEqual(await plain.rows(branch ?? 'main'))
    }
    const { metadata } = await table.loaded()
    for (const { dataFile } of await table.files())
      expect(dataFile.filePath.slice(`${metadata.location}/data/`.length)).toMatch(pattern)
  })

  test('keeps none of a load that failed, and none after it was dropped with its files', async () => {
    const dataPath = `${home.config.warehouse}/hashed-${(folderCount += 1)}`
    const table = await createTable({ ...properties, 'write.data.path': dataPath })
    await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
    await table.landed('id,city,n\n1,c,1\n', 'upsert')
    const before = await filesBelow(dataPath)
    // The data is outside of the table's location, so that the path names the table.
    for (const name of before) expect(name).toContain(`/landing/${table.identifier.table}/`)
    const conflicting = await table.load('id,city,n\n6,e,6\n', 'replace-table', {
      afterStaging: () => table.appendAsOther('id,city,n\n7,e,7\n'),
    })
    expect(conflicting).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
    const after = await filesBelow(dataPath)
    expect(after).toHaveLength(before.length + 1)
    const [catalog, dropped] = [await openTestCatalog(home.services), await table.loaded()]
    await catalog.write(
      { kind: 'drop-table', table: table.identifier },
      { alongside: () => [purgeChange(home.database, dropped, TEST_ACTOR)] },
    )
    const [queued] = await listRuns(home.database, { kind: PURGE_TABLE, limit: 1 })
    const purge = await runQueuedRun(home.services, queued?.id ?? '', {
      [PURGE_TABLE]: purgeTableRuns(home.services.catalogs),
    })
    expect(purge).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 0 } })
    expect(await filesBelow(dataPath)).toEqual([])
  })
})
