import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { readManifests } from '@/testing/catalogs/read-manifests'

const home = createTestHome()

const TABLES = 'local/namespaces/demo/tables'
const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
const fileAt = (location: string) => location.slice('file://'.length)
const setOwner = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'ann' } }] }

let callRest: RestClient
let tables = 0
let table: string
let location: string
let previousLocation: string

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'admin')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
/** A table whose newest metadata file is in no cache, as after a restart. */
beforeEach(async () => {
  tables += 1
  table = `t${tables}`
  previousLocation = (
    await (
      await openTestCatalog(home.services)
    ).write({ kind: 'create-table', table: toIdentifier(table), schema: ONE_COLUMN_SCHEMA })
  ).metadataLocation
  await appendTenRows(home.services, toIdentifier(table))
  const intactLocation = (await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))).metadataLocation
  location = intactLocation.replace('/00001-', '/00001-0')
  writeFileSync(fileAt(location), readFileSync(fileAt(intactLocation)))
  rmSync(fileAt(intactLocation))
  await home.database.commit([
    rawChange('UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?', [location, table]),
  ])
})

const DAMAGES: [string, number, (file: string) => void][] = [
  ['is truncated', 500, (file) => truncateSync(file, 300)],
  ['has no bytes', 500, (file) => truncateSync(file, 0)],
  ['is missing', 404, (file) => rmSync(file)],
]

describe.each(DAMAGES)('A table whose metadata file %s', (_, status, damage) => {
  beforeEach(() => damage(fileAt(location)))

  it('is reported with the locations of the file and of the previous one (commit-safety 10)', async () => {
    const reply = await callRest('GET', `${TABLES}/${table}`)
    expect(reply.status).toBe(status)
    const { type, message } = reply.body.error as { type: string; message: string }
    expect(type).toBe(status === 404 ? 'NotFoundException' : 'ServiceFailureException')
    expect(message).toContain(location)
    expect(message).toContain(previousLocation)
  })

  it('accepts no commit, and its row and the file stay unchanged (commit-safety 10)', async () => {
    const bytes = existsSync(fileAt(location)) ? readFileSync(fileAt(location)) : null
    const reply = await callRest('POST', `${TABLES}/${table}`, { body: setOwner })
    // The commit certainly failed. A 5xx would tell the client that the outcome is unknown.
    expect(reply.status).toBe(status === 404 ? 404 : 422)
    const [row] = await home.database.read(
      rawQuery('SELECT metadata_location FROM iceberg_tables WHERE table_name = ?', [table]),
    )
    expect(row).toEqual({ metadata_location: location })
    expect(existsSync(fileAt(location)) ? readFileSync(fileAt(location)) : null).toEqual(bytes)
  })

  it('can be listed, renamed and dropped like any other (commit-safety 10)', async () => {
    const listed = await callRest('GET', TABLES)
    expect(listed.body.identifiers).toContainEqual({ namespace: ['demo'], name: table })
    const renamed = {
      source: { namespace: ['demo'], name: table },
      destination: { namespace: ['demo'], name: `${table}x` },
    }
    expect((await callRest('POST', 'local/tables/rename', { body: renamed })).status).toBe(204)
    expect((await callRest('DELETE', `${TABLES}/${table}x`)).status).toBe(204)
  })

  it('continues from the previous version when that is registered in its place (commit-safety 10)', async () => {
    const body = { name: table, 'metadata-location': previousLocation, overwrite: true }
    expect((await callRest('POST', 'local/namespaces/demo/register', { body })).status).toBe(200)
    expect((await callRest('POST', `${TABLES}/${table}`, { body: setOwner })).status).toBe(200)
    await appendTenRows(home.services, toIdentifier(table))
    expect(await verifyTable(home.services, toIdentifier(table))).toMatchObject({
      rows: 10,
      metadata: { properties: { owner: 'ann' } },
    })
  })
})

describe('A table with a named pipe in place of a file', () => {
  const createFifo = (fifoLocation: string) => {
    rmSync(fileAt(fifoLocation))
    execFileSync('mkfifo', [fileAt(fifoLocation)])
  }
  const manyTimes = Array.from({ length: 8 })

  it('is refused at once, every time, when the pipe is its metadata file', async () => {
    createFifo(location)
    for (const reply of await Promise.all(manyTimes.map(() => callRest('GET', `${TABLES}/${table}`)))) {
      expect(reply.status).toBe(404)
      expect(JSON.stringify(reply.body)).toContain('a pipe at this location')
    }
    expect((await callRest('GET', TABLES)).status).toBe(200)
  })

  it.each(['manifest list', 'manifest'])('is refused when the pipe is a %s', async (kind) => {
    const loaded = await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))
    const [snapshot] = loaded.metadata.snapshots
    const [manifest] = snapshot
      ? await readManifests(home.services.manifestCache, loaded, snapshot, { store: loaded.store })
      : []
    createFifo((kind === 'manifest' ? manifest?.manifestPath : snapshot?.manifestList) ?? '')
    for (const outcome of await Promise.allSettled(
      manyTimes.map(() => verifyTable(home.services, toIdentifier(table))),
    )) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'file-missing' } })
    }
  })
})

describe('Metadata with fields that this version does not know', () => {
  type MutableJsonObject = Record<string, JsonObject[keyof JsonObject]>
  const NOVEL = { 'from-the-future': { exact: 9_223_372_036_854_775_807n, list: [1, null, 'x'] } }

  /** Changes the table's metadata file by hand and registers it under another name. */
  async function registerChanged(name: string, change: (json: MutableJsonObject) => void) {
    const json = parseExactJson(readFileSync(fileAt(location), 'utf8')) as MutableJsonObject
    json['table-uuid'] = crypto.randomUUID()
    change(json)
    const file = location.replace('/00001-', `/00001-${name}`)
    writeFileSync(fileAt(file), stringifyExactJson(json))
    // Its folder then has no owner, so the new table can be registered in it.
    expect((await callRest('DELETE', `${TABLES}/${table}`)).status).toBe(204)
    const body = { name, 'metadata-location': file }
    return { file, reply: await callRest('POST', 'local/namespaces/demo/register', { body }) }
  }

  it('keeps them through commits, wherever they are (commit-safety 33, 28)', async () => {
    const nestedObjects = (json: MutableJsonObject) => [
      json,
      ...['schemas', 'partition-specs', 'sort-orders', 'snapshots'].map(
        (list) => (json[list] as readonly MutableJsonObject[])[0],
      ),
    ]
    const { reply } = await registerChanged('future', (json) => {
      json['last-column-id'] = 2
      for (const part of nestedObjects(json)) Object.assign(part ?? {}, NOVEL)
    })
    expect(reply.status).toBe(200)
    expect((await callRest('POST', `${TABLES}/future`, { body: setOwner })).status).toBe(200)
    const { metadataLocation } = await (await openTestCatalog(home.services)).loadTable(toIdentifier('future'))
    expect(metadataLocation).toContain('/00002-')
    const after = parseExactJson(readFileSync(fileAt(metadataLocation), 'utf8')) as MutableJsonObject
    for (const part of nestedObjects(after)) expect(part).toMatchObject(NOVEL)
    expect(readFileSync(fileAt(metadataLocation), 'utf8')).toContain('9223372036854775807')
  })

  it('of a future format version is refused, and its file is not touched (commit-safety 33)', async () => {
    const { file, reply } = await registerChanged('format-5', (json) => void (json['format-version'] = 5))
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(reply.status).toBeLessThan(500)
    await home.database.commit([
      rawChange("INSERT INTO iceberg_tables VALUES ('local', 'demo', 'format-5', ?, NULL, 'TABLE')", [file]),
    ])
    const before = readFileSync(fileAt(file))
    expect((await callRest('POST', `${TABLES}/format-5`, { body: setOwner })).status).toBe(406)
    expect(readFileSync(fileAt(file))).toEqual(before)
  })
})
