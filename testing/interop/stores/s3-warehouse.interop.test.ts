import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '@/lib/api/call'
import { addConnection, testConnection } from '@/lib/contract/connections'
import { listNamespaceContents, listTables } from '@/lib/contract/namespaces'
import { getTable } from '@/lib/contract/table/tables'
import { getView, listViews } from '@/lib/contract/views'
import { installPyiceberg, installPyicebergForS3AndAzure } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { ICEBERG_AWS, SPARK_RUNTIME } from '@/testing/peers/jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'
import { addAndTestConnection, tripsFileConnection } from '../stored-trips'
import { testPatiently } from '../test-patiently'
import { CREATE_TRIPS, pyicebergS3Properties, testTrips } from '../trips'

/**
 * The embedded catalog with its warehouse in an S3 store: set up and filled as a person does it, used through the
 * console, and by engines with their own keys and without any.
 */

const python = installPyiceberg()
const signer = installPyicebergForS3AndAzure()
const spark = installPyspark()
const jars = await installOrSkip('Iceberg for Spark with AWS', () => fetchJars([SPARK_RUNTIME, ICEBERG_AWS]))
const s3 = python === null ? null : await startS3Server()

describe.skipIf(s3 === null)('A warehouse in an S3 store (skipped when it is unavailable)', () => {
  let folder: string
  let lakeshore: Lakeshore
  let session: PythonSession
  let snapshotIds: string[]
  const store = s3!

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 's3-warehouse-'))
    const settings = {
      LAKESHORE_WAREHOUSE: `s3://${store.bucket}/wh`,
      LAKESHORE_S3_ENDPOINT: store.endpoint,
      LAKESHORE_S3_REGION: store.region,
      LAKESHORE_S3_ACCESS_KEY_ID: store.accessKeyId,
      LAKESHORE_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
      // Where AWS's tools look for the keys of a machine.
      AWS_ACCESS_KEY_ID: store.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    }
    lakeshore = await startLakeshore(folder, settings, { hasDemo: true })
    stubFetchWith(lakeshore.console)
    session = pyiceberg('pyiceberg-own-keys', String(python), pyicebergS3Properties(store))
    snapshotIds = await session.request({ code: CREATE_TRIPS })
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await session?.stop()
    await lakeshore?.stop()
    await store.stop()
    rmSync(folder, { recursive: true })
  })

  const pyiceberg = (name: string, interpreter: string, settings: Record<string, string>) =>
    startPython({
      name,
      python: interpreter,
      program: 'pyiceberg_session.py',
      settings: { uri: lakeshore.uri, token: lakeshore.token, ...settings },
      // With several threads, PyIceberg 0.12 sends some s3fs requests unsigned (in six of twelve runs; with one thread
      // in none).
      env: { PYICEBERG_MAX_WORKERS: '1' },
    })
  const tableIdentifier = (table: string, namespace = ['shop']) => ({ catalog: 'local', namespace, table })

  test('holds the demo lake: its tables are listed, their rows read, its view is shown', async () => {
    const { entries } = await call(listNamespaceContents, { catalog: 'local', namespace: ['demo'] })
    const tables = entries.flatMap((entry) => (entry.kind === 'table' ? [entry] : []))
    const flights = tables.find(({ table }) => table === 'flights')
    expect(tables.map(({ problem }) => problem)).toEqual(tables.map(() => null))
    const detail = await call(getTable, tableIdentifier('flights', ['demo']))
    expect(detail.location).toMatch(/^s3:\/\/lake\/wh\/demo\/flights/)
    const rows = await readShownRows(tableIdentifier('airports', ['demo']))
    expect(rows.length).toBeGreaterThan(0)
    expect(flights?.summary?.rowCount).toBe(detail.figures.rowCount)
    const { views } = await call(listViews, { catalog: 'local', namespace: ['demo'] })
    expect(views).toContain('flights_by_route')
    const view = await call(getView, { catalog: 'local', namespace: ['demo'], view: 'flights_by_route' })
    expect(view.location).toMatch(/^s3:\/\/lake\/wh\//)
  })

  test('loads two files from the command line, which PyIceberg then reads', async () => {
    const schema = path.join(folder, 'schema.json')
    const fields = [
      { id: 1, name: 'id', required: true, type: 'long' },
      { id: 2, name: 'fare', required: false, type: 'decimal(9, 2)' },
    ]
    writeFileSync(schema, JSON.stringify({ type: 'struct', fields }))
    const ingestCsv = async (csv: string, ...more: string[]) => {
      const file = path.join(folder, 'rows.csv')
      writeFileSync(file, csv)
      await lakeshore.run('ingest', '--table', 'shop.loaded', '--file', file, ...more)
    }
    await ingestCsv('id,fare\n1,1.50\n9223372036854775807,2.50\n', '--create-schema', schema)
    await ingestCsv('id,fare\n3,\n')
    const read = `answer = sorted(f"{r['id']} {r['fare']}" for r in catalog.load_table('shop.loaded').scan().to_arrow().to_pylist())`
    expect(await session.request({ code: read })).toEqual(['1 1.50', '3 None', '9223372036854775807 2.50'])
    expect(await readShownRows(tableIdentifier('loaded'))).toEqual([
      [1n, 150n],
      [3n, null],
      [9223372036854775807n, 250n],
    ])
  })

  testTrips(() => ({ identifier: tableIdentifier('trips'), python: session, snapshotIds }))

  test('can be read without a key through a connection to its own REST catalog, which signs the requests', async () => {
    const settings = {
      kind: 'rest' as const,
      uri: lakeshore.uri,
      warehouse: lakeshore.warehouse,
      prefix: null,
      auth: { kind: 'bearer' as const },
      headerNames: [],
      delegation: 'remote-signing' as const,
      // The catalog may vend the address of the store only if the connection itself names it.
      storage: {
        kind: 's3' as const,
        roots: ['s3://elsewhere'],
        endpoint: store.endpoint,
        region: store.region,
        isPathStyle: true,
        credentials: { kind: 'anonymous' as const },
      },
      mappings: [],
      ownCredentials: 'off' as const,
    }
    const { connectionId } = await call(addConnection, { name: 'again', settings, secrets: { token: lakeshore.token } })
    const { steps } = await testPatiently(() => call(testConnection, { connection: connectionId }))
    expect(steps.filter(({ state }) => state === 'failed')).toEqual([])
    expect(await readShownRows({ ...tableIdentifier('trips'), catalog: 'again' })).toEqual(
      await readShownRows(tableIdentifier('trips')),
    )
  })

  test('can be read through a connection with the keys that AWS’s library finds on the machine', async () => {
    const { location } = await call(getTable, tableIdentifier('trips'))
    const settings = tripsFileConnection(location, {
      kind: 's3',
      roots: [`s3://${store.bucket}/wh`],
      endpoint: store.endpoint,
      region: store.region,
      isPathStyle: true,
      credentials: { kind: 'chain', profile: null },
    })
    expect(await addAndTestConnection('machine', settings)).toContain('storage ok')
    expect(await readShownRows({ ...tableIdentifier('trips'), catalog: 'machine' })).toEqual(
      await readShownRows(tableIdentifier('trips')),
    )
  })

  test.skipIf(signer === null)(
    'is written and read by PyIceberg (skipped when it is unavailable) without a key: each request is signed',
    async () => {
      const sessionWithoutKeys = pyiceberg('pyiceberg-signed', String(signer), REMOTE_SIGNING)
      try {
        const answer = await sessionWithoutKeys.request({
          code: `
# One table after the other: s3fs keeps the signer of the last opened table, which signs for no other table.
trips = catalog.load_table('shop.trips')
all, one = trips.scan().to_arrow(), trips.scan("town == 'JFK'").to_arrow()
catalog.create_table('shop.signed', schema=trips.schema(), partition_spec=trips.spec())
signed = catalog.load_table('shop.signed')
signed.append(all)
signed.append(one)
signed.delete("id == 1")
signed = catalog.load_table('shop.signed')
answer = {'key': signed.io.properties.get('s3.secret-access-key'),
  'ids': [str(id) for id in sorted(signed.scan().to_arrow()['id'].to_pylist())]}`,
        })
        expect(answer).toEqual({ key: null, ids: ['2', '2', '3051729675574597004'] })
        expect((await readShownRows(tableIdentifier('signed'))).map(([id]) => id)).toEqual([
          2n,
          2n,
          3051729675574597004n,
        ])
      } finally {
        await sessionWithoutKeys.stop()
      }
    },
  )

  test.skipIf(spark === null || jars === null)(
    'is written, read and tidied by Spark (skipped when it is unavailable) without a key',
    async () => {
      const engine = openSpark({
        uri: lakeshore.uri,
        token: lakeshore.token,
        'io-impl': 'org.apache.iceberg.aws.s3.S3FileIO',
        ...REMOTE_SIGNING,
      })
      const sql = (statement: string) => engine.request<(string | null)[][]>({ sql: statement })
      try {
        await sql('CREATE TABLE shop.spark (id BIGINT, town STRING) PARTITIONED BY (town)')
        await sql("INSERT INTO shop.spark VALUES (1, 'ABQ'), (2, 'a b%2F/ü'), (3, 'JFK')")
        await sql("UPDATE shop.spark SET town = 'LAX' WHERE id = 1")
        expect(await sql('SELECT * FROM shop.spark ORDER BY id')).toEqual([
          ['1', 'LAX'],
          ['2', 'a b%2F/ü'],
          ['3', 'JFK'],
        ])
        expect(await readShownRows(tableIdentifier('spark'))).toEqual([
          [1n, 'LAX'],
          [2n, 'a b%2F/ü'],
          [3n, 'JFK'],
        ])
        const [expired] = await sql(
          "CALL peer.system.expire_snapshots(table => 'shop.spark', older_than => TIMESTAMP '2999-01-01 00:00:00', retain_last => 1)",
        )
        // Data files, then manifests and their lists, by bulk removals.
        expect(Number(expired?.[0])).toBe(1)
        expect(await readShownRows(tableIdentifier('spark'))).toHaveLength(3)
        await sql('CREATE VIEW shop.towns AS SELECT town FROM shop.spark')
        expect(await sql('SELECT count(*) FROM shop.towns')).toEqual([['3']])
        expect((await call(listViews, { catalog: 'local', namespace: ['shop'] })).views).toEqual(['towns'])
        // Spark purges files itself, after the table was dropped and the catalog no longer signs requests for it. So it
        // only drops here.
        await sql('DROP TABLE shop.spark')
        expect((await call(listTables, { catalog: 'local', namespace: ['shop'] })).tables).not.toContain('spark')
      } finally {
        await engine.stop()
      }
    },
  )
})

const REMOTE_SIGNING = { 'header.X-Iceberg-Access-Delegation': 'remote-signing' }
