import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findAppendedFiles } from '@/lib/scan/plan/appended-files'
import { snapshotsAfter } from '@/lib/scan/plan/snapshots-after'
import { createManifestSource } from '@/server/table/files/live-files'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'

/** Spark reads the rows that were appended between two snapshots, which has to be the same here. */

const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const home = createTestHome()

describe.skipIf(spark === null || jar === null)('Appended rows in Spark (skipped when it is unavailable)', () => {
  let listener: RestListener
  let session: PythonSession

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'admin')
    session = openSpark({ uri: listener.uri, token, warehouse: 'local' })
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
  })

  const readInSpark = ({ identifier: { table } }: LandingTable, from: string, to: string) =>
    session.request<number[]>({
      code: `
reader = spark.read.format('iceberg').option('start-snapshot-id', '${from}').option('end-snapshot-id', '${to}')
answer = sorted(row['id'] for row in reader.load('landing.${table}').collect())`,
    })

  async function readHere(table: LandingTable, from: string, to: string): Promise<number[]> {
    const loaded = await table.loaded()
    const { metadata, store } = loaded
    const after = snapshotsAfter(metadata, { tableUuid: metadata.tableUuid, snapshotId: from }, to)
    if (typeof after === 'string') throw new Error(after)
    const source = createManifestSource(home.services.manifestCache, loaded, { store })
    const parts = await findAppendedFiles(metadata, after, { source })
    const paths = parts.flatMap(({ files }) => files.map(({ dataFile }) => dataFile.filePath))
    return paths.length === 0 ? [] : await readIds(paths.map((location) => home.services.stores.localPath(location)))
  }

  test.each(['2', '3'])('are the same between any two snapshots in format version %s', async (formatVersion) => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      partitionBy: 'city',
      properties: { 'format-version': formatVersion },
    })
    const name = `landing.${table.identifier.table}`
    const append = (from: number) => table.landed(`id,city,n\n${from},a,0\n${from + 1},b,0\n`, 'append')
    await append(0)
    await append(10)
    await session.request({ sql: `INSERT INTO ${name} VALUES (20, 'a', 0), (21, 'c', 0)` })
    await session.request({
      sql: `CALL system.rewrite_data_files(table => '${name}', options => map('rewrite-all', 'true'))`,
    })
    await append(30)
    await session.request({ sql: `CALL system.rewrite_manifests('${name}')` })
    await append(40)
    const ids = (await table.loaded()).metadata.snapshots
      .toSorted((a, b) => a.sequenceNumber - b.sequenceNumber)
      .map(({ snapshotId }) => snapshotId)
    expect(ids.length).toBeGreaterThanOrEqual(7)
    for (const [i, from] of ids.entries())
      for (const to of ids.slice(i + 1))
        expect(await readHere(table, from, to)).toEqual(await readInSpark(table, from, to))
  })
})

async function readIds(paths: readonly string[]): Promise<number[]> {
  const duckdb = await DuckDBInstance.create(':memory:')
  const connection = await duckdb.connect()
  try {
    const files = paths.map((path) => `'${path}'`).join(', ')
    const rows = (await connection.runAndReadAll(`SELECT id FROM read_parquet([${files}]) ORDER BY id`)).getRows()
    return rows.map(([id]) => Number(id))
  } finally {
    connection.closeSync()
    duckdb.closeSync()
  }
}
