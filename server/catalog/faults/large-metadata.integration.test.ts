import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { snapshotPage } from '@/server/table/snapshot-page'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

const home = createTestHome()

const SNAPSHOTS = 10_000
const SCHEMAS = 1_000
/** Beyond the exact range of JavaScript numbers. */
const FIRST_ID = 2n ** 62n
/** Memory limit of the process that loads the table and commits to it. */
const HEAP_MEGABYTES = 320

const TABLE = 'local/namespaces/demo/tables/large'
const identifier = { catalog: 'local', namespace: ['demo'], table: 'large' }
const idOf = (i: number) => FIRST_ID + BigInt(i)
let token: string
let callRest: RestClient

/** A table after years of appends, whose schema changed after every ten of them. */
beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'admin')
  callRest = createRestClient(home.services, token)
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  const { metadata, metadataLocation } = await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: ONE_COLUMN_SCHEMA,
  })
  const file = metadataLocation.slice('file://'.length)
  const json = parseExactJson(readFileSync(file, 'utf8')) as Record<string, Json>
  const startMs = metadata.lastUpdatedMs
  json.snapshots = Array.from({ length: SNAPSHOTS }, (_, i) => ({
    'snapshot-id': idOf(i),
    ...(i > 0 && { 'parent-snapshot-id': idOf(i - 1) }),
    'sequence-number': i + 1,
    'timestamp-ms': startMs + i,
    'manifest-list': `${metadata.location}/metadata/snap-${idOf(i)}-1-${'0'.repeat(36)}.avro`,
    'schema-id': Math.floor(i / 10),
    summary: { operation: 'append', 'added-data-files': '1', 'added-records': '10', 'total-records': String(i * 10) },
  }))
  json['snapshot-log'] = Array.from({ length: SNAPSHOTS }, (_, i) => ({
    'snapshot-id': idOf(i),
    'timestamp-ms': startMs + i,
  }))
  json.schemas = Array.from({ length: SCHEMAS }, (_, i) => ({
    type: 'struct',
    'schema-id': i,
    fields: Array.from({ length: 20 }, (_field, n) => ({
      id: n + 1,
      name: `c${n}`,
      required: false,
      type: 'long',
      doc: `v${i}`,
    })),
  }))
  const lastId = idOf(SNAPSHOTS - 1)
  Object.assign(json, {
    'current-snapshot-id': lastId,
    'current-schema-id': SCHEMAS - 1,
    'last-column-id': 20,
    'last-sequence-number': SNAPSHOTS,
    'last-updated-ms': startMs + SNAPSHOTS,
    refs: { main: { 'snapshot-id': lastId, type: 'branch' }, first: { 'snapshot-id': idOf(0), type: 'tag' } },
  })
  const large = metadataLocation.replace('/00000-', '/00001-')
  writeFileSync(large.slice('file://'.length), stringifyExactJson(json))
  await home.database.commit([rawChange('UPDATE iceberg_tables SET metadata_location = ?', [large])])
})

describe('A table of ten thousand snapshots and a thousand schemas', () => {
  it('can be loaded and committed to by a process with little memory (commit-safety 31)', async () => {
    const source = `
      import { handleRestRequest } from '@/testing/catalogs/handle-rest-request'
      import { services } from '@/testing/homes/program-services'
      const send = (path, body) => handleRestRequest(services, new Request('http://localhost/iceberg/v1/' + path, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      }))
      async function main() {
        const all = await send('${TABLE}')
        const refs = await send('${TABLE}?snapshots=refs')
        console.log(all.status, (await all.arrayBuffer()).byteLength)
        console.log(refs.status, (await refs.arrayBuffer()).byteLength)
        for (const k of ['1', '2', '3']) {
          const set = { requirements: [], updates: [{ action: 'set-properties', updates: { k } }] }
          console.log((await send('${TABLE}', set)).status)
        }
        await services.database.close()
      }
      void main()`
    const program = await bundleProgram(source, home.config.homeDir)
    const other = startProgram(home.config, program, [], {
      env: { TOKEN: token },
      nodeArgs: [`--max-old-space-size=${HEAP_MEGABYTES}`],
    })
    expect(await other.ended).toBe(0)
    const [all, refs, ...commits] = other.lines.map((line) => line.split(' ').map(Number))
    expect(commits).toEqual([[200], [200], [200]])
    expect([all?.[0], refs?.[0]]).toEqual([200, 200])
    // Without the unreferenced snapshots, it is less than half as long.
    expect(refs?.[1]).toBeLessThan((all?.[1] ?? 0) / 2)
  })

  it('loads by its refs with two snapshots, exact ids and the whole log (commit-safety 28, 31)', async () => {
    const { body } = await callRest('GET', `${TABLE}?snapshots=refs`)
    const metadata = body.metadata as JsonObject
    const ids = (metadata.snapshots as JsonObject[]).map((snapshot) => snapshot['snapshot-id'])
    expect(ids).toEqual([idOf(0), idOf(SNAPSHOTS - 1)])
    expect(metadata['snapshot-log']).toHaveLength(SNAPSHOTS)
  })

  it('is shown page by page in the console (commit-safety 31)', async () => {
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
    const seen: string[] = []
    let offset: number | null = 0
    while (offset !== null) {
      const { snapshots, nextOffset }: ReturnType<typeof snapshotPage> = snapshotPage(metadata, offset)
      expect(snapshots.length).toBeLessThanOrEqual(1000)
      seen.push(...snapshots.map(({ snapshotId }) => snapshotId))
      offset = nextOffset
    }
    expect(seen).toEqual(Array.from({ length: SNAPSHOTS }, (_, i) => String(idOf(SNAPSHOTS - 1 - i))))
  })

  it('keeps every snapshot and schema after a commit (commit-safety 28, 31)', async () => {
    const catalog = await openTestCatalog(home.services)
    const before = await catalog.loadTable(identifier)
    const change = { requirements: [], updates: [{ action: 'set-properties' as const, updates: { last: 'v' } }] }
    const after = await catalog.write({ kind: 'commit-table', table: identifier, change })
    const [previous, current] = [before, after].map(({ metadataLocation }) => {
      const json = parseExactJson(readFileSync(metadataLocation.slice('file://'.length), 'utf8')) as JsonObject
      return { snapshots: json.snapshots, schemas: json.schemas, log: json['snapshot-log'], refs: json.refs }
    })
    expect(current).toEqual(previous)
  })
})
