import { afterAll, expect, it } from 'vitest'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { rewriteFilesRuns } from './rewrite-run'
import { queueRewrite, REWRITE_FILES } from './rewrite-task'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const csv = (first: number) => `id\n${Array.from({ length: 5000 }, (_, i) => `${first + i}\n`).join('')}`

it('rewrites files in a bucket, and leaves the old ones for time travel', async () => {
  const identifier = { catalog: home.services.config.catalogName, namespace: ['ns'], table: 't' }
  await loadCsv(home.services, identifier, csv(0), { schema: SCHEMA })
  const before = await loadCsv(home.services, identifier, csv(5000))
  const rows = await readTableRows(before)
  const catalog = await openTestCatalog(home.services)
  const update = { action: 'set-properties', updates: { 'write.parquet.compression-codec': 'snappy' } } as const
  const { id } = await queueRewrite(
    home.database,
    await catalog.write({ kind: 'commit-table', table: identifier, change: { requirements: [], updates: [update] } }),
    TEST_ACTOR,
  )
  const run = await runQueuedRun(home.services, id, { [REWRITE_FILES]: rewriteFilesRuns(home.services) })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { filesRewritten: 2, rowsRewritten: 10_000 } })
  const after = await catalog.loadTable(identifier)
  expect(await readTableRows(after)).toEqual(rows)
  expect(await readTableRows(after, before.metadata.currentSnapshotId ?? '')).toEqual(rows)
})
