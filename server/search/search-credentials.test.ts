import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { addConnection, changeConnection, listConnectionEntries } from '@/server/connections/connections'
import { bindOwnCredentials } from '@/server/credentials/own-credentials'
import { listAudit } from '@/server/db/audit-list'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { readIndexedCatalogs } from '@/server/db/search/indexed-catalogs'
import { createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { rawQuery } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { runContext } from '@/testing/jobs/run-context'
import { crawlRuns } from './crawl-catalog'
import { INDEX_CATALOG, queueDueCrawls } from './crawl-queue'
import { readIndexStates } from './index-states'
import { searchEverything, searchNames } from './search-lake'

const testHome = createTestHome()
const ADMIN = actorFor(CONSOLE)
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'loudness', required: false, type: 'long' }] }
const WRONG = 'wrong-5ecret'
const signal = new AbortController().signal
const context = { actor: ADMIN, requestId: 'r' }
let listener: RestListener
let token: string
let connectionId: string
let version = 1

/** Users of this catalog need their own credentials, and have none. */
const settings = (searchCredentials?: { identity: null }) => ({
  kind: 'rest' as const,
  uri: listener.uri,
  warehouse: testHome.config.catalogName,
  prefix: null,
  auth: { kind: 'bearer' as const },
  headerNames: [],
  delegation: 'none' as const,
  storage: null,
  mappings: [],
  ownCredentials: 'required' as const,
  ...(searchCredentials && { searchCredentials }),
})

async function change(searchSecret: string | null): Promise<void> {
  const form = {
    name: 'personal',
    settings: settings(searchSecret === null ? undefined : { identity: null }),
    secrets: searchSecret === null ? {} : { searchSecret },
    version,
  }
  version = await changeConnection(testHome.services, connectionId, form, context)
}

async function crawl(): Promise<void> {
  const sources = await testHome.services.catalogs.listSearchSources(ADMIN)
  const spec = { catalog: 'personal', source: sources.find(({ catalog }) => catalog === 'personal')?.source ?? '' }
  const id = await queueRun(testHome.database, { kind: INDEX_CATALOG, title: 't', spec, actor: CONSOLE, table: null })
  const run = await readRun(testHome.database, id)
  if (!run) throw new Error('the run was not queued')
  await crawlRuns(testHome.services).work(run, runContext(signal))
}

async function find(actor: Actor, words: string): Promise<string[]> {
  const { hits } = await searchEverything(testHome.services, actor, words, { signal, requestId: 'r' })
  return hits
    .filter(({ catalog }) => catalog === 'personal')
    .map(({ namespace, entry, name }) => [...namespace, entry?.name, name].join('.'))
    .sort()
}

/** The badges of the table in the palette, and in the tree. */
async function badgesOf(table: string, actor = ADMIN): Promise<(string | null)[]> {
  const options = { signal, requestId: 'r' }
  const isOf = ({ catalog }: { catalog: string }) => catalog === 'personal'
  const { hits } = await searchEverything(testHome.services, actor, `table:${table}`, options)
  const { badges } = await searchNames(testHome.services, actor, table, options)
  return [
    ...hits.filter(isOf).map(({ detail }) => detail),
    ...badges.filter(({ table }) => isOf(table)).map(({ badge }) => badge),
  ]
}

const stateOf = async () => (await readIndexStates(testHome.services)).find(({ catalog }) => catalog === 'personal')

beforeAll(async () => {
  token = await createRestTokenAs(testHome.services, 'admin')
  const engine = createRestClient(testHome.services, token)
  await engine('POST', 'local/namespaces', { body: { namespace: ['sounds'], properties: {} } })
  const properties = { 'lakeshore.badge': 'certified' }
  for (const name of ['owls', 'whales'])
    await engine('POST', 'local/namespaces/sounds/tables', { body: { name, schema: SCHEMA, properties } })
  listener = await startRestListener(testHome.services)
  connectionId = await addConnection(
    testHome.services,
    { name: 'personal', settings: settings(), secrets: { token: 'unused' } },
    context,
  )
})
afterAll(() => listener.stop())

describe('A catalog that each user sees with their own credentials', () => {
  it('is not indexed without credentials for search', async () => {
    await queueDueCrawls(testHome.services)
    expect(await stateOf()).toMatchObject({ reader: 'none', crawledAtMs: null, lastRun: null })
    await expect(crawl()).rejects.toMatchObject({ code: 'credentials-required' })
  })

  it('shows why it could not be read with wrong ones, and not the secret', async () => {
    await change(WRONG)
    const failure: unknown = await crawl().then(
      () => null,
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: expect.stringMatching(/credentials|catalog|forbidden|unauthorized/) })
    expect(String(failure)).not.toContain(WRONG)
    expect(await readIndexedCatalogs(testHome.database)).toEqual([])
  })

  it('is indexed with credentials for search, and found as far as grants allow', async () => {
    await change(token)
    await crawl()
    expect(await stateOf()).toMatchObject({ reader: 'search', tableCount: 2, isTruncated: false })
    expect(await find(ADMIN, 'column:loudness')).toEqual(['sounds.owls.loudness', 'sounds.whales.loudness'])
    const on = { catalog: 'personal', namespace: ['sounds'], table: 'owls' }
    const grants: Grant[] = [
      { permission: 'catalog:read', resource: on },
      { permission: 'table:read', resource: on },
    ]
    const analyst: Actor = { ...ADMIN, userId: 'analyst', role: 'viewer', grants }
    expect(await find(analyst, 'column:loudness')).toEqual(['sounds.owls.loudness'])
  })

  it('never shows the credentials, and keeps an audit of their change', async () => {
    const shown = JSON.stringify([
      await listConnectionEntries(testHome.database),
      await listAudit(testHome.database, { limit: 20 }),
      await testHome.database.read(rawQuery('SELECT * FROM connections')),
      await readIndexStates(testHome.services),
    ])
    expect(shown).toContain('searchSecret')
    expect(shown).not.toContain(token)
    expect(shown).not.toContain(WRONG)
  })

  it('is no longer found in the index once they are removed, and its entries are deleted', async () => {
    expect(await badgesOf('owls')).toEqual(['certified', 'certified'])
    await change(null)
    expect(await find(ADMIN, 'column:loudness')).toEqual([])
    // With their own credentials a person finds names, and no badge that was read with those for search.
    const { userId } = await signInAs(testHome.services, 'admin')
    const user = actorFor({ userId, username: 'admin', role: 'admin' })
    const login = { identity: null, secret: token }
    await bindOwnCredentials(testHome.services, 'personal', login, { ...context, actor: user })
    expect(await find(user, 'owls')).toEqual(['sounds.owls.owls'])
    expect(await badgesOf('owls', user)).toEqual([null])
    await queueDueCrawls(testHome.services)
    const left = await testHome.database.read(rawQuery("SELECT name FROM search_objects WHERE catalog = 'personal'"))
    expect(left).toEqual([])
    expect(await stateOf()).toMatchObject({ reader: 'none', tableCount: 0 })
  })

  it('needs a user name with a kind of login that has one, and users with their own credentials', async () => {
    const form = (changed: object) => ({
      name: 'other',
      settings: { ...settings({ identity: null }), ...changed },
      secrets: { searchSecret: 'x', token: 'x' },
    })
    const auth = { kind: 'basic' as const, username: 'u' }
    await expect(addConnection(testHome.services, form({ auth }), context)).rejects.toThrow(/need a user name/)
    await expect(addConnection(testHome.services, form({ ownCredentials: 'off' }), context)).rejects.toThrow(
      /whose users have their own/,
    )
  })
})
