import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Role } from '@/lib/permissions'
import type { Intent } from '@/lib/changes/intents/intent'
import { listAudit } from '@/server/db/audit-list'
import type { Change } from '@/server/db/database'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { touchesTable } from '@/testing/databases/change-sql'
import { rawChange } from '@/testing/databases/test-sql'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { actorFor } from '@/server/auth/actor'

const home = createTestHome()
type User = 'viewer' | 'editor' | 'other' | 'admin'
const users = new Map<User, SignedInUser>()
let listener: RestListener
let tableCount = 0
let table: string
let catalogName: string

const setOwner = (value: string, base: string | null = null): Intent => ({
  kind: 'set-property',
  key: 'owner',
  value,
  base,
})

beforeAll(async () => {
  const roles: Record<User, Role> = { viewer: 'viewer', editor: 'editor', other: 'editor', admin: 'admin' }
  for (const [name, role] of Object.entries(roles)) users.set(name as User, await signInAs(home.services, role))
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actorFor({ ...users.get('admin')!, role: 'admin' }) })
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(() => listener.stop())
beforeEach(async () => {
  tableCount += 1
  table = `t${tableCount}`
  catalogName = 'local'
  await (await openTestCatalog(home.services)).write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: ['demo'], table },
    schema: ONE_COLUMN_SCHEMA,
  })
  await home.database.commit([rawChange('DELETE FROM change_policies')])
})

type ProposalBody = { proposalId: string; state: string; action: { intents: readonly Intent[] } }
type Answer = {
  status: number
  body: Record<string, unknown> & { proposal: ProposalBody }
}

/** Calls an endpoint as the browser of a user. */
async function request(user: User, name: string, fields: Record<string, unknown> = {}): Promise<Answer> {
  const endpoint = findEndpoint(name)
  const { proposalId, ...body } = fields
  const handler = await loadRouteHandler(home.services, endpoint)
  const params = {
    catalog: catalogName,
    namespace: 'demo',
    ...(endpoint.path.includes(':table') && { table }),
    ...(typeof proposalId === 'string' && { proposalId }),
  }
  const response = await handler(
    new Request('http://test/x', {
      method: endpoint.method,
      headers: { cookie: users.get(user)?.cookie ?? '', 'content-type': 'application/json' },
      ...(endpoint.method !== 'GET' && { body: JSON.stringify(body) }),
    }),
    { params: Promise.resolve(params) },
  )
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

async function propose(user: User, change: Record<string, unknown> = {}): Promise<string> {
  const { intents = [setOwner('ada')], ...text } = change
  const fields = { title: 'Name the owner', note: 'as agreed', action: { kind: 'change-table', intents }, ...text }
  const { status, body } = await request(user, 'proposeChanges', fields)
  expect(status, JSON.stringify(body)).toBe(200)
  return body.proposal.proposalId
}

/** The review of a proposal, as the page of this user sends it with the commit. */
async function review(user: User, proposalId: string): Promise<Record<string, unknown>> {
  const { body } = await request(user, 'getProposal', { proposalId })
  const { requestDigest } = (await request(user, 'reviewChanges', { intents: body.proposal.action.intents })).body
  return requestDigest === null ? {} : { reviewed: { kind: 'change-table', requestDigest } }
}

/** Commits a proposal as the page of this user shows it now. */
const commit = async (user: User, proposalId: string, more: Record<string, unknown> = {}) =>
  request(user, 'commitProposal', { proposalId, ...(await review(user, proposalId)), ...more })

const metadata = async () =>
  (await (await openTestCatalog(home.services)).loadTable({ catalog: 'local', namespace: ['demo'], table })).metadata
const owner = async () => (await metadata()).properties['owner'] ?? null
const nameOf = (user: User) => users.get(user)?.username
const audited = async () => listAudit(home.database, { tableUuid: (await metadata()).tableUuid, limit: 10 })
const demand = (requiresProposal: boolean) => request('admin', 'setChangePolicy', { requiresProposal })

describe.each(['local', 'mirror'])('A proposal in the catalog %s', (name) => {
  beforeEach(() => {
    catalogName = name
  })

  test('changes nothing until another user commits it, and the audit names both', async () => {
    const proposalId = await propose('viewer')
    expect(await owner()).toBeNull()
    const { body: read } = await request('editor', 'getProposal', { proposalId })
    expect(read.proposal).toMatchObject({
      title: 'Name the owner',
      note: 'as agreed',
      action: { kind: 'change-table', intents: [setOwner('ada')] },
      proposedBy: nameOf('viewer'),
      isOwn: false,
      state: 'open',
    })
    expect((await request('viewer', 'getTable')).body['openProposalCount']).toBe(1)
    const { status, body } = await commit('editor', proposalId)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(await owner()).toBe('ada')
    expect((await request('viewer', 'getTable')).body['openProposalCount']).toBe(0)
    const { body: history } = await request('viewer', 'listHistory')
    expect(history['entries']).toContainEqual(
      expect.objectContaining({
        auditId: body['auditId'],
        proposal: { proposalId, title: 'Name the owner', proposedBy: nameOf('viewer') },
      }),
    )
    const { body: listed } = await request('viewer', 'listProposals')
    expect(listed['proposals']).toEqual([
      expect.objectContaining({
        state: 'committed',
        decidedBy: nameOf('editor'),
        auditId: body['auditId'],
        isOwn: true,
      }),
    ])
    const entries = (await audited()).filter(({ via }) => via === null)
    const proposal = { proposalId, title: 'Name the owner', proposedBy: nameOf('viewer') }
    expect(entries.slice(0, 2)).toMatchObject([
      { action: 'set-properties', actor: { username: nameOf('editor') }, after: { proposal } },
      { action: 'propose-changes', actor: { username: nameOf('viewer') }, after: { proposal } },
    ])
  })

  test('is committed once', async () => {
    const proposalId = await propose('editor')
    const seen = await review('editor', proposalId)
    const answers = await Promise.all([
      request('editor', 'commitProposal', { proposalId, ...seen }),
      request('other', 'commitProposal', { proposalId, ...seen }),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const winner = answers[0]?.status === 200 ? 'editor' : 'other'
    for (const idempotencyKey of [undefined, 'k'.repeat(16)]) {
      const late = await request('admin', 'commitProposal', { proposalId, ...seen, idempotencyKey })
      expect(late.status).toBe(409)
      expect(late.body).toMatchObject({
        code: 'version-conflict',
        detail: expect.stringMatching(
          new RegExp(`^${nameOf(winner)} committed this proposal already on 20.* UTC\\. Nothing was changed\\.$`),
        ),
      })
    }
    expect((await metadata()).metadataLog).toHaveLength(1)
  })
})

describe('A proposal', () => {
  test('is refused when it does not fit the table', async () => {
    const refused = (intent: Intent) =>
      request('viewer', 'proposeChanges', {
        title: 't',
        note: '',
        action: { kind: 'change-table', intents: [intent] },
      })
    expect((await refused(setOwner('ada', 'eve'))).body).toMatchObject({ code: 'commit-conflict' })
    expect((await refused({ kind: 'drop-column', fieldId: 99, column: ['none'] })).status).toBeGreaterThanOrEqual(400)
    const secret = { kind: 'set-property', key: 's3.secret-access-key', value: 'x', base: null } as const
    expect((await refused(secret)).body).toMatchObject({ code: 'invalid-request' })
    const long = Array.from({ length: 100 }, (_, i) => ({ ...setOwner('x'.repeat(2000)), key: `k${i}` }))
    expect(
      (
        await request('viewer', 'proposeChanges', {
          title: 't',
          note: '',
          action: { kind: 'change-table', intents: long },
        })
      ).body,
    ).toMatchObject({
      code: 'too-large',
    })
    expect((await request('viewer', 'listProposals')).body['proposals']).toEqual([])
  })

  test('is not committed without the digest of its review', async () => {
    const proposalId = await propose('viewer')
    const drop = { kind: 'drop', metadataLocation: 'file:///another' }
    for (const seen of [{}, { reviewed: drop }])
      expect(await request('editor', 'commitProposal', { proposalId, ...seen })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', detail: expect.stringContaining('`reviewed` of the kind change-table') },
      })
    expect(await owner()).toBeNull()
    expect((await request('editor', 'getProposal', { proposalId })).body.proposal.state).toBe('open')
  })

  test('whose table changed since is not committed, and stays open', async () => {
    const proposalId = await propose('viewer')
    const seen = await review('editor', proposalId)
    await request('editor', 'commitChanges', { intents: [setOwner('eve')] })
    expect((await request('editor', 'commitProposal', { proposalId, ...seen })).body).toMatchObject({
      code: 'commit-conflict',
    })
    expect(await owner()).toBe('eve')
    expect((await request('editor', 'getProposal', { proposalId })).body.proposal.state).toBe('open')
  })

  test('is committed only as the request that was shown, which other changes alter and appends do not', async () => {
    const intents = [{ kind: 'set-column-doc', fieldId: 1, column: ['id'], doc: 'of the trip', base: null }]
    const proposalId = await propose('viewer', { intents })
    const shown = await review('editor', proposalId)
    await request('other', 'commitChanges', { intents: [setOwner('eve')] })
    expect(await review('editor', proposalId), 'a property is not a part of this request').toEqual(shown)
    await request('other', 'commitChanges', {
      intents: [
        { kind: 'rename-column', fieldId: 1, column: ['id'], name: 'trip', base: 'id', movesProperties: false },
      ],
    })
    const refused = await request('editor', 'commitProposal', { proposalId, ...shown })
    expect(refused.body).toMatchObject({ code: 'commit-conflict', detail: expect.stringContaining('Review it again') })
    expect((await request('editor', 'getProposal', { proposalId })).body.proposal.state).toBe('open')
    const { status, body } = await commit('editor', proposalId)
    expect(status, JSON.stringify(body)).toBe(200)
  })

  test('is sent back with a comment by users who maintain the table, and withdrawn by its proposer', async () => {
    const own = await propose('editor')
    expect((await request('editor', 'returnProposal', { proposalId: own, comment: 'no' })).body).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('Withdraw your own'),
    })
    expect((await request('editor', 'withdrawProposal', { proposalId: own })).status).toBe(200)
    const first = await propose('viewer')
    expect((await request('viewer', 'returnProposal', { proposalId: first, comment: 'no' })).status).toBe(403)
    expect((await request('editor', 'withdrawProposal', { proposalId: first })).status).toBe(403)
    const { body } = await request('editor', 'returnProposal', { proposalId: first, comment: 'Use a team name.' })
    expect(body.proposal).toMatchObject({ state: 'returned', decidedBy: nameOf('editor'), comment: 'Use a team name.' })
    const second = await propose('viewer')
    expect((await request('viewer', 'withdrawProposal', { proposalId: second })).status).toBe(200)
    expect((await request('editor', 'commitProposal', { proposalId: second })).body).toMatchObject({
      code: 'version-conflict',
      detail: expect.stringContaining(`${nameOf('viewer')} withdrew this proposal on 20`),
    })
    expect((await request('editor', 'returnProposal', { proposalId: first, comment: 'No.' })).body).toMatchObject({
      code: 'version-conflict',
      detail: expect.stringContaining(`${nameOf('editor')} sent this proposal back on 20`),
    })
    expect((await audited()).map(({ action }) => action).slice(0, 4)).toEqual([
      'withdraw-proposal',
      'propose-changes',
      'return-proposal',
      'propose-changes',
    ])
  })

  test('is not committed by a viewer, and not reached through another table', async () => {
    const proposalId = await propose('viewer')
    expect((await request('viewer', 'commitProposal', { proposalId })).status).toBe(403)
    catalogName = 'mirror'
    expect((await request('editor', 'getProposal', { proposalId })).status).toBe(404)
    expect((await request('editor', 'commitProposal', { proposalId })).status).toBe(404)
  })
})

describe('A proposal of a table that another client replaced or dropped', () => {
  const listedIds = async (user: User) =>
    ((await request(user, 'listWaitingProposals')).body['proposals'] as { proposalId: string }[]).map(
      ({ proposalId }) => proposalId,
    )
  const dropBehindTheConsole = () =>
    home.database.commit([rawChange('DELETE FROM iceberg_tables WHERE table_name = ?', [table])])

  test('leaves the lists when it is opened', async () => {
    const [first, second] = [await propose('viewer'), await propose('viewer')]
    expect(await listedIds('editor')).toEqual(expect.arrayContaining([first, second]))
    await dropBehindTheConsole()
    expect((await request('editor', 'getProposal', { proposalId: first })).status).toBe(404)
    expect(await listedIds('editor'), 'for an editor the table may only be hidden').toContain(first)
    expect((await request('viewer', 'withdrawProposal', { proposalId: first })).status).toBe(404)
    expect(await listedIds('editor')).not.toContain(first)
    await (await openTestCatalog(home.services)).write({
      kind: 'create-table',
      table: { catalog: 'local', namespace: ['demo'], table },
      schema: ONE_COLUMN_SCHEMA,
    })
    expect(await listedIds('editor')).toContain(second)
    expect((await request('editor', 'getProposal', { proposalId: second })).status).toBe(404)
    expect(await listedIds('editor')).not.toContain(second)
  })
})

describe('The list of proposals over all tables', () => {
  const waiting = async (user: User) => {
    const { body } = await request(user, 'listWaitingProposals')
    const proposals = body['proposals'] as { proposalId: string; entry: { table: string }; isOwn: boolean }[]
    return proposals.filter(({ entry }) => entry.table === table || entry.table === 'moved')
  }

  test('has what others may decide and what the caller made, under the name of the table now', async () => {
    const proposalId = await propose('viewer')
    expect(await waiting('viewer')).toMatchObject([{ proposalId, isOwn: true, entry: { table } }])
    expect(await waiting('editor')).toMatchObject([{ proposalId, isOwn: false }])
    const second = await propose('editor', { title: 'Two' })
    expect((await waiting('viewer')).map((one) => one.proposalId)).toEqual([proposalId])
    expect((await waiting('other')).map((one) => one.proposalId)).toEqual([second, proposalId])
    await commit('editor', proposalId)
    expect((await waiting('other')).map((one) => one.proposalId)).toEqual([second])
    const renamed = { toNamespace: 'demo', toTable: 'moved' }
    expect((await request('editor', 'renameTable', renamed)).status).toBe(200)
    expect(await waiting('other')).toMatchObject([{ proposalId: second, entry: { table: 'moved' } }])
  })
})

describe('A namespace whose policy demands proposals', () => {
  test('is set by admins only, and audited', async () => {
    expect((await request('editor', 'setChangePolicy', { requiresProposal: true })).status).toBe(403)
    expect((await demand(true)).body).toEqual({ requiresProposal: true, requiredBy: 'demo', enginesBlockedBy: null })
    expect((await request('viewer', 'getChangePolicy')).body).toMatchObject({ requiresProposal: true })
    const [entry] = await listAudit(home.database, { limit: 1 })
    expect(entry).toMatchObject({ action: 'set-change-policy', after: { policy: { requiresProposal: true } } })
    expect((await demand(false)).status).toBe(403)
    expect((await request('viewer', 'getChangePolicy')).body).toMatchObject({ requiresProposal: true })
  })

  test('accepts no commit of the console, and no proposal of the committer', async () => {
    const { body } = await request('editor', 'commitChanges', { intents: [setOwner('eve')] })
    await demand(true)
    expect((await request('editor', 'commitChanges', { intents: [setOwner('ada', 'eve')] })).body).toMatchObject({
      code: 'forbidden',
    })
    const handler = await loadRouteHandler(home.services, findEndpoint('undoAction'))
    const undone = await handler(
      new Request('http://test/x', {
        method: 'POST',
        headers: { cookie: users.get('admin')?.cookie ?? '', 'content-type': 'application/json' },
        body: '{}',
      }),
      { params: Promise.resolve({ catalog: 'local', namespace: 'demo', table, auditId: String(body['auditId']) }) },
    )
    expect(undone.status).toBe(403)
    const proposalId = await propose('editor', { intents: [setOwner('ada', 'eve')] })
    expect((await commit('editor', proposalId)).body).toMatchObject({ code: 'forbidden' })
    expect(await owner()).toBe('eve')
    expect((await commit('other', proposalId)).status).toBe(200)
    expect(await owner()).toBe('ada')
  })

  test('holds for engines of this catalog only, where it says so', async () => {
    const policy = { requiresProposal: true, includesEngines: true }
    const own = await request('admin', 'setChangePolicy', policy)
    expect(own.body).toMatchObject({ enginesBlockedBy: 'demo' })
    const [entry] = await listAudit(home.database, { limit: 1 })
    expect(entry).toMatchObject({ action: 'set-change-policy', after: { policy } })
    expect((await request('admin', 'setChangePolicy', { ...policy, requiresProposal: false })).status).toBe(400)
    catalogName = 'mirror'
    expect((await request('admin', 'setChangePolicy', policy)).body).toMatchObject({ code: 'invalid-request' })
  })

  test('accepts no commit that was checked before the policy was set', async () => {
    const { database } = home.services
    const { commit } = database
    database.commit = async (changes: readonly Change[]) => {
      if (touchesTable(changes, 'iceberg_tables')) {
        Object.assign(database, { commit })
        await demand(true)
      }
      return commit(changes)
    }
    expect((await request('editor', 'commitChanges', { intents: [setOwner('ada')] })).body).toMatchObject({
      code: 'forbidden',
    })
    expect(await owner()).toBeNull()
  })

  test('is asked again when a commit to another catalog is repeated on a newer version', async () => {
    const addColumn = (name: string): Intent => ({
      kind: 'add-column',
      parentId: null,
      parent: [],
      name,
      type: 'long',
      required: false,
      doc: null,
      initialDefault: null,
      writeDefault: null,
      after: 1,
    })
    catalogName = 'mirror'
    const { database } = home.services
    const { commit } = database
    database.commit = async (changes: readonly Change[]) => {
      if (touchesTable(changes, 'pending_writes')) {
        Object.assign(database, { commit })
        await demand(true)
        catalogName = 'local'
        await request('other', 'commitChanges', { intents: [addColumn('first')] })
      }
      return commit(changes)
    }
    expect((await request('editor', 'commitChanges', { intents: [addColumn('second')] })).body).toMatchObject({
      code: 'forbidden',
    })
    expect((await metadata()).schemas.at(-1)?.fields.map(({ name }) => name)).toEqual(['id', 'first'])
  })
})
