import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { POSTGRES_JDBC, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'
import { POSTGRES_AGES, installPostgres } from '@/testing/databases/install-postgres'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { SILENT_LOG } from '@/testing/silent-log'
import { queryRows } from '@/testing/duckdb/query-rows'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { openPostgres } from '@/server/db/postgres/open'
import { localStore } from '@/server/storage/local/local-store'
import { appendFiles } from '@/server/table/commit/append-files'
import { ManifestCache } from '@/server/table/manifest-cache'
import { embeddedCatalog } from './embedded-catalog'
import { TableLocks } from './table-locks'

/**
 * The catalog's two database tables in the PostgreSQL schema `lakeshore`, shared with the SQL catalogs of PyIceberg and
 * of Java, which Spark includes.
 */

const postgres = await installOrSkip('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(installPostgres)))
const python = installPyiceberg()
const spark = installPyspark()
const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, POSTGRES_JDBC]))

const SCHEMA = 'lakeshore'
const COLUMNS = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', required: false, type: 'long' },
    { id: 2, name: 'origin', required: false, type: 'string' },
  ],
} as const

/** A database, and the name of the catalog in it. */
type Lake = { name: string; warehouse: string; database: TestDatabase }

let folder: string
let lakes = 0

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'peers-on-postgres-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function newLake(age: (typeof POSTGRES_AGES)[number]): Promise<Lake> {
  const database = await createTestDatabase(await startSharedPostgres(age))
  onTestFinished(database.drop)
  lakes += 1
  return { name: `lake_${lakes}`, warehouse: `file://${folder}/${lakes}`, database }
}

async function query({ database }: Lake, sql: string): Promise<object[]> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<object>(sql)).rows
  } finally {
    await client.end()
  }
}

/** A schema without Lakeshore's tables, in which another program creates its own. */
function createSchema(lake: Lake): Promise<object[]> {
  return query(lake, `CREATE SCHEMA ${SCHEMA}`)
}

/** Whether the catalog's rows have a type column; those of schema V0 do not. */
async function hasTypes(lake: Lake): Promise<boolean> {
  const found = await query(
    lake,
    `SELECT 1 FROM information_schema.columns
     WHERE table_schema = '${SCHEMA}' AND table_name = 'iceberg_tables' AND column_name = 'iceberg_type'`,
  )
  return found.length > 0
}

/** Opens the catalog as the product does. The database is closed after the test. */
async function openLake({ name, warehouse, database }: Lake): Promise<CatalogClient> {
  const settings = { url: database.url, schema: SCHEMA, poolSize: 4, statementTimeoutMs: 30_000 }
  const opened = await openPostgres(settings, SILENT_LOG)
  onTestFinished(() => opened.close())
  return embeddedCatalog({
    name,
    warehouse,
    database: opened,
    store: localStore([warehouse]),
    locks: new TableLocks(),
    log: SILENT_LOG,
    metadataFiles: new MetadataFiles(),
  })
}

const refIn = ({ name }: Lake, table: string): TableIdentifier => ({ catalog: name, namespace: ['demo'], table })

/** Appends a file of one row, written by DuckDB and committed by the product. */
async function append(catalog: CatalogClient, identifier: TableIdentifier, id: number): Promise<void> {
  const { metadata, store } = await catalog.loadTable(identifier)
  const local = path.join(folder, `${identifier.catalog}-${id}.parquet`)
  const duckdb = await DuckDBInstance.create(':memory:')
  const connection = await duckdb.connect()
  await connection.run(
    `COPY (SELECT ${id}::BIGINT AS id, 'ABQ' AS origin) TO '${local}' (FORMAT parquet, FIELD_IDS {id: 1, origin: 2})`,
  )
  connection.closeSync()
  duckdb.closeSync()
  const filePath = `${metadata.location}/data/${id}.parquet`
  await store.importFile(local, filePath)
  const file = sampleDataFile(filePath, { recordCount: 1, fileSizeBytes: await store.sizeBytes(filePath) })
  await appendFiles(SILENT_LOG, {
    catalog,
    store,
    identifier,
    files: [file],
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal: new AbortController().signal,
  })
}

async function idsIn(catalog: CatalogClient, identifier: TableIdentifier): Promise<(string | null)[]> {
  return (
    await queryRows(new ManifestCache(), await catalog.loadTable(identifier), 'SELECT id FROM live_rows ORDER BY id')
  ).map(([id = null]) => id)
}

/** Another program's SQL catalog on a lake. */
type Peer = {
  list: () => Promise<{ namespaces: string[]; tables: string[] }>
  create: (table: string) => Promise<void>
  append: (table: string, ids: readonly number[]) => Promise<void>
  ids: (table: string) => Promise<string[]>
  property: (table: string, key: string) => Promise<string | null>
}

/**
 * The product creates a table, another program reads it and appends to it, and the product continues.
 *
 * @returns the names of the tables that the product finds afterwards
 */
async function openOurLakeWithPeer(lake: Lake, open: () => Promise<Peer>): Promise<string[]> {
  const catalog = await openLake(lake)
  const identifier = refIn(lake, 'ours')
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: { owner: 'ann' } })
  await catalog.write({ kind: 'create-namespace', namespace: ['empty', 'deep'], properties: {} })
  await catalog.write({ kind: 'create-table', table: identifier, schema: COLUMNS, properties: {} })
  await append(catalog, identifier, 1)
  await append(catalog, identifier, 2)

  const peerSession = await open()
  expect(await peerSession.list()).toEqual({ namespaces: ['demo', 'empty'], tables: ['ours'] })
  expect(await peerSession.ids('ours')).toEqual(['1', '2'])
  await peerSession.append('ours', [3, 4])
  expect(await idsIn(catalog, identifier)).toEqual(['1', '2', '3', '4'])

  await append(catalog, identifier, 5)
  await catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'set-properties', updates: { ours: 'yes' } }],
    },
  })
  expect(await peerSession.ids('ours')).toEqual(['1', '2', '3', '4', '5'])
  expect(await peerSession.property('ours', 'ours')).toBe('yes')
  await peerSession.create('theirs')
  await peerSession.append('theirs', [10])
  expect(await idsIn(catalog, refIn(lake, 'theirs'))).toEqual(['10'])
  return (await catalog.listTables(['demo'])).map(({ table }) => table)
}

/**
 * Another program creates the catalog and a table, the product takes both over, and the other program continues.
 *
 * @returns the names of the tables that the other program finds afterwards
 */
async function openPeerLakeWithOurs(lake: Lake, peerSession: Peer, schemaVersion: 'V0' | 'V1'): Promise<string[]> {
  await peerSession.create('first')
  await peerSession.append('first', [1, 2])
  await peerSession.create('second')
  const identifier = refIn(lake, 'first')
  expect(await hasTypes(lake)).toBe(schemaVersion === 'V1')

  const catalog = await openLake(lake)
  expect(await catalog.listNamespaces(null)).toEqual([['demo']])
  expect((await catalog.listTables(['demo'])).map(({ table }) => table)).toEqual(['first', 'second'])
  expect(await idsIn(catalog, identifier)).toEqual(['1', '2'])
  await append(catalog, identifier, 3)
  await catalog.write({ kind: 'create-table', table: refIn(lake, 'third'), schema: COLUMNS, properties: {} })

  expect(await peerSession.ids('first')).toEqual(['1', '2', '3'])
  await peerSession.append('third', [7])
  expect(await idsIn(catalog, refIn(lake, 'third'))).toEqual(['7'])
  return (await peerSession.list()).tables
}

describe.skipIf(postgres === null || python === null)(
  'PyIceberg (skipped if it or PostgreSQL is not available)',
  () => {
    function openPyiceberg({ name, warehouse, database }: Lake): Peer {
      const url = new URL(database.url)
      url.protocol = 'postgresql+psycopg2:'
      url.searchParams.set('options', `-csearch_path=${SCHEMA}`)
      const session = startPython({
        name: `pyiceberg-${name}`,
        python: String(python),
        program: 'pyiceberg_session.py',
        settings: { name, type: 'sql', uri: url.href, warehouse },
      })
      onTestFinished(session.stop)
      const run = <Answer>(code: string) => session.request<Answer>({ code })
      return {
        list: () =>
          run(`answer = {
  'namespaces': sorted('.'.join(n) for n in catalog.list_namespaces()),
  'tables': sorted(t[-1] for t in catalog.list_tables('demo')),
}`),
        create: (table) =>
          run(`catalog.create_namespace_if_not_exists('demo')
catalog.create_table('demo.${table}', schema=pa.schema([('id', pa.int64()), ('origin', pa.string())]))`),
        append: (table, ids) =>
          run(`ids = ${JSON.stringify(ids)}
catalog.load_table('demo.${table}').append(pa.table({'id': pa.array(ids, pa.int64()), 'origin': ['ABQ'] * len(ids)}))`),
        ids: (table) =>
          run(
            `answer = [str(i) for i in sorted(catalog.load_table('demo.${table}').scan().to_arrow()['id'].to_pylist())]`,
          ),
        property: (table, key) => run(`answer = catalog.load_table('demo.${table}').properties.get('${key}')`),
      }
    }

    describe.each(POSTGRES_AGES)('on the %s PostgreSQL', (age) => {
      test('lists, reads and appends to tables of Lakeshore, and Lakeshore commits on top', async () => {
        const lake = await newLake(age)
        expect(await openOurLakeWithPeer(lake, async () => openPyiceberg(lake))).toEqual(['ours', 'theirs'])
      })

      test('continues to work with its catalog after Lakeshore has taken it over', async () => {
        const lake = await newLake(age)
        await createSchema(lake)
        const tables = await openPeerLakeWithOurs(lake, openPyiceberg(lake), 'V1')
        expect(tables).toEqual(['first', 'second', 'third'])
      })
    })
  },
)

describe.skipIf(postgres === null || spark === null || jars === null)(
  'Java through Spark (skipped if it or PostgreSQL is not available)',
  () => {
    let session: PythonSession

    beforeAll(() => {
      const scratch = path.join(folder, 'scratch')
      // The session's own catalog is not used.
      session = openSpark({ type: 'hadoop', warehouse: scratch })
    })
    afterAll(() => session?.stop())

    /** Runs statements one after the other. @returns the rows of the last */
    async function sql(...statements: string[]): Promise<(string | null)[][]> {
      let rows: (string | null)[][] = []
      for (const statement of statements) rows = await session.request({ sql: statement })
      return rows
    }

    /** @param schemaVersion of the catalog's database tables: V0, Java's default, has no type column and no views */
    async function openJava({ name, warehouse, database }: Lake, schemaVersion: 'V0' | 'V1'): Promise<Peer> {
      const { username, password, host, pathname } = new URL(database.url)
      const properties = {
        type: 'jdbc',
        uri: `jdbc:postgresql://${host}${pathname}?currentSchema=${SCHEMA}`,
        'jdbc.user': username,
        'jdbc.password': password,
        'jdbc.schema-version': schemaVersion,
        'cache-enabled': 'false',
        warehouse,
      }
      await sql(
        `SET spark.sql.catalog.${name}=org.apache.iceberg.spark.SparkCatalog`,
        ...Object.entries(properties).map(([key, value]) => `SET \`spark.sql.catalog.${name}.${key}\`=\`${value}\``),
      )
      const column = async (statement: string, index: number) =>
        (await sql(statement)).map((row) => row[index] ?? '').toSorted()
      return {
        list: async () => ({
          namespaces: await column(`SHOW NAMESPACES IN ${name}`, 0),
          tables: await column(`SHOW TABLES IN ${name}.demo`, 1),
        }),
        create: async (table) =>
          void (await sql(
            `CREATE NAMESPACE IF NOT EXISTS ${name}.demo`,
            `CREATE TABLE ${name}.demo.${table} (id BIGINT, origin STRING) USING iceberg`,
          )),
        append: async (table, ids) =>
          void (await sql(`INSERT INTO ${name}.demo.${table} VALUES ${ids.map((id) => `(${id}, 'ABQ')`).join(', ')}`)),
        ids: async (table) => column(`SELECT id FROM ${name}.demo.${table}`, 0),
        property: async (table, key) => {
          const rows = await sql(`SHOW TBLPROPERTIES ${name}.demo.${table}`)
          return rows.find(([found]) => found === key)?.[1] ?? null
        },
      }
    }

    describe.each(POSTGRES_AGES)('on the %s PostgreSQL', (age) => {
      test('lists, reads and appends to tables of Lakeshore, and Lakeshore commits on top', async () => {
        const lake = await newLake(age)
        expect(await openOurLakeWithPeer(lake, () => openJava(lake, 'V1'))).toEqual(['ours', 'theirs'])
      })

      test.each(['V0', 'V1'] as const)(
        'continues to work with its catalog of schema %s after Lakeshore has taken it over',
        async (schemaVersion) => {
          const lake = await newLake(age)
          await createSchema(lake)
          const tables = await openPeerLakeWithOurs(lake, await openJava(lake, schemaVersion), schemaVersion)
          expect(tables).toEqual(['first', 'second', 'third'])
        },
      )
    })
  },
)
