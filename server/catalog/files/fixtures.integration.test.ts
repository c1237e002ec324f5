import { createTestStores } from '@/testing/stores/test-stores'
import { describe, expect, test } from 'vitest'
import { findFixture } from '@/testing/find-fixture'
import { createTestHome } from '@/testing/homes/test-home'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { buildScanPlan } from '@/server/table/scan/scan-plan'
import { filesCatalog } from './files-catalog'

/** Tables that Java, Spark and Athena wrote to a bucket, copied to a folder and opened through a path mapping. */

const home = createTestHome()

const ROOT = findFixture('iceberg')

describe.skipIf(ROOT === null)('A copied table (skipped if it is not there)', () => {
  const tables = [
    { namespace: ['java'], table: 'bunnies', metadataLocation: 's3a://hyperparam-iceberg/java/bunnies' },
    { namespace: ['java'], table: 'first', metadataLocation: `file://${ROOT}/java/bunnies/metadata/v2.metadata.json` },
    { namespace: ['spark'], table: 'bunnies', metadataLocation: 's3a://hyperparam-iceberg/spark/bunnies/' },
    { namespace: ['spark'], table: 'renamed', metadataLocation: 's3a://hyperparam-iceberg/spark/rename_column' },
    { namespace: ['athena'], table: 'example', metadataLocation: 's3://hyperparam-iceberg/athena/example' },
  ]
  const catalog = filesCatalog({
    metadataFiles: new MetadataFiles(),
    name: 'copies',
    tables,
    store: createTestStores().storeForAll(
      [{ kind: 'local', roots: [`file://${ROOT}`], isReadOnly: true }],
      ['s3a', 's3'].map((scheme) => ({ from: `${scheme}://hyperparam-iceberg`, to: `file://${ROOT}` })),
    ),
  })
  const load = (namespace: string, table: string) =>
    catalog.loadTable({ catalog: 'copies', namespace: [namespace], table })
  const scan = async (namespace: string, table: string, asOf = {}) => {
    const loaded = await load(namespace, table)
    return buildScanPlan(home.services, loaded, asOf, { store: loaded.store, userId: 'u', nowMs: Date.now() })
  }

  test('is found by its version hint, or by the highest number', async () => {
    const found = await Promise.all(tables.map(({ namespace: [level = ''], table }) => load(level, table)))
    expect(found.map(({ metadataLocation }) => metadataLocation.replace(/.*\/metadata\//, ''))).toEqual([
      'v5.metadata.json',
      'v2.metadata.json',
      'v5.metadata.json',
      'v3.metadata.json',
      '00001-aaf0d033-d06b-43c7-be60-67f83abd4aca.metadata.json',
    ])
    expect(found.map(({ metadata }) => metadata.snapshots.length)).toEqual([3, 1, 3, 1, 1])
    expect(found[0]?.metadata.snapshots.map(({ snapshotId }) => snapshotId)).toEqual([
      '4951213507629824583',
      '6458828015811002920',
      '9158179788527662767',
    ])
  })

  test.each([
    ['java', 'first'],
    ['spark', 'renamed'],
    ['athena', 'example'],
  ])('%s.%s has all its rows in readable files', async (namespace, table) => {
    const plan = await scan(namespace, table)
    expect(plan.rowCount).toBeGreaterThan(0)
    const { store } = await load(namespace, table)
    for (const { path } of plan.files) {
      const sizeBytes = await store.sizeBytes(path)
      const footerEnd = await store.read(path, { range: { start: sizeBytes - 4, end: sizeBytes } })
      expect(new TextDecoder().decode(footerEnd)).toBe('PAR1')
    }
  })

  test('lists the delete files of a snapshot, and none before the first', async () => {
    const before = await scan('java', 'bunnies', { snapshotId: '4951213507629824583' })
    expect(before.rowCount).toBeGreaterThan(0)
    expect(before.deleteFileCount).toBe(0)
    const java = await scan('java', 'bunnies')
    expect(java.deleteFileCount).toBe(2)
    expect(java.deleteFiles.map(({ content }) => content)).toEqual(['position-deletes', 'equality-deletes'])
    // Spark has rewritten the data file since, so its deletes no longer apply.
    const spark = await scan('spark', 'bunnies')
    expect(spark.deleteFileCount).toBe(1)
    expect(spark.files.map(({ deletes }) => deletes)).toEqual([[]])
  })
})
