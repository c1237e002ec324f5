import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import type { ProposedAction, ReviewedAction } from '@/lib/contract/shapes/proposed-table-action'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { commitProposal, propose, readProposal, readProposals } from './proposals'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { reviewDrop, reviewRename } from '@/testing/lifecycle/reviews'
import { dropTable, renameTable } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
let catalog: CatalogClient
let vera: Actor
let edna: Actor
let eric: Actor
let table: TableIdentifier
let tables = 0

beforeAll(async () => {
  vera = actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' })
  edna = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['guarded'], properties: {} })
  await catalog.write({ kind: 'create-namespace', namespace: ['elsewhere'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  table = { catalog: catalog.name, namespace: ['guarded'], table: `t${tables}` }
  await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
  await demandTwo(true)
})
afterEach(() => demandTwo(false))

const demandTwo = (requiresProposal: boolean) =>
  home.database.commit([
    setPolicyChange({ catalog: catalog.name, namespace: ['guarded'] }, { requiresProposal, by: 'ada' }),
  ])
const facts = (actor: Actor) => ({ actor, signal, requestId: null })
const proposeAction = (action: ProposedAction, actor = edna) =>
  propose(home.services, { kind: 'table', identifier: table }, { action, title: 'As agreed', note: '' }, facts(actor))
const commit = (
  proposalId: string,
  actor: Actor,
  {
    at = table,
    ...options
  }: { at?: TableIdentifier; reviewed?: ReviewedAction; confirmedName?: string; idempotencyKey?: string } = {},
) => commitProposal(home.services, { kind: 'table', identifier: at }, proposalId, { ...options, ...facts(actor) })
const moved = (namespace = 'elsewhere', name = table.table) => ({ ...table, namespace: [namespace], table: name })
const toMove = (to: TableIdentifier = moved()): ProposedAction => ({
  kind: 'rename',
  toNamespace: [...to.namespace],
  toTable: to.table,
})
const exists = (one: TableIdentifier) =>
  catalog.loadTable(one).then(
    () => true,
    () => false,
  )
const shownDrop = async () => {
  const { metadataLocation } = await reviewDrop(home.services, table, facts(eric))
  return { kind: 'drop', metadataLocation: metadataLocation ?? '' } as const
}
const typed = () => `guarded.${table.table}`
const setOwner = (owner: string) =>
  catalog.write({
    kind: 'commit-table',
    table,
    change: { requirements: [], updates: [{ action: 'set-properties', updates: { owner } }] },
  })

describe('A proposed move', () => {
  test('moves no other table that got the name while it was carried out', async () => {
    const { proposalId } = await proposeAction(toMove())
    await demandTwo(false)
    const replaceFirst = async () => {
      const { metadataLocation } = await catalog.loadTable(table)
      const typedName = { ...facts(eric), confirmedName: typed() }
      await dropTable(home.services, table, { isPurge: false, metadataLocation }, typedName)
      await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
    }
    const { catalogs } = home.services
    const open: typeof catalogs.open = async (...named) => {
      return beforeWrites(await catalogs.open(...named), 'rename-table', replaceFirst)
    }
    const services = { ...home.services, catalogs: Object.assign(Object.create(catalogs), { open }) }
    const entry = { kind: 'table', identifier: table } as const
    const typedName = { ...facts(eric), confirmedName: typed() }
    await expect(commitProposal(services, entry, proposalId, typedName)).rejects.toMatchObject({
      code: 'version-conflict',
    })
    expect([await exists(table), await exists(moved())]).toEqual([true, false])
  })

  test('is made by another user, and the table keeps its uuid and its proposals', async () => {
    const { proposalId } = await proposeAction(toMove())
    await expect(renameTable(home.services, table, moved(), facts(eric))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(commit(proposalId, edna)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(commit(proposalId, vera)).rejects.toMatchObject({ code: 'forbidden' })
    const key = { idempotencyKey: `key-of-a-move-of-${table.table}` }
    const first = await commit(proposalId, eric, key)
    const { auditId } = first
    expect(await exists(table)).toBe(false)
    expect(await commit(proposalId, eric, key)).toEqual(first)
    const proposal = await readProposal(home.services, { kind: 'table', identifier: moved() }, proposalId, facts(vera))
    expect(proposal).toMatchObject({ state: 'committed', decidedBy: eric.username, auditId })
    expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
      id: auditId,
      action: 'rename-table',
      actor: { username: eric.username },
      after: { name: `elsewhere.${table.table}`, proposal: { proposalId, proposedBy: edna.username } },
    })
    await expect(commit(proposalId, eric, { at: moved() })).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('is not proposed to a name that is taken, to no namespace, or of a protected table', async () => {
    const taken = moved('guarded', `taken${tables}`)
    await catalog.write({ kind: 'create-table', table: taken, schema: ONE_COLUMN_SCHEMA })
    const refused = { code: 'invalid-request' }
    await expect(proposeAction(toMove(taken))).rejects.toMatchObject(refused)
    await expect(proposeAction(toMove(moved('nowhere')))).rejects.toMatchObject(refused)
    await expect(proposeAction(toMove(table))).rejects.toMatchObject(refused)
    await catalog.write({
      kind: 'commit-table',
      table,
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { [PROTECTED_PROPERTY]: 'true' } }],
      },
    })
    await expect(proposeAction(toMove())).rejects.toMatchObject(refused)
  })

  test('says nothing about a namespace where the user may not propose, and needs the role there to be made', async () => {
    const user = await signInAs(home.services, 'viewer')
    const onTable = (role: 'viewer' | 'editor') =>
      actorFor({
        ...user,
        role: null,
        roleGrants: [{ role, resource: { catalog: catalog.name, namespace: ['guarded'] } }],
      })
    for (const name of ['elsewhere', 'nowhere']) {
      await expect(proposeAction(toMove(moved(name)), onTable('viewer'))).rejects.toMatchObject({ code: 'forbidden' })
      expect((await reviewRename(home.services, table, moved(name), facts(onTable('viewer')))).nameProblem).toBe(
        'You may not create tables under this name.',
      )
    }
    const { proposalId } = await proposeAction(toMove())
    await expect(commit(proposalId, onTable('editor'))).rejects.toMatchObject({ code: 'forbidden' })
    expect(await exists(table)).toBe(true)
  })

  test('is not made of another table that has the name by now', async () => {
    const { proposalId } = await proposeAction(toMove())
    await catalog.write({ kind: 'drop-table', table }, { signal })
    await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
    await expect(commit(proposalId, eric)).rejects.toMatchObject({ code: 'not-found' })
    expect(await exists(table)).toBe(true)
  })
})

describe('A proposed drop', () => {
  test('drops what the committing user saw, once, and its audit entry names both', async () => {
    const { proposalId } = await proposeAction({ kind: 'drop', isPurge: false }, vera)
    const before = await shownDrop()
    await setOwner('zoe')
    await expect(commit(proposalId, eric, { reviewed: before, confirmedName: typed() })).rejects.toMatchObject({
      code: 'version-conflict',
    })
    const reviewed = await shownDrop()
    await expect(commit(proposalId, eric, { confirmedName: typed() })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await expect(commit(proposalId, eric, { reviewed })).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await exists(table)).toBe(true)
    const { auditId, metadataLocation } = await commit(proposalId, eric, { reviewed, confirmedName: typed() })
    expect(metadataLocation).toBe(reviewed.metadataLocation)
    expect(await exists(table)).toBe(false)
    expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
      id: auditId,
      action: 'drop-table',
      actor: { username: eric.username },
      before: { metadataLocation },
      after: { proposal: { proposalId, proposedBy: vera.username } },
    })
  })

  test('gets its first answer again under the key of its commit, although the name is gone', async () => {
    const { proposalId } = await proposeAction({ kind: 'drop', isPurge: false })
    const options = { reviewed: await shownDrop(), confirmedName: typed(), idempotencyKey: 'key-of-a-drop-0001' }
    const first = await commit(proposalId, eric, options)
    expect(await commit(proposalId, eric, options)).toEqual(first)
    const otherKey = { ...options, idempotencyKey: 'key-of-a-drop-0002' }
    await expect(commit(proposalId, eric, otherKey)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('with its files keeps what was proposed about them', async () => {
    const { proposalId } = await proposeAction({ kind: 'drop', isPurge: true })
    await commit(proposalId, eric, { reviewed: await shownDrop(), confirmedName: typed() })
    expect((await listAudit(home.database, { limit: 1 }))[0]?.action).toBe('purge-table')
  })

  test('is refused to its proposer, and when the proposal was withdrawn or the policy was set in between', async () => {
    const { proposalId } = await proposeAction({ kind: 'drop', isPurge: false })
    const reviewed = await shownDrop()
    const confirmed = { reviewed, confirmedName: typed() }
    await expect(commit(proposalId, edna, confirmed)).rejects.toMatchObject({ code: 'forbidden' })
    await demandTwo(false)
    const { database } = home.services
    const { commit: commitChanges } = database
    database.commit = async (changes) => {
      Object.assign(database, { commit: commitChanges })
      await demandTwo(true)
      return commitChanges(changes)
    }
    await expect(commit(proposalId, edna, confirmed)).rejects.toMatchObject({ code: 'forbidden' })
    const alone = { isPurge: false, metadataLocation: reviewed.metadataLocation }
    const byEric = { ...facts(eric), confirmedName: typed() }
    await expect(dropTable(home.services, table, alone, byEric)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await readProposals(home.services, { kind: 'table', identifier: table }, facts(vera)))[0]?.state).toBe(
      'open',
    )
    expect(await exists(table)).toBe(true)
  })
})
