import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { cherryPick } from '@/lib/iceberg/operations/cherry-pick'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { readLiveFiles } from '../files/live-files'
import { type PlanOperation, runOperation } from './run-operation'

const home = createTestHome()

let catalog: CatalogClient
let identifier: TableIdentifier
let location: string
let tables = 0

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: catalog.name, namespace: ['demo'], table: `t${tables}` }
  const { metadata } = await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
  })
  location = metadata.location
})

const file = (name: string): DataFile => sampleDataFile(`${location}/data/${name}.parquet`)
const run = (plan: PlanOperation, branch = 'main') =>
  runOperation(
    home.services.log,
    {
      catalog,
      store: home.services.stores.catalogStore(identifier.catalog),
      identifier,
      branch,
      auditAction: 'test',
      actor: TEST_ACTOR,
      signal: new AbortController().signal,
    },
    plan,
  )
const append = (name: string, branch?: string) =>
  run(async () => ({ operation: appendOperation([file(name)]) }), branch)
const replace = (removed: string, added: string, startingSnapshotId: string) =>
  run(async () => ({
    operation: overwriteOperation({
      added: [file(added)],
      removed: [file(removed)],
      validation: { startingSnapshotId, isolation: 'snapshot' },
    }),
  }))

async function liveFiles(): Promise<string[]> {
  const table = await catalog.loadTable(identifier)
  const tip = table.metadata.snapshots.find(({ snapshotId }) => snapshotId === table.metadata.currentSnapshotId) ?? null
  const store = home.services.stores.catalogStore(identifier.catalog)
  const files = await readLiveFiles(home.services.manifestCache, table, tip, { store })
  return files.map(({ dataFile }) => path.basename(dataFile.filePath, '.parquet')).sort()
}
const avroFiles = async () =>
  (await readdir(path.join(location.slice('file://'.length), 'metadata'))).filter((name) => name.endsWith('.avro'))

describe('Running an operation', () => {
  test('of which two replace the same file at once, one succeeds and the other leaves no files (commit-safety 14)', async () => {
    const { snapshotId } = await append('a')
    const outcomes = await Promise.allSettled(['b', 'c', 'd'].map((added) => replace('a', added, snapshotId)))
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(rejected.map(({ reason }) => (reason as { code: string }).code)).toEqual([
      'commit-conflict',
      'commit-conflict',
    ])
    expect(await liveFiles()).toHaveLength(1)
    // The lists and manifests of two commits, one of which added a manifest and rewrote another.
    expect(await avroFiles()).toHaveLength(5)
  })

  test('on top of appends by others keeps their rows', async () => {
    const { snapshotId } = await append('a')
    await Promise.all([replace('a', 'b', snapshotId), append('c'), append('d')])
    expect(await liveFiles()).toEqual(['b', 'c', 'd'])
  })

  test('on a branch leaves main alone, and a fast-forward then writes nothing', async () => {
    const { snapshotId: first } = await append('a')
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName: 'audit', snapshotId: first, type: 'branch' }],
      },
    })
    const { snapshotId: staged } = await append('b', 'audit')
    expect(await liveFiles()).toEqual(['a'])
    const before = await avroFiles()
    const pick = () =>
      run(async (metadata, reader) => {
        const { fastForward, replay } = await cherryPick(metadata, { snapshotId: staged, reader })
        return { withoutSnapshot: fastForward, operation: replay }
      })
    const { snapshotId, auditId, table } = await pick()
    expect(snapshotId).toBe(staged)
    expect(await avroFiles()).toEqual(before)
    expect(await liveFiles()).toEqual(['a', 'b'])
    const [entry] = await listAudit(home.database, { tableUuid: table.metadata.tableUuid, limit: 1 })
    expect(entry).toMatchObject({ id: auditId, action: 'test', after: { refs: { main: staged } } })
    await expect(pick()).rejects.toMatchObject({ code: 'commit-conflict' })
    expect(await avroFiles()).toEqual(before)
  })

  test('that can only fast-forward fails when the branch has moved', async () => {
    await append('a')
    await expect(run(async () => ({ operation: null, withoutSnapshot: () => null }))).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { branch: 'main' },
    })
  })
})
