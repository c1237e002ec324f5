import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProposedViewAction } from '@/lib/contract/proposals'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { listDroppedTables } from '@/server/changes/actions/restore'
import { listNewestEvents } from '@/testing/homes/newest-events'
import {
  closeProposal,
  commitProposal,
  propose as proposeFor,
  readProposal,
  readProposals,
  readWaitingProposals,
} from './proposals'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { reviewViewDrop } from '@/testing/lifecycle/reviews'
import { commitViewEdit, createView, dropView, renameView, restoreTable } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
const schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
}
const defaults = { defaultCatalog: null, defaultNamespace: ['guarded'], schema }

let catalog: CatalogClient
let vera: Actor
let edna: Actor
let eric: Actor
let view: ViewIdentifier
let count = 0

const newKey = () => `key-of-test-${(count += 1)}-0000`
const facts = (actor: Actor) => ({ actor, signal, requestId: null })
const demandTwo = (requiresProposal: boolean) =>
  home.database.commit([
    setPolicyChange({ catalog: catalog.name, namespace: ['guarded'] }, { requiresProposal, by: 'ada' }),
  ])

beforeAll(async () => {
  vera = actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' })
  edna = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['guarded'], properties: {} })
  await catalog.write({ kind: 'create-namespace', namespace: ['elsewhere'], properties: {} })
})
beforeEach(async () => {
  view = { catalog: catalog.name, namespace: ['guarded'], view: `v${(count += 1)}` }
  const version = { representations: [{ dialect: 'spark', sql: 'SELECT id FROM trips' }], ...defaults }
  await createView(home.services, view, { version, properties: {} }, { ...facts(edna), idempotencyKey: newKey() })
  await demandTwo(true)
})
afterEach(() => demandTwo(false))

const propose = (action: ProposedViewAction, { actor = edna, idempotencyKey = newKey() } = {}) =>
  proposeFor(
    home.services,
    { kind: 'view', identifier: view },
    { action, title: 'As agreed', note: '' },
    { ...facts(actor), idempotencyKey },
  )
const commit = (
  proposalId: string,
  actor: Actor,
  {
    at = view,
    metadataLocation = null,
    confirmedName = '',
    idempotencyKey = newKey(),
  }: { at?: ViewIdentifier; metadataLocation?: string | null; confirmedName?: string; idempotencyKey?: string } = {},
) =>
  commitProposal(home.services, { kind: 'view', identifier: at }, proposalId, {
    ...facts(actor),
    ...(metadataLocation !== null && { reviewed: { kind: 'drop', metadataLocation } }),
    confirmedName,
    idempotencyKey,
  })
const load = async (at = view) => (await catalog.loadView(at)).metadata
const newSql = (sql = 'SELECT id FROM trips WHERE id > 0'): Extract<ProposedViewAction, { kind: 'change-view' }> => ({
  kind: 'change-view',
  edit: {
    kind: 'replace',
    baseVersionId: 1,
    retainedDialects: [],
    representations: [{ dialect: 'spark', sql }],
    ...defaults,
  },
})
const comment = (value: string, base: string | null = null): ProposedViewAction => ({
  kind: 'change-view',
  edit: { kind: 'properties', changes: [{ name: 'comment', base, value }] },
})
const moved = (name = view.view): ViewIdentifier => ({ ...view, namespace: ['elsewhere'], view: name })
const toMove = ({ namespace, view: name } = moved()): ProposedViewAction => ({
  kind: 'rename-view',
  toNamespace: [...namespace],
  toView: name,
})
const stateOf = async (proposalId: string, at = view) =>
  (await readProposal(home.services, { kind: 'view', identifier: at }, proposalId, facts(vera))).state
const newestEntry = async () => (await listAudit(home.database, { limit: 1 }))[0]

describe('A proposed version of a view', () => {
  test('is committed by another user, once, and the audit names both', async () => {
    const { proposalId } = await propose(newSql(), { actor: vera })
    await expect(commit(proposalId, vera)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await load()).currentVersionId).toBe(1)
    const idempotencyKey = newKey()
    const { auditId } = await commit(proposalId, eric, { idempotencyKey })
    expect((await commit(proposalId, eric, { idempotencyKey })).auditId).toBe(auditId)
    await expect(commit(proposalId, eric)).rejects.toMatchObject({ code: 'version-conflict' })
    const { currentVersionId, versions } = await load()
    expect(currentVersionId).toBe(2)
    expect(versions.find(({ versionId }) => versionId === 2)?.representations).toMatchObject([
      { dialect: 'spark', sql: 'SELECT id FROM trips WHERE id > 0' },
    ])
    expect(
      await readProposal(home.services, { kind: 'view', identifier: view }, proposalId, facts(vera)),
    ).toMatchObject({
      state: 'committed',
      decidedBy: eric.username,
      auditId,
    })
    expect(await newestEntry()).toMatchObject({
      id: auditId,
      action: 'replace-view',
      actor: { username: eric.username },
      after: { proposal: { proposalId, proposedBy: vera.username } },
    })
  })

  test('is refused to its proposer where the policy demands two people, and allowed elsewhere', async () => {
    const { proposalId } = await propose(newSql())
    await expect(commit(proposalId, edna)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('Another user has to commit'),
    })
    await demandTwo(false)
    await commit(proposalId, edna)
    expect((await load()).currentVersionId).toBe(2)
  })

  test('is refused to its proposer when the policy was set in between', async () => {
    const { proposalId } = await propose(newSql())
    await demandTwo(false)
    const { database } = home.services
    const { commit: commitChanges } = database
    database.commit = async (changes) => {
      Object.assign(database, { commit: commitChanges })
      await demandTwo(true)
      return commitChanges(changes)
    }
    await expect(commit(proposalId, edna)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await load()).currentVersionId).toBe(1)
    expect(await stateOf(proposalId)).toBe('open')
  })

  test('is not committed on a view that changed since, and stays open', async () => {
    const { proposalId } = await propose(newSql())
    const other = await propose(newSql('SELECT id FROM trips WHERE id > 1'))
    await commit(other.proposalId, eric)
    await expect(commit(proposalId, eric)).rejects.toMatchObject({ code: 'version-conflict' })
    expect(await stateOf(proposalId)).toBe('open')
    await expect(propose(newSql())).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('is not committed on another view that has the name by now', async () => {
    const { proposalId } = await propose(newSql())
    await catalog.write({ kind: 'drop-view', view }, { signal })
    const version = { representations: [{ dialect: 'spark', sql: 'SELECT id FROM trips' }], ...defaults }
    await createView(home.services, view, { version, properties: {} }, { ...facts(edna), idempotencyKey: newKey() })
    await expect(commit(proposalId, eric)).rejects.toMatchObject({ code: 'not-found' })
    expect((await load()).currentVersionId).toBe(1)
  })

  test('is not proposed when no view can be like it', async () => {
    const itself = newSql(`SELECT id FROM guarded.${view.view}`)
    await expect(propose(itself)).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(propose(newSql('SELECT id FROM trips'))).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(propose(newSql(''))).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(propose(newSql(`SELECT '${'x'.repeat(100_000)}'`))).rejects.toMatchObject({ code: 'too-large' })
    expect(await readProposals(home.services, { kind: 'view', identifier: view }, facts(vera))).toEqual([])
  })

  test('is not lost when it changes a property that another user changed', async () => {
    const { proposalId } = await propose(comment('busy'))
    await commit((await propose(comment('quiet'))).proposalId, eric)
    await expect(commit(proposalId, eric)).rejects.toMatchObject({ code: 'version-conflict' })
    expect((await load()).properties['comment']).toBe('quiet')
    await commit((await propose(comment('busy', 'quiet'))).proposalId, eric)
    expect((await load()).properties['comment']).toBe('busy')
  })

  test('is made once under one key', async () => {
    const idempotencyKey = newKey()
    const first = await propose(newSql(), { idempotencyKey })
    expect(await propose(newSql(), { idempotencyKey })).toEqual(first)
    expect(await readProposals(home.services, { kind: 'view', identifier: view }, facts(vera))).toHaveLength(1)
  })
})

describe('A proposal of a view', () => {
  test('is sent back with a comment by another user, and withdrawn by the one who made it', async () => {
    const [first, second] = [await propose(newSql()), await propose(comment('busy'))]
    const close = (proposalId: string, actor: Actor, comment: string | null) =>
      closeProposal(
        home.services,
        { kind: 'view', identifier: view },
        proposalId,
        comment === null ? { state: 'withdrawn', comment } : { state: 'returned', comment },
        facts(actor),
      )
    await expect(close(first.proposalId, vera, 'no')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(close(first.proposalId, edna, 'no')).rejects.toMatchObject({ code: 'forbidden' })
    expect(await close(first.proposalId, eric, 'not yet')).toMatchObject({ state: 'returned', comment: 'not yet' })
    expect(await newestEntry()).toMatchObject({
      action: 'return-proposal',
      table: asTableIdentifier(view),
      after: { proposal: { proposalId: first.proposalId, comment: 'not yet' } },
    })
    await expect(close(second.proposalId, eric, null)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await close(second.proposalId, edna, null)).toMatchObject({ state: 'withdrawn' })
    await expect(commit(first.proposalId, eric)).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('is listed in the newest activity as that of a view', async () => {
    const { proposalId } = await propose(newSql())
    await commit(proposalId, eric)
    const events = await listNewestEvents(home.services, eric, 50)
    const ofView = events.filter(({ target }) => target.table === view.view)
    expect(ofView.map(({ action, isView }) => [action, isView])).toEqual([
      ['replace-view', true],
      ['propose-changes', true],
      ['create-view', true],
    ])
  })

  test('waits for every user who may commit it, and says that it is of a view', async () => {
    const { proposalId } = await propose(newSql(), { actor: vera })
    const found = async (actor: Actor) =>
      (await readWaitingProposals(home.services, actor)).proposals.find((one) => one.proposalId === proposalId)
    expect(await found(eric)).toMatchObject({ entryKind: 'view', on: asTableIdentifier(view) })
    expect(await found(vera)).toMatchObject({ entryKind: 'view' })
    const other = actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' })
    expect(await found(other)).toBeUndefined()
  })

  test('is found under its view only', async () => {
    const { proposalId } = await propose(newSql())
    const table = { catalog: catalog.name, namespace: ['elsewhere'], table: `t${(count += 1)}` }
    await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
    const missing = { code: 'not-found' }
    await expect(
      readProposal(home.services, { kind: 'table', identifier: table }, proposalId, facts(eric)),
    ).rejects.toMatchObject(missing)
    const other = { ...view, view: `other${count}` }
    const version = { representations: [{ dialect: 'spark', sql: 'SELECT id FROM trips' }], ...defaults }
    await createView(home.services, other, { version, properties: {} }, { ...facts(edna), idempotencyKey: newKey() })
    await expect(
      readProposal(home.services, { kind: 'view', identifier: other }, proposalId, facts(eric)),
    ).rejects.toMatchObject(missing)
  })
})

describe('A proposed move of a view', () => {
  test('is made by another user, and the open proposals of the view follow it', async () => {
    const other = await propose(comment('busy'))
    const { proposalId } = await propose(toMove())
    await expect(renameView(home.services, view, moved(), facts(eric))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(commit(proposalId, edna)).rejects.toMatchObject({ code: 'forbidden' })
    const { auditId } = await commit(proposalId, eric)
    expect(await newestEntry()).toMatchObject({
      id: auditId,
      action: 'rename-view',
      actor: { username: eric.username },
      after: { name: `elsewhere.${view.view}`, proposal: { proposalId, proposedBy: edna.username } },
    })
    expect(await stateOf(proposalId, moved())).toBe('committed')
    const { proposals } = await readWaitingProposals(home.services, eric)
    expect(proposals.find((one) => one.proposalId === other.proposalId)?.on).toEqual(asTableIdentifier(moved()))
    await commit(other.proposalId, eric, { at: moved() })
    expect((await load(moved())).properties['comment']).toBe('busy')
  })

  test('is not proposed to a name that is taken, to no namespace, or of a protected view', async () => {
    const refused = { code: 'invalid-request' }
    await catalog.write({ kind: 'create-table', table: asTableIdentifier(moved('taken')), schema: ONE_COLUMN_SCHEMA })
    await expect(propose(toMove(moved('taken')))).rejects.toMatchObject(refused)
    await expect(propose(toMove({ ...view, namespace: ['nowhere'] }))).rejects.toMatchObject(refused)
    await expect(propose(toMove(view))).rejects.toMatchObject(refused)
    await demandTwo(false)
    const protect = { kind: 'properties' as const, changes: [{ name: PROTECTED_PROPERTY, base: null, value: 'true' }] }
    await commitViewEdit(home.services, view, { edit: protect }, { ...facts(edna), idempotencyKey: newKey() })
    await expect(propose(toMove())).rejects.toMatchObject(refused)
    await expect(propose({ kind: 'drop-view' })).rejects.toMatchObject(refused)
  })

  test('says nothing about a namespace where the user may not propose, and needs the role there to be made', async () => {
    const user = await signInAs(home.services, 'viewer')
    const inGuarded = (role: 'viewer' | 'editor') =>
      actorFor({
        ...user,
        role: null,
        roleGrants: [{ role, resource: { catalog: catalog.name, namespace: ['guarded'] } }],
      })
    for (const namespace of [['elsewhere'], ['nowhere']])
      await expect(propose(toMove({ ...view, namespace }), { actor: inGuarded('viewer') })).rejects.toMatchObject({
        code: 'forbidden',
      })
    const { proposalId } = await propose(toMove())
    await expect(commit(proposalId, inGuarded('editor'))).rejects.toMatchObject({ code: 'forbidden' })
    expect(await stateOf(proposalId)).toBe('open')
  })
})

describe('A proposed drop of a view', () => {
  test('drops the version that the committing user saw, and its proposals return with it', async () => {
    const open = await propose(comment('busy'))
    const { proposalId } = await propose({ kind: 'drop-view' }, { actor: vera })
    const seen = async () => (await reviewViewDrop(home.services, view, facts(eric))).metadataLocation
    const confirmedName = `guarded.${view.view}`
    const before = await seen()
    await commit((await propose(comment('quiet'))).proposalId, eric)
    await expect(commit(proposalId, eric, { metadataLocation: before, confirmedName })).rejects.toMatchObject({
      code: 'version-conflict',
    })
    const metadataLocation = await seen()
    await expect(commit(proposalId, eric, { confirmedName })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(commit(proposalId, eric, { metadataLocation })).rejects.toMatchObject({ code: 'invalid-request' })
    const alone = { ...facts(eric), confirmedName }
    await expect(dropView(home.services, view, { metadataLocation }, alone)).rejects.toMatchObject({
      code: 'forbidden',
    })
    const { auditId } = await commit(proposalId, eric, { metadataLocation, confirmedName })
    await expect(load()).rejects.toMatchObject({ code: 'not-found' })
    expect(await newestEntry()).toMatchObject({
      id: auditId,
      action: 'drop-view',
      after: { proposal: { proposalId, proposedBy: vera.username } },
    })
    const isListed = async () =>
      (await readWaitingProposals(home.services, eric)).proposals.some((one) => one.proposalId === open.proposalId)
    expect(await isListed()).toBe(false)
    const dropped = { catalog: view.catalog, namespace: view.namespace }
    const { tables } = await listDroppedTables(home.services, dropped, facts(eric))
    expect(tables.map((one) => one.auditId)).toContain(auditId)
    await restoreTable(home.services, dropped, { auditId, name: view.view }, facts(eric))
    expect(await isListed()).toBe(true)
  })
})
