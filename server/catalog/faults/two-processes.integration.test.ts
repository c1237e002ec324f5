import { beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog, findStrayFiles } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { rawQuery } from '@/testing/databases/test-sql'
import { touchesTable } from '@/testing/databases/change-sql'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

const home = createTestHome()

/**
 * A second server on the same home. It sends the given requests one by one, from the given moment on, and prints every
 * status.
 */
const SOURCE = `
import { handleRestRequest } from '@/testing/catalogs/handle-rest-request'
import { appendTenRows } from '@/testing/catalogs/verify-table'
import { services } from '@/testing/homes/program-services'

const [, , atMs, requests] = process.argv
async function main() {
  while (Date.now() < Number(atMs)) await new Promise((resolve) => setTimeout(resolve, 1))
  for (const { method, path, body, append } of JSON.parse(requests)) {
    if (append !== undefined) {
      const snapshotId = await appendTenRows(services, { catalog: 'local', namespace: ['demo'], table: append })
      process.stdout.write(snapshotId + '\\n')
      continue
    }
    const response = await handleRestRequest(services, new Request('http://localhost/iceberg/v1/local/' + path, {
      method,
      headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    }))
    process.stdout.write(response.status + '\\n')
  }
  await services.database.close()
}
void main()
`

type ProgramRequest = { method: string; path: string; body?: Json } | { append: string }

/** Time for the other processes to start and open the database, so that they begin together. */
const START_MS = 700
const TABLES = 'namespaces/demo/tables'
const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
const identifier = (name: string) => ({ namespace: ['demo'], name })
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const set = (updates: Record<string, string>) => ({
  requirements: [],
  updates: [{ action: 'set-properties', updates }],
})
const rowsOf = (...tables: [string, string]) =>
  home.database.read(
    rawQuery<{ table_name: string }>(
      'SELECT table_name FROM iceberg_tables WHERE table_name IN (?, ?) ORDER BY table_name',
      tables,
    ),
  )

let token: string
let callRest: RestClient
let program: string
beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'admin')
  callRest = createRestClient(home.services, token)
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  program = await bundleProgram(SOURCE, home.config.homeDir)
})

/** The statuses from two servers that run at the same time. */
async function runInParallel(...lists: ProgramRequest[][]): Promise<string[][]> {
  const atMs = String(Date.now() + START_MS)
  const others = lists.map((list) =>
    startProgram(home.config, program, [atMs, JSON.stringify(list)], { env: { TOKEN: token } }),
  )
  expect(await Promise.all(others.map(({ ended }) => ended))).toEqual(lists.map(() => 0))
  return others.map(({ lines }) => lines)
}

const newTable = async (table: string) =>
  (await openTestCatalog(home.services)).write({
    kind: 'create-table',
    table: toIdentifier(table),
    schema: ONE_COLUMN_SCHEMA,
    properties: { 'commit.retry.num-retries': '20' },
  })

describe('Two servers and this process on one table', () => {
  it('append at once, and every acknowledged snapshot is in the log once (commit-safety 1, 29)', async () => {
    await newTable('t')
    const etag = (await callRest('GET', `local/${TABLES}/t`)).headers.get('etag') ?? ''
    const appends = Array.from({ length: 8 }, () => ({ append: 't' }))
    const changes = Array.from({ length: 8 }, (_, i) => ({
      method: 'POST',
      path: `${TABLES}/t`,
      body: set({ [`k${i}`]: 'v' }),
    }))
    const [one = [], two = [], statuses = []] = await runInParallel(appends, appends, changes)
    const { log, rows, sequenceNumbers, metadata } = await verifyTable(home.services, toIdentifier('t'))
    expect(log.toSorted()).toEqual([...one, ...two].toSorted())
    expect(rows).toBe(160)
    expect(sequenceNumbers).toEqual(log.map((_, i) => i + 1))
    expect(statuses).toEqual(changes.map(() => '200'))
    expect(metadata.metadataLog).toHaveLength(24)
    expect(await findStrayFiles(home.services)).toEqual([])
    // This process must not return a cached version of the table as the current one.
    const reply = await callRest('GET', `local/${TABLES}/t`, { headers: { 'if-none-match': etag } })
    expect(reply.status).toBe(200)
    expect(reply.body['metadata-location']).toBe((await verifyTable(home.services, toIdentifier('t'))).metadataLocation)
  })

  it('both add a column: one gets the field id, and existing rows stay unchanged (commit-safety 12)', async () => {
    await newTable('columns')
    const addColumn = (name: string) => ({
      requirements: [{ type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 1 }],
      updates: [
        {
          action: 'add-schema',
          schema: {
            type: 'struct',
            'schema-id': 1,
            fields: [...SCHEMA.fields, { id: 2, name, required: false, type: 'string' }],
          },
        },
        { action: 'set-current-schema', 'schema-id': -1 },
      ],
    })
    const add = (name: string) => ({ method: 'POST', path: `${TABLES}/columns`, body: addColumn(name) })
    const [one, two, appended = []] = await runInParallel(
      [add('a')],
      [add('b')],
      Array.from({ length: 4 }, () => ({ append: 'columns' })),
    )
    expect([...(one ?? []), ...(two ?? [])].toSorted()).toEqual(['200', '409'])
    const { metadata, log, rows } = await verifyTable(home.services, toIdentifier('columns'))
    expect(metadata.lastColumnId).toBe(2)
    expect(metadata.schemas).toHaveLength(2)
    expect(log).toEqual(appended)
    expect(rows).toBe(40)
    // Each snapshot says which schema it was written with.
    for (const { schemaId } of metadata.snapshots) expect([0, 1]).toContain(schemaId)
  })
})

describe('When two servers race', () => {
  it('to create a table, one wins, and the other gets an error and leaves no files (commit-safety 24)', async () => {
    const create = (i: number) => ({ method: 'POST', path: TABLES, body: { name: `new${i}`, schema: SCHEMA } })
    const lists = Array.from({ length: 6 }, (_, i) => create(i))
    const [one = [], two = []] = await runInParallel(lists, lists)
    for (const [i, status] of one.entries()) expect([status, two[i] ?? ''].toSorted()).toEqual(['200', '409'])
    const uuids = await Promise.all(
      lists.map(async (_, i) => (await verifyTable(home.services, toIdentifier(`new${i}`))).metadata.tableUuid),
    )
    expect(new Set(uuids).size).toBe(6)
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('to commit a staged table, one wins, and the table is what the winner staged (commit-safety 24)', async () => {
    const stageTable = async (by: string) => {
      const reply = await callRest('POST', `local/${TABLES}`, {
        body: { name: 'staged', schema: SCHEMA, 'stage-create': true },
      })
      const metadata = reply.body.metadata as JsonObject
      const schema = (metadata.schemas as JsonObject[])[0] ?? {}
      const body = {
        requirements: [{ type: 'assert-create' }],
        updates: [
          { action: 'assign-uuid', uuid: metadata['table-uuid'] ?? '' },
          { action: 'upgrade-format-version', 'format-version': 2 },
          { action: 'add-schema', schema },
          { action: 'set-current-schema', 'schema-id': -1 },
          { action: 'add-spec', spec: { 'spec-id': 0, fields: [] } },
          { action: 'set-default-spec', 'spec-id': -1 },
          { action: 'add-sort-order', 'sort-order': { 'order-id': 0, fields: [] } },
          { action: 'set-default-sort-order', 'sort-order-id': -1 },
          { action: 'set-location', location: metadata.location ?? '' },
          { action: 'set-properties', updates: { by } },
        ],
      }
      return { uuid: metadata['table-uuid'], request: { method: 'POST', path: `${TABLES}/staged`, body } }
    }
    const [ann, bob] = [await stageTable('ann'), await stageTable('bob')]
    const [one = [], two = []] = await runInParallel([ann.request], [bob.request])
    expect([...one, ...two].toSorted()).toEqual(['200', '409'])
    const { metadata } = await verifyTable(home.services, toIdentifier('staged'))
    const winner = one[0] === '200' ? { by: 'ann', uuid: ann.uuid } : { by: 'bob', uuid: bob.uuid }
    expect({ by: metadata.properties.by, uuid: metadata.tableUuid }).toEqual(winner)
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('to rename and to commit, no old name returns and no acknowledged commit is lost (commit-safety 23)', async () => {
    await newTable('there')
    const moves = Array.from({ length: 10 }, (_, i) => {
      const [from, to] = i % 2 === 0 ? ['there', 'back'] : ['back', 'there']
      return { method: 'POST', path: 'tables/rename', body: { source: identifier(from), destination: identifier(to) } }
    })
    const commits = Array.from({ length: 20 }, (_, i) => ({
      method: 'POST',
      path: `${TABLES}/${i % 2 === 0 ? 'there' : 'back'}`,
      body: set({ [`k${i}`]: 'v' }),
    }))
    const [renamed = [], committed = []] = await runInParallel(moves, commits)
    expect(renamed).toEqual(moves.map(() => '204'))
    expect(committed.filter((status) => status !== '200' && status !== '404')).toEqual([])
    expect(await rowsOf('there', 'back')).toEqual([{ table_name: 'there' }])
    const { metadata } = await verifyTable(home.services, toIdentifier('there'))
    const done = committed.flatMap((status, i) => (status === '200' ? [`k${i}`] : []))
    const isOurs = (key: string) => /^k\d+$/.test(key)
    expect(Object.keys(metadata.properties).filter(isOurs).toSorted()).toEqual(done.toSorted())
  })

  it('to recreate a table and to commit, no change reaches the wrong table (commit-safety 22, 23)', async () => {
    const created = await newTable('again')
    const recreateRequests = Array.from({ length: 5 }, () => [
      { method: 'DELETE', path: `${TABLES}/again` },
      { method: 'POST', path: TABLES, body: { name: 'again', schema: SCHEMA } },
    ]).flat()
    const commits = Array.from({ length: 15 }, () => ({
      method: 'POST',
      path: `${TABLES}/again`,
      body: {
        requirements: [{ type: 'assert-table-uuid', uuid: created.metadata.tableUuid }],
        updates: [{ action: 'set-properties', updates: { meant: 'for the first' } }],
      },
    }))
    const [recreateStatuses = [], committed = []] = await runInParallel(recreateRequests, commits)
    expect(recreateStatuses).toEqual(recreateRequests.map(({ method }) => (method === 'POST' ? '200' : '204')))
    expect(committed.filter((status) => !['200', '404', '409'].includes(status))).toEqual([])
    const { metadata } = await verifyTable(home.services, toIdentifier('again'))
    expect(metadata.tableUuid).not.toBe(created.metadata.tableUuid)
    expect(metadata.properties.meant).toBeUndefined()
  })

  it('to change two tables together and one alone, every transaction is whole and stores its key once (commit-safety 25, 26)', async () => {
    await newTable('left')
    await newTable('right')
    const pairs = Array.from({ length: 6 }, (_, i) => ({
      method: 'POST',
      path: 'transactions/commit',
      body: {
        'table-changes': ['left', 'right'].map((name) => ({
          identifier: identifier(name),
          ...set({ [`pair${i}`]: 'v' }),
        })),
      },
    }))
    const [statuses = []] = await runInParallel(
      pairs,
      Array.from({ length: 6 }, (_, i) => ({
        method: 'POST',
        path: `${TABLES}/right`,
        body: set({ [`one${i}`]: 'v' }),
      })),
    )
    const done = statuses.flatMap((status, i) => (status === '204' ? [`pair${i}`] : []))
    expect(statuses.filter((status) => status !== '204' && status !== '409')).toEqual([])
    expect(done.length).toBeGreaterThan(0)
    for (const table of ['left', 'right']) {
      const { metadata } = await verifyTable(home.services, toIdentifier(table))
      expect(
        Object.keys(metadata.properties)
          .filter((key) => key.startsWith('pair'))
          .toSorted(),
      ).toEqual(done.toSorted())
    }
  })
})

describe('A transaction with a key', () => {
  it('stores its key even when another writer was first (commit-safety 25, 26)', async () => {
    await newTable('first')
    await newTable('second')
    const database = home.database
    const { commit } = database
    let competingStatuses: string[][] | null = null
    database.commit = async (changes) => {
      if (competingStatuses === null && touchesTable(changes, 'idempotency')) {
        competingStatuses = []
        competingStatuses = await runInParallel([
          { method: 'POST', path: `${TABLES}/second`, body: set({ other: 'v' }) },
        ])
      }
      return commit(changes)
    }
    const body = {
      'table-changes': ['first', 'second'].map((name) => ({ identifier: identifier(name), ...set({ owner: 'ann' }) })),
    }
    const headers = { 'idempotency-key': '01900000-0000-7000-8000-000000000002' }
    const send = () => callRest('POST', 'local/transactions/commit', { body, headers })
    expect((await send()).status).toBe(204)
    database.commit = commit
    expect(competingStatuses).toEqual([['200']])
    await callRest('POST', `local/${TABLES}/first`, { body: set({ owner: 'bob' }) })
    expect((await send()).status).toBe(204)
    expect((await verifyTable(home.services, toIdentifier('first'))).metadata.properties.owner).toBe('bob')
    expect((await verifyTable(home.services, toIdentifier('second'))).metadata.properties).toMatchObject({
      owner: 'ann',
      other: 'v',
    })
  })
})
