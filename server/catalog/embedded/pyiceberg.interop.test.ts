import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { grantsOfRole } from '@/lib/permissions'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { SILENT_LOG } from '@/testing/silent-log'
import { createServicesAt } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import type { Database } from '@/server/db/database'
import { openSqlite } from '@/server/db/sqlite/open'
import type { Services } from '@/server/services'
import { localStore } from '@/server/storage/local/local-store'
import { appendFiles } from '@/server/table/commit/append-files'
import { embeddedCatalog } from './embedded-catalog'
import { TableLocks } from './table-locks'

const python = installPyiceberg()
const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal

let folder: string
let services: Services

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pyiceberg-'))
  services = createServicesAt(path.join(folder, 'home'))
})
afterAll(async () => {
  await services.database.close()
  await rm(folder, { recursive: true })
})

/** Runs Python with `catalog` opened on a database file and returns the JSON that it printed. */
async function runPython(file: string, warehouse: string, code: string): Promise<unknown> {
  const program = `
import json, warnings
warnings.filterwarnings('ignore')
import pyarrow as pa, pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
catalog = SqlCatalog('local', uri='sqlite:///${file}', warehouse='${warehouse}')
${code}
`
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', program], { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout)
}

const APPEND = `
def append(name, ids):
    table = catalog.load_table(name)
    table.append(pa.table({'id': pa.array(ids, pa.int64()), 'origin': pa.array(['ABQ'] * len(ids))}))
`

describe.skipIf(python === null)('A catalog file of PyIceberg (skipped if PyIceberg is not available)', () => {
  test.each(['V0', 'V1'])(
    'in schema %s can be opened, read and written, and PyIceberg continues to work with it',
    async (version) => {
      const file = path.join(folder, `${version}.db`)
      // PyIceberg continues with the database tables it finds; those from before 0.12 had no type column.
      if (version === 'V0') makeTablesWithoutType(file)
      const warehouse = `file://${folder}/${version}`
      const created = await runPython(
        file,
        warehouse,
        `${APPEND}
catalog.create_namespace('demo')
catalog.create_namespace('empty.deep', {'owner': 'ann'})
catalog.create_table('demo.t', schema=pa.schema([('id', pa.int64()), ('origin', pa.string())]))
append('demo.t', [1, 2, 3])
append('demo.t', [4, 5])
t = catalog.load_table('demo.t')
print(json.dumps({'snapshots': [str(s.snapshot_id) for s in t.metadata.snapshots], 'uuid': str(t.metadata.table_uuid), 'location': t.metadata_location}))`,
      )
      const database: Database = openSqlite(file, SILENT_LOG)
      const catalog = embeddedCatalog({
        name: 'local',
        warehouse,
        database,
        store: localStore([warehouse]),
        locks: new TableLocks(),
        log: SILENT_LOG,
        metadataFiles: new MetadataFiles(),
      })
      const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 't' }

      expect(await catalog.listNamespaces(null)).toEqual([['demo'], ['empty']])
      expect(await catalog.loadNamespace(['empty', 'deep'])).toMatchObject({ properties: { owner: 'ann' } })
      expect(await catalog.listTables(['demo'])).toEqual([identifier])
      const { metadata, metadataLocation } = await catalog.loadTable(identifier)
      expect({
        snapshots: metadata.snapshots.map(({ snapshotId }) => snapshotId),
        uuid: metadata.tableUuid,
        location: metadataLocation,
      }).toEqual(created)

      await catalog.write({
        kind: 'commit-table',
        table: identifier,
        change: {
          requirements: [],
          updates: [{ action: 'set-properties', updates: { ours: 'yes' } }],
        },
      })
      await catalog.write({ kind: 'create-namespace', namespace: ['new'], properties: {} })
      await catalog.write({
        kind: 'rename-table',
        table: identifier,
        to: { ...identifier, namespace: ['new'], table: 'renamed' },
      })
      const seen = await runPython(
        file,
        warehouse,
        `${APPEND}
append('new.renamed', [6])
t = catalog.load_table('new.renamed')
print(json.dumps({'tables': catalog.list_tables('new'), 'namespaces': sorted(catalog.list_namespaces()), 'property': t.properties['ours'], 'rows': t.scan().count(), 'log': len(t.metadata.metadata_log)}))`,
      )
      expect(seen).toMatchObject({ tables: [['new', 'renamed']], property: 'yes', rows: 6 })
      expect(JSON.stringify(seen)).toContain('["new"]')
      const after = await catalog.loadTable({ ...identifier, namespace: ['new'], table: 'renamed' })
      expect(after.metadata.snapshots).toHaveLength(3)
      await database.close()
    },
  )
})

function makeTablesWithoutType(file: string): void {
  const database = new DatabaseSync(file)
  database.exec(`CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,
    table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),
    PRIMARY KEY (catalog_name, table_namespace, table_name));
    CREATE TABLE iceberg_namespace_properties (catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL,
    property_key VARCHAR(255) NOT NULL, property_value VARCHAR(1000) NOT NULL,
    PRIMARY KEY (catalog_name, namespace, property_key))`)
  database.close()
}

describe.skipIf(python === null)('A table of Lakeshore (skipped if PyIceberg is not available)', () => {
  const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 'ours' }
  const ours = (code: string) => runPython(services.config.databaseFile, services.config.warehouse, APPEND + code)

  test('can be read by PyIceberg at every snapshot, and both can append to it at once', async () => {
    const catalog = await services.catalogs.open('local', ANN)
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    const created = await catalog.write({
      kind: 'create-table',
      table: identifier,
      schema: {
        schemaId: 0,
        identifierFieldIds: [],
        fields: [
          { id: 1, name: 'id', required: false, type: 'long' },
          { id: 2, name: 'origin', required: false, type: 'string' },
        ],
      },
      partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'origin', transform: 'identity' }] },
      properties: { 'commit.retry.num-retries': '15' },
    })
    const ids = [3051729675574597004n, 1n, 2n]
    const appended = []
    for (const id of ids) appended.push(await append(created.metadata.location, id))
    const snapshots = appended.map(({ snapshotId }) => snapshotId)

    const read = await ours(`
t = catalog.load_table('demo.ours')
at = [t.scan(snapshot_id=int(s)).to_arrow() for s in ${JSON.stringify(snapshots)}]
print(json.dumps({'counts': [a.num_rows for a in at], 'sums': [str(sum(a['id'].to_pylist())) for a in at], 'filtered': t.scan(row_filter="origin == 'ABQ'").count(), 'elsewhere': t.scan(row_filter="origin == 'JFK'").count(), 'totals': t.current_snapshot().summary['total-records'], 'refs': list(t.metadata.refs), 'files': len(t.inspect.files())}))`)
    expect(read).toEqual({
      counts: [1, 2, 3],
      sums: ['3051729675574597004', '3051729675574597005', '3051729675574597007'],
      filtered: 3,
      elsewhere: 0,
      totals: '3',
      refs: ['main'],
      files: 3,
    })

    // Both write at once. PyIceberg retries on its own when it loses.
    const [theirs] = await Promise.all([
      ours(`
done = 0
for i in range(5):
    for attempt in range(20):
        try:
            append('demo.ours', [100 + i])
            done += 1
            break
        except Exception:
            pass
print(json.dumps(done))`),
      (async () => {
        for (let i = 0; i < 5; i += 1) await append(created.metadata.location, BigInt(200 + i))
      })(),
    ])
    expect(theirs).toBe(5)
    const rows = await ours(`
t = catalog.load_table('demo.ours')
print(json.dumps({'ids': sorted(str(i) for i in t.scan().to_arrow()['id'].to_pylist()), 'sequence': [s.sequence_number for s in t.metadata.snapshots]}))`)
    expect(rows).toEqual({
      ids: [...ids, 100n, 101n, 102n, 103n, 104n, 200n, 201n, 202n, 203n, 204n].map(String).sort(),
      sequence: Array.from({ length: 13 }, (_, i) => i + 1),
    })
    const { metadata } = await catalog.loadTable(identifier)
    expect(metadata.snapshots.at(-1)?.summary['total-records']).toBe('13')
  })

  async function append(location: string, id: bigint) {
    const filePath = `${location}/data/origin=ABQ/${id}.parquet`
    const local = path.join(folder, `${id}.parquet`)
    const appended = await ours(`
field = lambda name, type, id: pa.field(name, type, metadata={'PARQUET:field_id': str(id)})
rows = pa.table([pa.array([${id}], pa.int64()), pa.array(['ABQ'])], schema=pa.schema([field('id', pa.int64(), 1), field('origin', pa.string(), 2)]))
pq.write_table(rows, '${local}')
import os
print(json.dumps(os.path.getsize('${local}')))`)
    const store = services.stores.catalogStore('local')
    await store.importFile(local, filePath)
    return appendFiles(services.log, {
      catalog: await services.catalogs.open('local', ANN),
      store,
      identifier,
      files: [
        sampleDataFile(filePath, {
          partition: ['ABQ'],
          recordCount: 1,
          fileSizeBytes: Number(appended),
          metrics: { ...EMPTY_METRICS, valueCounts: new Map([[1, 1]]), nullValueCounts: new Map([[1, 0]]) },
        }),
      ],
      specId: 0,
      schemaId: 0,
      actor: ANN,
      signal,
    })
  }
})
