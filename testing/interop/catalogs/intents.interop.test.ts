import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RestConnection } from '@/lib/contract/connections'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { refToJson } from '@/lib/iceberg/metadata/snapshot-json'
import { partitionSpecToJson, sortOrderToJson } from '@/lib/iceberg/partitioning/partition-spec-json'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { comparableTable } from '@/testing/iceberg/comparable-table'
import { WALK, WALK_IN_VERSION_3, WALK_PROPERTIES, WALK_SCHEMA } from '@/testing/iceberg/intent-walk'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { REST_FIXTURE } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { type RestFixture, startRestFixture } from '@/testing/peers/rest-fixture'
import { type S3Server, startS3Server } from '@/testing/stores/s3-server'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { addConnection } from '@/server/connections/connections'
import { commitIntents } from '@/server/changes/actions/change-table'
import { pyicebergS3Properties } from '../trips'

/**
 * Every kind of change on the catalogs and stores that `server/table/commit/intents-in-engines.interop.test.ts` leaves
 * out: on the embedded catalog with its warehouse in an S3 store, and through connections to Iceberg's own REST server
 * with local files and with files in an S3 store. PyIceberg reads directly from that server what Lakeshore has changed.
 */

const TABLE = { namespace: ['walk'], table: 'trips' }
const EMBEDDED_ON_S3 = 'local'
const REMOTE = 'remote'
const REMOTE_ON_S3 = 'remote_on_s3'
const CATALOGS = [EMBEDDED_ON_S3, REMOTE, REMOTE_ON_S3]
/** PyIceberg writes a row after every fifth step, which saves time, and cannot write to tables of format version 3. */
const STEPS = [
  ...WALK.map((step, i) => ({ ...step, appends: i % 5 === 0 })),
  ...WALK_IN_VERSION_3.map((step) => ({ ...step, appends: false })),
]
const signal = new AbortController().signal

const python = installPyiceberg()
const jar = await installOrSkip('Iceberg’s REST fixture', () => fetchJars([REST_FIXTURE]))
const s3 = python === null || jar === null ? null : await startS3Server()
const SETTINGS: Record<string, string> =
  s3 === null
    ? {}
    : {
        LAKESHORE_LOCAL_ROOTS: tmpdir(),
        LAKESHORE_WAREHOUSE: `s3://${s3.bucket}/wh`,
        LAKESHORE_S3_ENDPOINT: s3.endpoint,
        LAKESHORE_S3_REGION: s3.region,
        LAKESHORE_S3_ACCESS_KEY_ID: s3.accessKeyId,
        LAKESHORE_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      }

describe.skipIf(s3 === null)(
  'A change (skipped when PyIceberg, its REST server or an S3 server is unavailable)',
  () => {
    const store = s3!
    const home = createTestHome(SETTINGS)
    let folder: string
    let listener: RestListener
    const fixtures: RestFixture[] = []
    const sessions = new Map<string, PythonSession>()
    let lastId = 0

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'walk-catalogs-'))
      listener = await startRestListener(home.services)
      const startFixture = async (name: string, options: { s3?: S3Server } = {}) => {
        const fixture = await startRestFixture(path.join(folder, name), { ...options, name: `rest-fixture-${name}` })
        fixtures.push(fixture)
        return fixture
      }
      const [onDisk, onS3] = await Promise.all([startFixture(REMOTE), startFixture(REMOTE_ON_S3, { s3: store })])
      await connect(REMOTE, onDisk, { kind: 'local', roots: [`file://${folder}`] })
      await connect(REMOTE_ON_S3, onS3, {
        kind: 's3',
        roots: [`s3://${store.bucket}`],
        endpoint: store.endpoint,
        region: store.region,
        isPathStyle: true,
        credentials: { kind: 'keys', accessKeyId: store.accessKeyId },
      })

      const token = await createRestTokenAs(home.services, 'admin')
      startPyiceberg(EMBEDDED_ON_S3, { uri: listener.uri, token, warehouse: 'local', ...pyicebergS3Properties(store) })
      startPyiceberg(REMOTE, { uri: onDisk.uri })
      startPyiceberg(REMOTE_ON_S3, { uri: onS3.uri, ...pyicebergS3Properties(store) })
      await inEachCatalog(async (name) => {
        const catalog = await home.services.catalogs.open(name, TEST_ACTOR)
        await catalog.write({ kind: 'create-namespace', namespace: TABLE.namespace, properties: {} })
        await catalog.write({
          kind: 'create-table',
          table: identifierIn(name),
          schema: WALK_SCHEMA,
          properties: WALK_PROPERTIES,
        })
        await append(name, FIRST_ROW)
        await append(name, `{'id': 2}`)
      })
      lastId = 2
    })
    afterAll(async () => {
      for (const { stop } of [...sessions.values(), ...fixtures]) await stop()
      await listener?.stop()
      await store.stop()
      rmSync(folder, { recursive: true })
    })

    const connect = (name: string, { uri }: RestFixture, storage: RestConnection['storage']) => {
      const settings: RestConnection = {
        kind: 'rest',
        uri,
        warehouse: null,
        prefix: null,
        auth: { kind: 'none' },
        headerNames: [],
        delegation: 'none',
        storage,
        mappings: [],
        ownCredentials: 'off',
      }
      const secrets = name === REMOTE_ON_S3 ? { storageSecretAccessKey: store.secretAccessKey } : {}
      return addConnection(home.services, { name, settings, secrets }, { actor: TEST_ACTOR, requestId: 'r' })
    }
    const startPyiceberg = (name: string, settings: Record<string, string>) =>
      sessions.set(
        name,
        startPython({
          name: `walk-pyiceberg-${name}`,
          python: String(python),
          program: 'pyiceberg_session.py',
          settings,
          env: { PYTHONPATH: path.resolve('testing/golden') },
        }),
      )
    const py = <Answer>(name: string, code: string) => sessions.get(name)!.request<Answer>({ code })
    const append = (name: string, row: string) => py(name, `${LOAD}${appendCode(row)}`)
    const load = async (name: string): Promise<LoadedTable> =>
      (await home.services.catalogs.open(name, TEST_ACTOR)).loadTable(identifierIn(name))

    test.each(STEPS)('is the same everywhere, and is read by PyIceberg: $title', async ({ intents, appends }) => {
      if (appends) lastId += 1
      const changed = await inEachCatalog(async (name) => {
        const before = await load(name)
        await commitIntents(home.services, identifierIn(name), intents(before.metadata), {
          actor: TEST_ACTOR,
          signal,
          requestId: null,
          confirmedName: 'walk.trips',
        })
        const table = await load(name)
        const [shown, read] = await Promise.all([
          describeTable(table),
          py<unknown>(name, `${LOAD}${READ}${appends ? appendCode(`{'id': ${lastId}}`) : ''}`),
        ])
        expect.soft(read, name).toEqual(shown)
        return comparableTable(table.metadata)
      })
      for (const name of CATALOGS) expect.soft(changed[name], name).toEqual(changed[EMBEDDED_ON_S3])
    })
  },
)

const identifierIn = (catalog: string): TableIdentifier => ({ catalog, ...TABLE })

async function inEachCatalog<Result>(work: (name: string) => Promise<Result>): Promise<Record<string, Result>> {
  return Object.fromEntries(await Promise.all(CATALOGS.map(async (name) => [name, await work(name)] as const)))
}

/** Lakeshore's description of a table, in the form of `READ`. */
async function describeTable(table: LoadedTable) {
  const { metadata } = table
  const refs = Object.entries(metadata.refs).map(([name, ref]) => {
    return [name, { ...refToJson(ref), 'snapshot-id': ref.snapshotId }]
  })
  return {
    formatVersion: metadata.formatVersion,
    schema: { 'identifier-field-ids': [], ...schemaToJson(currentSchema(metadata)) },
    spec: partitionSpecToJson(defaultSpec(metadata)),
    order: sortOrderToJson(defaultSortOrder(metadata)),
    properties: metadata.properties,
    refs: Object.fromEntries(refs),
    // Without the columns of row lineage, which PyIceberg does not read.
    rows: (await readTableRows(table)).map((row) => JSON.stringify((JSON.parse(row) as unknown[]).slice(0, -2))).sort(),
  }
}

const LOAD = `
import datetime, decimal, json, golden_rows
table = catalog.load_table('walk.trips')
`
const FIRST_ROW = `{'id': 1, 'city': 'ABQ', 'fare': 1.5, 'price': decimal.Decimal('2.25'),
  'at': datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc),
  'note': {'by': 'bo', 'stars': 5}, 'stops': [{'town': 'LAX'}, None]}`

const READ = `
def plain(value):
  if isinstance(value, dict): return [plain(item) for item in value.values()]
  return [plain(item) for item in value] if isinstance(value, list) else value
def given(value):
  if isinstance(value, dict): return {key: given(item) for key, item in value.items() if item is not None}
  return [given(item) for item in value] if isinstance(value, list) else value
def shown(model): return given(json.loads(model.model_dump_json()))
rows = [golden_rows.to_json(plain(row)) for row in table.scan().to_arrow().to_pylist()]
answer = {
  'formatVersion': table.metadata.format_version,
  'schema': shown(table.schema()),
  'spec': shown(table.spec()),
  'order': shown(table.sort_order()),
  'properties': table.properties,
  'refs': {name: {**shown(ref), 'snapshot-id': str(ref.snapshot_id)} for name, ref in table.refs().items()},
  'rows': sorted(json.dumps(row, ensure_ascii=False, separators=(',', ':')) for row in rows),
}
`
const appendCode = (row: string) => `
table.append(pa.Table.from_pylist([${row}], schema=table.schema().as_arrow()))
`
