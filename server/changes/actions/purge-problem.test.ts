import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { type Actor, actorFor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import { requireFits } from '@/server/changes/proposals/proposable-actions'
import { errorReply, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { useTestClock } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { findPurgeProblem } from '@/server/lifecycle/purge-problem'
import { reviewDrop } from '@/testing/lifecycle/reviews'
import { dropTable } from '@/testing/lifecycle/actions'

const ANN: Actor = actorFor({ userId: 'u1', username: 'ann', role: 'editor' })
const OURS: TableIdentifier = { catalog: 'far', namespace: ['demo'], table: 'ours' }
/** May drop our table, and sees no other one. */
const GUEST: Actor = actorFor({
  userId: 'u2',
  username: 'guest',
  role: null,
  roleGrants: [{ role: 'editor', resource: OURS }],
})
const OUR_TABLE = '/v1/namespaces/demo/tables/ours'
const home = createTestHome()
const signal = new AbortController().signal

let remote: RestCatalogStandIn
let names: string[]
/** The folder of our table. */
let location: string

beforeAll(async () => {
  remote = await RestCatalogStandIn.start()
  const settings = {
    kind: 'rest' as const,
    uri: remote.uri,
    warehouse: null,
    prefix: null,
    auth: { kind: 'none' as const },
    headerNames: [],
    delegation: 'none' as const,
    storage: null,
    mappings: [],
    ownCredentials: 'off' as const,
  }
  const admin = actorFor({ userId: 'u0', username: 'ada', role: 'admin' })
  await addConnection(home.services, { name: 'far', settings, secrets: {} }, { actor: admin, requestId: 'r0' })
})
afterAll(() => remote.stop())
beforeEach(() => {
  names = []
  location = 's3://lake/ours'
  remote.received.length = 0
  remote
    .on('GET /v1/namespaces', ({ query }) => ({
      body: { namespaces: query.get('parent') === null ? [['demo'], ['hidden']] : [] },
    }))
    .on('GET /v1/namespaces/demo/tables', () => ({
      body: { identifiers: names.map((name) => ({ namespace: ['demo'], name })) },
    }))
    .on('GET /v1/namespaces/hidden/tables', { body: { identifiers: [] } })
    .on(`DELETE ${OUR_TABLE}`, { status: 204 })
  add('ours', location)
  add('apart', 's3://lake/ours-too')
})

function add(name: string, location: string, properties: Record<string, string> = {}): void {
  if (!names.includes(name)) names.push(name)
  remote.on(`GET /v1/namespaces/demo/tables/${name}`, { body: loadResult(location, properties) })
}

function loadResult(location: string, properties: Record<string, string> = {}): string {
  return stringifyExactJson({
    'metadata-location': `${location}/metadata/1.json`,
    metadata: tableMetadataToJson(sampleMetadata({ location, properties })),
  })
}

const contextOf = (actor: Actor) => ({ actor, signal, requestId: 'r1' })
const review = async (actor = ANN) => (await reviewDrop(home.services, OURS, contextOf(actor))).purgeProblem
const drop = (isPurge: boolean, actor = ANN) =>
  dropTable(
    home.services,
    OURS,
    { isPurge, metadataLocation: `${location}/metadata/1.json` },
    { ...contextOf(actor), confirmedName: 'demo.ours' },
  )
const deletes = () =>
  remote.received.filter(({ method }) => method === 'DELETE').map(({ query }) => query.get('purgeRequested'))

/** The reason of the review. The drop is refused with the same, while that which keeps the files is possible. */
async function refusal(actor = ANN): Promise<string | null> {
  const reason = await review(actor)
  await expect(drop(true, actor)).rejects.toMatchObject({ code: 'invalid-request', message: reason })
  expect(deletes()).toEqual([])
  await drop(false, actor)
  expect(deletes()).toHaveLength(1)
  expect(deletes()).not.toContain('true')
  return reason
}

describe('A drop with the files, through a connection', () => {
  it('is sent to a catalog whose other tables have folders of their own', async () => {
    expect(await review()).toBeNull()
    await drop(true)
    expect(deletes()).toEqual(['true'])
  })

  it.each([
    ['has the same folder', 's3://lake/ours', {}],
    ['has a folder in it', 's3://lake/ours/nested/', {}],
    ['has the folder around it', 's3://lake', {}],
    ['writes the folder in another way', 's3a://lake/ours', {}],
    ['has its data there', 's3://lake/other', { 'write.data.path': 's3://lake/ours/data' }],
    ['has its metadata there', 's3://lake/other', { 'write.metadata.path': 's3://lake/ours/metadata' }],
  ])('is refused when another table %s', async (_what, folder, properties) => {
    add('copy', folder, properties)
    expect(await refusal()).toBe(
      'demo.copy has a folder in common with this table, so its files may be in use. Drop the table without its files.',
    )
  })

  it('is refused when another table is in the folder that a property of this one names', async () => {
    add('ours', location, { 'write.data.path': 's3://data/ours' })
    add('copy', 's3://data/ours')
    expect(await refusal()).toMatch(/^demo\.copy has a folder in common/)
  })

  it('is refused with the reason when another table cannot be read', async () => {
    names.push('broken')
    remote.on('GET /v1/namespaces/demo/tables/broken', { body: { 'metadata-location': 's3://lake/b/1.json' } })
    expect(await refusal()).toMatch(
      /^demo\.broken cannot be read, so it is not known whether it uses these files: .+ Drop the table without its files, or retry when demo\.broken can be read\.$/,
    )
  })

  it('leaves out a table that was dropped since it was listed', async () => {
    names.push('gone')
    remote.on('GET /v1/namespaces/demo/tables/gone', errorReply(404, 'NoSuchTableException'))
    expect(await review()).toBeNull()
  })

  it('is refused when the tables cannot be listed', async () => {
    remote.on('GET /v1/namespaces/hidden/tables', errorReply(403, 'ForbiddenException', 'not for you'))
    expect(await refusal()).toMatch(
      /^The namespace hidden of far cannot be listed, so it is not known whether a table in it uses these files: .+ Drop the table without its files\.$/,
    )
    // Hidden tables are not named.
    expect(await review(GUEST)).toMatch(/^A part of far that you may not see cannot be read/)
  })

  it('is refused by a namespace that no request can address, while a drop that keeps the files lists nothing', async () => {
    remote.on('GET /v1/namespaces', ({ query }) => ({
      body: { namespaces: query.get('parent') === null ? [['demo'], ['..']] : [] },
    }))
    expect(await review()).toMatch(/^The namespace \["\.\."\] of far cannot be listed/)
    remote.received.length = 0
    await drop(false)
    expect(new Set(remote.routes())).toEqual(new Set([`GET ${OUR_TABLE}`, `DELETE ${OUR_TABLE}`]))
  })

  it.each([ANN, GUEST])('is refused when there are more tables than anybody reads, to $username', async (actor) => {
    const many = Array.from({ length: 20_001 }, (_, i) => ({ namespace: ['hidden'], name: `n${i}` }))
    remote.on('GET /v1/namespaces/hidden/tables', { body: { identifiers: many } })
    expect(await refusal(actor)).toBe(
      'far has more than 20,000 tables or namespaces, so it is not known whether another one uses these files. Drop the table without its files.',
    )
  })

  it('is refused when reading the tables takes too long', async () => {
    const time = useTestClock()
    const neverMs = 3_600_000
    remote.on('GET /v1/namespaces/demo/tables/apart', { body: loadResult('s3://lake/apart'), afterMs: neverMs })
    const catalog = await home.services.catalogs.open('far', ANN)
    const table = await catalog.loadTable(OURS)
    const target = { catalog, identifier: OURS, table }
    const finding = findPurgeProblem(home.services, target, contextOf(ANN), { lookBudgetMs: 1_000 })
    await time.whenWaiting(neverMs)
    await time.advance(1_000)
    expect(await finding).toMatch(
      /^Reading the tables of far took longer than 1 second.*, so it is not known whether .*Drop the table without its files\.$/,
    )
  })

  it('is refused when the folder has a scheme that Lakeshore cannot compare', async () => {
    location = 'hdfs://nodes/ours'
    add('ours', location)
    expect(await refusal()).toMatch(/^Lakeshore cannot compare hdfs:\/\/nodes\/ours with the folders/)
  })

  it('is refused by a table that the user may not see, which is not named', async () => {
    add('copy', location)
    const shared = await review(GUEST)
    expect(shared).toMatch(/^Another table, which you may not see, has a folder in common/)
    remote.on('GET /v1/namespaces/demo/tables/copy', { body: {} })
    const unknown = await review(GUEST)
    expect(unknown).toMatch(/^A part of far that you may not see cannot be read/)
    expect(await refusal(GUEST)).toBe(unknown)
  })

  it('is not proposed either', async () => {
    add('copy', location)
    const table = await (await home.services.catalogs.open('far', ANN)).loadTable(OURS)
    const proposal = (isPurge: boolean) =>
      requireFits(home.services, { kind: 'table', loaded: table }, { kind: 'drop', isPurge }, contextOf(ANN))
    await expect(proposal(true)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/^demo\.copy has a folder in common/),
    })
    await proposal(false)
  })
})

it('The review of a drop that keeps the files reads no other table', async () => {
  add('copy', location)
  const { purgeProblem } = await reviewDrop(home.services, OURS, contextOf(ANN), { keepsFiles: true })
  expect(purgeProblem).toBeNull()
  expect(new Set(remote.routes())).toEqual(new Set([`GET ${OUR_TABLE}`]))
  add('ours', location, { 'gc.enabled': 'false' })
  const shared = await reviewDrop(home.services, OURS, contextOf(ANN), { keepsFiles: true })
  expect(shared.purgeProblem).toContain('GC is disabled')
})
