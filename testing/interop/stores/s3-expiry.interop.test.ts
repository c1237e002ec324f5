import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import type { ObjectStore } from '@/server/storage/object-store'
import { commitIntents } from '@/server/changes/actions/change-table'
import { expiryTotals } from '@/lib/contract/table/expiry-totals'
import { commitExpiry, previewExpiryOf, runRemovals } from '@/testing/catalogs/expire-table'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { createTestHome } from '@/testing/homes/test-home'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import { undoExpiry } from '@/testing/lifecycle/actions'

const s3 = installPyiceberg() === null ? null : await startS3Server()

describe.skipIf(s3 === null)('An expiry in an S3 store (skipped when it is unavailable)', () => {
  const store = s3!
  const home = createTestHome({
    LAKESHORE_WAREHOUSE: `s3://${s3?.bucket}/wh`,
    LAKESHORE_S3_ENDPOINT: s3?.endpoint ?? '',
    LAKESHORE_S3_REGION: s3?.region ?? '',
    LAKESHORE_S3_ACCESS_KEY_ID: s3?.accessKeyId ?? '',
    LAKESHORE_S3_SECRET_ACCESS_KEY: s3?.secretAccessKey ?? '',
  })
  const ann = actorFor({ userId: 'u1', username: 'ann', role: 'editor' })
  const options = { actor: ann, signal: new AbortController().signal, requestId: 'r1' }
  const identifier = { catalog: 'local', namespace: ['demo'], table: 't' }

  beforeAll(async () => {
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  })
  afterAll(() => store.stop())

  test('removes exactly what the dry run counted, after it could be undone', async () => {
    const catalog = await openTestCatalog(home.services)
    const append = () => appendTenRows(home.services, identifier)
    const [first, , third] = [await append(), await append(), await append()]
    const back = { kind: 'roll-back', fromSnapshotId: third, toSnapshotId: first, safetyTag: null } as const
    await commitIntents(home.services, identifier, [back], { ...options, confirmedName: 'demo.t' })
    await append()
    const { metadata, store: objects } = await catalog.loadTable(identifier)
    const before = await countObjects(objects, metadata.location)

    const undone = await commitExpiry(
      home.services,
      identifier,
      ann,
      await previewExpiryOf(home.services, identifier, ann),
    )
    await undoExpiry(home.services, identifier, { auditId: undone.auditId, newName: undefined }, options)
    expect((await verifyTable(home.services, identifier)).metadata.snapshots).toHaveLength(4)

    // The product counts files for two seconds at most, which a busy machine may exceed.
    const { shown, files } = await vi.waitFor(
      async () => {
        const shown = await previewExpiryOf(home.services, identifier, ann)
        if (shown.files === null) throw new Error('the files were not counted')
        return { shown, files: shown.files }
      },
      { timeout: 120_000, interval: 100 },
    )
    await commitExpiry(home.services, identifier, ann, shown)
    const { fileCount, sizeBytes } = expiryTotals(files)
    expect(await runRemovals(home.services, metadata.tableUuid)).toMatchObject({
      state: 'succeeded',
      outcome: { filesRemoved: fileCount, bytesRemoved: sizeBytes, filesRetained: 0 },
    })
    expect(await countObjects(objects, metadata.location)).toBe(before - fileCount)
    expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 20 })
  })
})

/** Data files, manifests and manifest lists: not the metadata files, of which each commit adds one. */
async function countObjects(store: ObjectStore, location: string): Promise<number> {
  const names: string[] = []
  for (const folder of ['data', 'metadata']) {
    const page = await store.listFolder(`${location}/${folder}`, { limit: 1_000, pageToken: null })
    names.push(...page.files.map(({ name }) => name))
  }
  return names.filter((name) => /\.(avro|parquet)$/.test(name)).length
}
