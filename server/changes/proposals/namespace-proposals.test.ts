import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal } from '@/server/db/catalog/proposals'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestClientAs, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import * as proposals from './proposals'
import { reviewNamespaceDrop } from '@/testing/lifecycle/reviews'
import { dropNamespace, dropView } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
const VERSION = {
  versionId: 1,
  schemaId: 0,
  timestampMs: 0,
  summary: {},
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  representations: [{ type: 'sql' as const, sql: 'select 1', dialect: 'spark' }],
}
type Contents = Awaited<ReturnType<typeof reviewNamespaceDrop>>['contents']

let listener: RestListener
let local: CatalogClient
let vera: Actor
let edna: Actor
let eric: Actor
let root: string
let count = 0
const newKey = () => `key-of-namespace-test-${(count += 1)}`
const facts = (actor: Actor) => ({ actor, signal, requestId: null })

beforeAll(async () => {
  vera = actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' })
  edna = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  local = await home.services.catalogs.open('local', edna)
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'editor')
  const { userId, username } = await signInAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actorFor({ userId, username, role: 'admin' }) })
})
afterAll(() => listener.stop())
beforeEach(() => {
  root = `r${(count += 1)}`
})
afterEach(() => {
  vi.restoreAllMocks()
})

const addNamespace = (namespace: Namespace) => local.write({ kind: 'create-namespace', namespace, properties: {} })
const addTable = (below: readonly string[], table: string, properties = {}) =>
  local.write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: [root, ...below], table },
    schema: ONE_COLUMN_SCHEMA,
    properties,
  })
const addView = (below: readonly string[], view: string) =>
  local.write({
    kind: 'create-view',
    view: { catalog: 'local', namespace: [root, ...below], view },
    schema: ONE_COLUMN_SCHEMA,
    version: VERSION,
    properties: {},
  })
async function addTree() {
  await addNamespace([root])
  await addNamespace([root, 'a', 'deep'])
  await addTable([], 't')
  await addTable(['a', 'deep'], 'u')
  await addView(['a', 'deep'], 'v')
}
const on = (catalog: string, namespace: Namespace = [root]) => ({ catalog, namespace })
const entry = (catalog: string) => ({ kind: 'namespace', identifier: on(catalog) }) as const
const demandTwo = (catalog: string, below: readonly string[] = []) =>
  home.database.commit([setPolicyChange(on(catalog, [root, ...below]), { requiresProposal: true, by: 'ada' })])
const review = (catalog: string, actor = eric) => reviewNamespaceDrop(home.services, on(catalog), facts(actor))
const propose = (catalog: string, actor = edna, idempotencyKey = newKey()) =>
  proposals.propose(
    home.services,
    entry(catalog),
    { action: { kind: 'drop-namespace' }, title: 'Nobody uses it', note: '' },
    { ...facts(actor), idempotencyKey },
  )
const commit = (
  catalog: string,
  proposalId: string,
  contents: Contents,
  { actor = eric, confirmedName = root, idempotencyKey = newKey() } = {},
) =>
  proposals.commitProposal(home.services, entry(catalog), proposalId, {
    ...facts(actor),
    reviewed: { kind: 'drop-namespace', contents },
    confirmedName,
    idempotencyKey,
  })
const stateOf = async (proposalId: string) => (await findProposal(home.database, proposalId))?.state
const isMissing = () => expect(local.loadNamespace([root])).rejects.toMatchObject({ code: 'not-found' })
const namesIn = async () => (await review('local')).contents.flatMap(({ tables, views }) => [...tables, ...views])

describe.each(['local', 'mirror'])('A proposed drop of a namespace of the catalog %s', (catalog) => {
  test.each([
    ['the namespace', []],
    ['a namespace in it', ['a']],
    ['the innermost namespace with tables', ['a', 'deep']],
  ])('is needed where a policy of %s demands two people, and carried out by another user', async (_, below) => {
    await addTree()
    await demandTwo(catalog, below)
    const { contents, policyBlockers } = await review(catalog)
    expect(policyBlockers).toHaveLength(1)
    const alone = { ...facts(eric), confirmedName: root }
    await expect(dropNamespace(home.services, on(catalog), { contents }, alone)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('Propose the changes'),
    })
    const { proposalId } = await propose(catalog)
    await expect(commit(catalog, proposalId, contents, { actor: edna })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await namesIn()).toEqual(['t', 'u', 'v'])
    const { auditId, metadataLocation } = await commit(catalog, proposalId, contents)
    expect(metadataLocation).toBeNull()
    await isMissing()
    expect(await stateOf(proposalId)).toBe('committed')
    const entries = (await listAudit(home.database, { limit: 100 })).filter(
      ({ after, action }) => action.startsWith('drop') && after?.proposal?.proposalId === proposalId,
    )
    expect(entries.map(({ action }) => action)).toEqual(['drop-namespace', 'drop-table', 'drop-table', 'drop-view'])
    expect(entries[0]).toMatchObject({
      id: auditId,
      actor: { username: eric.username },
      after: { proposal: { proposedBy: edna.username, entryKind: 'namespace' } },
    })
  })

  test('gets its first answer again under the key of its commit', async () => {
    await addTree()
    const { proposalId } = await propose(catalog)
    const { contents } = await review(catalog)
    const key = { idempotencyKey: newKey() }
    const first = await commit(catalog, proposalId, contents, key)
    expect(await commit(catalog, proposalId, contents, key)).toEqual(first)
    await expect(commit(catalog, proposalId, contents)).rejects.toMatchObject({ code: 'not-found' })
    await expect(commit(catalog, proposalId, contents, { ...key, actor: edna })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('is made by every user who sees the namespace, and carried out by one who may drop it', async () => {
    await addTree()
    const { proposalId } = await propose(catalog, vera)
    const { contents } = await review(catalog, vera)
    await expect(commit(catalog, proposalId, contents, { actor: vera })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await namesIn()).toEqual(['t', 'u', 'v'])
    await commit(catalog, proposalId, contents)
    await isMissing()
  })

  test('drops nothing when something else is in the namespace than was reviewed, and stays open', async () => {
    await addTree()
    const { proposalId } = await propose(catalog)
    const { contents } = await review(catalog)
    await addTable(['a'], 'late')
    await expect(commit(catalog, proposalId, contents)).rejects.toMatchObject({ code: 'namespace-not-empty' })
    expect((await namesIn()).toSorted()).toEqual(['late', 't', 'u', 'v'])
    expect(await stateOf(proposalId)).toBe('open')
    // The user who carries it out has reviewed the new contents.
    await commit(catalog, proposalId, (await review(catalog)).contents)
    await isMissing()
  })

  test('drops nothing unless the name is typed', async () => {
    await addTree()
    const { proposalId } = await propose(catalog)
    const { contents } = await review(catalog)
    await expect(commit(catalog, proposalId, contents, { confirmedName: 't' })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    expect(await namesIn()).toEqual(['t', 'u', 'v'])
  })

  test('is not taken over by a namespace that gets the name of the dropped one', async () => {
    await addTree()
    const { proposalId } = await propose(catalog)
    const { contents } = await review(catalog)
    await dropNamespace(home.services, on(catalog), { contents }, { ...facts(eric), confirmedName: root })
    await addTree()
    expect(await proposals.readProposals(home.services, entry(catalog), facts(eric))).toEqual([])
    await expect(commit(catalog, proposalId, contents)).rejects.toMatchObject({ code: 'not-found' })
    expect(await namesIn()).toEqual(['t', 'u', 'v'])
    const { proposals: waiting } = await proposals.readWaitingProposals(home.services, eric)
    expect(waiting.map((one) => one.proposalId)).not.toContain(proposalId)
  })

  test('ends with a namespace that is gone as soon as nothing is in it', async () => {
    await addNamespace([root, 'a', 'deep'])
    await addTable(['a', 'deep'], 'u')
    const { proposalId } = await propose(catalog)
    const { auditId } = await commit(catalog, proposalId, (await review(catalog)).contents)
    await isMissing()
    expect(await stateOf(proposalId)).toBe('committed')
    const [last] = await listAudit(home.database, { limit: 1 })
    expect(last).toMatchObject({ id: auditId, action: 'drop-namespace', namespace: { namespace: [root] } })
  })

  test('is not made while the namespace cannot be dropped', async () => {
    await addTree()
    await addTable(['a'], 'kept', { [PROTECTED_PROPERTY]: 'true' })
    await expect(propose(catalog)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('Protected: a.kept'),
    })
    expect(await proposals.readProposals(home.services, entry(catalog), facts(edna))).toEqual([])
  })

  test('is made once under a key, and cannot be committed after it was withdrawn or sent back', async () => {
    await addTree()
    const key = newKey()
    const { proposalId } = await propose(catalog, edna, key)
    expect((await propose(catalog, edna, key)).proposalId).toBe(proposalId)
    const { contents } = await review(catalog)
    const close = (actor: Actor, id: string, comment: string | null) =>
      proposals.closeProposal(
        home.services,
        entry(catalog),
        id,
        comment === null ? { state: 'withdrawn', comment } : { state: 'returned', comment },
        facts(actor),
      )
    await expect(close(eric, proposalId, null)).rejects.toMatchObject({ code: 'forbidden' })
    await close(edna, proposalId, null)
    await expect(commit(catalog, proposalId, contents)).rejects.toMatchObject({
      code: 'version-conflict',
      message: expect.stringContaining(`${edna.username} withdrew this proposal`),
    })
    const second = await propose(catalog)
    await expect(close(vera, second.proposalId, 'no')).rejects.toMatchObject({ code: 'forbidden' })
    expect(await close(eric, second.proposalId, 'Still in use.')).toMatchObject({
      state: 'returned',
      comment: 'Still in use.',
    })
    await expect(commit(catalog, second.proposalId, contents)).rejects.toMatchObject({ code: 'version-conflict' })
    expect(await namesIn()).toEqual(['t', 'u', 'v'])
    const [returned] = await listAudit(home.database, { limit: 1 })
    expect(returned).toMatchObject({
      action: 'return-proposal',
      namespace: { catalog, namespace: [root] },
      after: { proposal: { comment: 'Still in use.' } },
    })
  })

  test('waits for every user who may drop it, under the name of the namespace', async () => {
    await addTree()
    const { proposalId } = await propose(catalog)
    const found = async (actor: Actor) =>
      (await proposals.readWaitingProposals(home.services, actor)).proposals.find(
        (one) => one.proposalId === proposalId,
      )
    expect(await found(eric)).toMatchObject({ entryKind: 'namespace', on: on(catalog) })
    expect(await found(edna)).toBeDefined()
    expect(await found(vera)).toBeUndefined()
  })
})

test('A proposed drop stops at the next table when it is withdrawn meanwhile, and says what was dropped', async () => {
  await addTree()
  const { proposalId } = await propose('local')
  const { contents } = await review('local')
  const opened = await home.services.catalogs.open('local', eric)
  const withdrawing = beforeWrites(opened, 'drop-table', async () => {
    const withdrawn = { state: 'withdrawn', comment: null } as const
    await proposals.closeProposal(home.services, entry('local'), proposalId, withdrawn, facts(edna))
  })
  const { open } = home.services.catalogs
  vi.spyOn(home.services.catalogs, 'open').mockImplementation(async (name, actor) =>
    actor === eric && name === 'local' ? withdrawing : open.call(home.services.catalogs, name, actor),
  )
  await expect(commit('local', proposalId, contents)).rejects.toMatchObject({
    code: 'version-conflict',
    message: expect.stringMatching(/^Dropped: a\.deep\.v\. Not dropped: a\.deep\.u, because: /),
  })
  vi.restoreAllMocks()
  expect(await namesIn()).toEqual(['t', 'u'])
  expect(await stateOf(proposalId)).toBe('withdrawn')
})

test('Open proposals of a namespace end when an engine drops it', async () => {
  await addNamespace([root])
  const { proposalId } = await propose('local')
  const client = await createRestClientAs(home.services, 'editor')
  expect((await client('DELETE', `local/namespaces/${joinNamespace([root])}`)).status).toBe(204)
  await addNamespace([root])
  await expect(commit('local', proposalId, (await review('local')).contents)).rejects.toMatchObject({
    code: 'not-found',
  })
  await local.loadNamespace([root])
})

test('A view that another user dropped in the meantime is not said to be part of the proposal', async () => {
  await addTree()
  const { proposalId } = await propose('local')
  const { contents } = await review('local')
  const view = { ...on('local', [root, 'a', 'deep']), view: 'v' }
  const { metadataLocation } = await local.loadView(view)
  await dropView(home.services, view, { metadataLocation }, { ...facts(edna), confirmedName: `${root}.a.deep.v` })
  await expect(commit('local', proposalId, contents)).rejects.toMatchObject({ code: 'namespace-not-empty' })
  expect(await namesIn()).toEqual(['t', 'u'])
})
