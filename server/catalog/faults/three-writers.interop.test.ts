import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'

const home = createTestHome()

const python = installPyiceberg()
const COMMITS = 10
const identifier = { catalog: 'local', namespace: ['demo'], table: 't' }

let callRest: RestClient
beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: ONE_COLUMN_SCHEMA,
    properties: { 'commit.retry.num-retries': '20' },
  })
})

/** Appends rows with PyIceberg directly in the database file, and prints the acknowledged rows. */
const PYTHON = `
import json, sys, warnings
warnings.filterwarnings('ignore')
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
database, warehouse, first, count = sys.argv[1:5]
catalog = SqlCatalog('local', uri='sqlite:///' + database, warehouse=warehouse)
done = []
for row in range(int(first), int(first) + int(count)):
    for attempt in range(40):
        try:
            catalog.load_table('demo.t').append(pa.table({'id': pa.array([row], pa.int64())}))
            done.append(row)
            break
        except Exception:
            pass
rows = sorted(catalog.load_table('demo.t').scan().to_arrow()['id'].to_pylist()) if len(sys.argv) > 5 else []
print(json.dumps({'done': done, 'rows': rows}))
`

/** Changes the table through the catalog of a separate process, and prints the acknowledged keys. */
const SERVER = `
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { services } from '@/testing/homes/program-services'
const [, , name, count] = process.argv
async function main() {
  const catalog = await openTestCatalog(services)
  for (let i = 0; i < Number(count); i += 1) {
    const key = name + i
    const change = { requirements: [], updates: [{ action: 'set-properties', updates: { [key]: 'v' } }] }
    await catalog.write({ kind: 'commit-table', table: { catalog: 'local', namespace: ['demo'], table: 't' }, change })
    process.stdout.write(key + '\\n')
  }
  await services.database.close()
}
void main()
`

async function runPython(...args: string[]): Promise<{ done: number[]; rows: number[] }> {
  const { databaseFile, warehouse } = home.config
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', PYTHON, databaseFile, warehouse, ...args])
  return JSON.parse(stdout)
}

describe.skipIf(python === null)('One database file (skipped if PyIceberg is not available)', () => {
  it('accepts concurrent commits of two PyIcebergs, two other servers and this one, each once (commit-safety 1, 29)', async () => {
    const program = await bundleProgram(SERVER, home.config.homeDir)
    const url = 'local/namespaces/demo/tables/t'
    const etag = (await callRest('GET', url)).headers.get('etag') ?? ''
    const others = ['a', 'b'].map((name) => startProgram(home.config, program, [name, String(3 * COMMITS)]))
    const ours: string[] = []
    const [one, two] = await Promise.all([
      runPython('100', String(COMMITS)),
      runPython('200', String(COMMITS)),
      (async () => {
        for (let i = 0; i < 2 * COMMITS; i += 1) {
          const body = { requirements: [], updates: [{ action: 'set-properties', updates: { [`c${i}`]: 'v' } }] }
          if ((await callRest('POST', url, { body })).status === 200) ours.push(`c${i}`)
          // The other writers need a turn too.
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
      })(),
      ...others.map(({ ended }) => ended),
    ])
    const keys = [...ours, ...others.flatMap(({ lines }) => lines)]
    expect(keys).toHaveLength(8 * COMMITS)
    expect([one.done.length, two.done.length]).toEqual([COMMITS, COMMITS])

    const { metadata, metadataLocation } = await (await openTestCatalog(home.services)).loadTable(identifier)
    for (const key of keys) expect(metadata.properties[key]).toBe('v')
    expect(metadata.snapshotLog).toHaveLength(2 * COMMITS)
    expect(metadata.snapshots.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
      metadata.snapshots.map((_, i) => i + 1),
    )
    expect((await runPython('0', '0', 'read')).rows).toEqual([...one.done, ...two.done])

    // Another writer committed last, so this process must not return what it cached.
    const reply = await callRest('GET', url, { headers: { 'if-none-match': etag } })
    expect(reply.status).toBe(200)
    expect(reply.body['metadata-location']).toBe(metadataLocation)
    const newEtag = reply.headers.get('etag') ?? ''
    expect((await callRest('GET', url, { headers: { 'if-none-match': newEtag } })).status).toBe(304)
    await runPython('300', '1')
    expect((await callRest('GET', url, { headers: { 'if-none-match': newEtag } })).status).toBe(200)
  })
})
