import { beforeEach, expect, test } from 'vitest'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { listRuns, requestCancel } from '@/server/db/jobs/runs'
import { CLONE_TABLE } from '@/server/lifecycle/clone/clone-task'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { cloneTable } from '@/testing/lifecycle/actions'

const home = createTestHome()
const { signal } = new AbortController()
let count = 0
let namespace: { catalog: string; namespace: string[] }
let editor: Actor

beforeEach(async () => {
  count += 1
  namespace = { catalog: home.config.catalogName, namespace: [`n${count}`] }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: namespace.namespace, properties: {} })
  await catalog.write({ kind: 'create-table', table: { ...namespace, table: 't' }, schema: ONE_COLUMN_SCHEMA })
  editor = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
})

function clone(table: string, { actor = editor, idempotencyKey }: { actor?: Actor; idempotencyKey?: string } = {}) {
  const retained = { keepsPartitioning: true, keepsSortOrder: true, keepsDescription: true, properties: [] }
  const requested = { source: { ...namespace, table: 't' }, snapshotId: null, schemaId: 0, location: null, ...retained }
  const request = { actor, signal, requestId: null, idempotencyKey }
  return cloneTable(home.services, { ...namespace, table }, requested, request)
}

const listClones = () => listRuns(home.database, { kind: CLONE_TABLE, limit: 100 })

test('A clone is queued once under one key, also when its run has ended', async () => {
  const before = (await listClones()).length
  const idempotencyKey = `key-of-clone-${count}-000`
  const first = await clone('copy', { idempotencyKey })
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
    id: first.auditId,
    action: 'start-clone',
    table: { table: 'copy' },
    after: { run: { id: first.run.id, kind: CLONE_TABLE } },
  })
  await requestCancel(home.database, first.run.id)
  const again = await clone('copy', { idempotencyKey })
  expect(again).toMatchObject({ auditId: first.auditId, run: { id: first.run.id, state: 'cancelled' } })
  expect(await listClones()).toHaveLength(before + 1)
  await expect(clone('another', { idempotencyKey })).rejects.toMatchObject({ code: 'invalid-request' })
  expect((await clone('copy')).run.id).not.toBe(first.run.id)
})

test('A clone needs no second user, because it only adds', async () => {
  await home.database.commit([setPolicyChange(namespace, { requiresProposal: true, by: 'ada' })])
  expect(await clone('copy')).toMatchObject({ run: { state: 'queued', table: { table: 'copy' } } })
})

test('A clone is refused without the right to read its source, and to create its table', async () => {
  const before = await listClones()
  const roleGrant = (table: string, role: 'viewer' | 'editor') => ({ role, resource: { ...namespace, table } })
  const { userId, username } = editor
  const as = (roleGrants: ReturnType<typeof roleGrant>[]) => actorFor({ userId, username, role: null, roleGrants })
  const reader = as([roleGrant('t', 'viewer')])
  await expect(clone('copy', { actor: reader })).rejects.toMatchObject({ code: 'forbidden' })
  const writer = as([roleGrant('copy', 'editor')])
  await expect(clone('copy', { actor: writer })).rejects.toMatchObject({ code: 'not-found' })
  expect(await listClones()).toEqual(before)
  const both = as([roleGrant('t', 'viewer'), roleGrant('copy', 'editor')])
  expect((await clone('copy', { actor: both })).run.state).toBe('queued')
})
