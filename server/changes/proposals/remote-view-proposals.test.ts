import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProposedViewAction } from '@/lib/contract/proposals'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { useTestClock } from '@/testing/clock'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { commitProposal, propose as proposeFor, readProposal } from './proposals'
import { reviewViewDrop } from '@/testing/lifecycle/reviews'
import { commitViewEdit, createView } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
const defaults = {
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  schema: {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
  },
}
let listener: RestListener
let mirror: CatalogClient
let edna: Actor
let eric: Actor
let view: ViewIdentifier
let count = 0

const newKey = () => `key-of-test-${(count += 1)}-0000`
const facts = (actor: Actor) => ({ actor, signal, requestId: null })

beforeAll(async () => {
  const admin = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
  edna = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'editor')
  await addMirror(home, { name: 'mirror', listener, token, admin })
  mirror = await home.services.catalogs.open('mirror', admin)
  await mirror.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  const policy = { catalog: 'mirror', namespace: ['demo'] }
  await home.database.commit([setPolicyChange(policy, { requiresProposal: true, by: 'ada' })])
})
beforeEach(async () => {
  view = { catalog: 'mirror', namespace: ['demo'], view: `v${(count += 1)}` }
  const version = { representations: [{ dialect: 'spark', sql: 'SELECT id FROM trips' }], ...defaults }
  await createView(home.services, view, { version, properties: {} }, { ...facts(edna), idempotencyKey: newKey() })
})
afterEach(() => {
  listener.faultFor = () => null
})
afterAll(() => listener.stop())

const propose = (action: ProposedViewAction) =>
  proposeFor(home.services, { kind: 'view', identifier: view }, { action, title: 'As agreed', note: '' }, facts(edna))
const commit = (
  proposalId: string,
  actor: Actor,
  {
    metadataLocation = null,
    confirmedName = '',
    idempotencyKey = newKey(),
  }: Partial<{
    metadataLocation: string | null
    confirmedName: string
    idempotencyKey: string
  }> = {},
) =>
  commitProposal(home.services, { kind: 'view', identifier: view }, proposalId, {
    ...facts(actor),
    ...(metadataLocation !== null && { reviewed: { kind: 'drop', metadataLocation } }),
    confirmedName,
    idempotencyKey,
  })
const EDIT = {
  kind: 'replace' as const,
  baseVersionId: 1,
  retainedDialects: [],
  representations: [{ dialect: 'spark', sql: 'SELECT id FROM trips WHERE id > 0' }],
  ...defaults,
}
const NEW_SQL: ProposedViewAction = { kind: 'change-view', edit: EDIT }

describe('A proposal of a view of another catalog', () => {
  test('is committed there by another user, and closed with the entry of the commit', async () => {
    const { proposalId } = await propose(NEW_SQL)
    const alone = { ...facts(eric), idempotencyKey: newKey() }
    await expect(commitViewEdit(home.services, view, { edit: EDIT }, alone)).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(commit(proposalId, edna)).rejects.toMatchObject({ code: 'forbidden' })
    const { auditId } = await commit(proposalId, eric)
    expect((await mirror.loadView(view)).metadata.currentVersionId).toBe(2)
    expect(
      await readProposal(home.services, { kind: 'view', identifier: view }, proposalId, facts(edna)),
    ).toMatchObject({
      state: 'committed',
      auditId,
    })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      actor: { username: eric.username },
      after: { proposal: { proposalId, proposedBy: edna.username }, layout: { version: 'id 2' } },
    })
  })

  test('is committed once when the answer is lost', async () => {
    useTestClock().skipPauses()
    const { proposalId } = await propose(NEW_SQL)
    listener.faultFor = ({ method, url }) =>
      method === 'POST' && url.endsWith(`/views/${view.view}`) ? { when: 'after', answer: 'cut' } : null
    const idempotencyKey = newKey()
    const first = await commit(proposalId, eric, { idempotencyKey })
    listener.faultFor = () => null
    expect(await commit(proposalId, eric, { idempotencyKey })).toEqual(first)
    expect((await mirror.loadView(view)).metadata.versions).toHaveLength(2)
    expect((await readProposal(home.services, { kind: 'view', identifier: view }, proposalId, facts(edna))).state).toBe(
      'committed',
    )
  })

  test('stays open when the catalog refuses, and can be carried out then', async () => {
    const { proposalId } = await propose(NEW_SQL)
    listener.faultFor = ({ method, url }) =>
      method === 'POST' && url.endsWith(`/views/${view.view}`) ? { when: 'before', answer: 403 } : null
    await expect(commit(proposalId, eric)).rejects.toMatchObject({ code: 'forbidden' })
    listener.faultFor = () => null
    expect((await mirror.loadView(view)).metadata.currentVersionId).toBe(1)
    expect((await readProposal(home.services, { kind: 'view', identifier: view }, proposalId, facts(edna))).state).toBe(
      'open',
    )
    await commit(proposalId, eric)
    expect((await mirror.loadView(view)).metadata.currentVersionId).toBe(2)
  })

  test('renames and drops it there', async () => {
    const toRename = await propose({ kind: 'rename-view', toNamespace: ['demo'], toView: `${view.view}_new` })
    await commit(toRename.proposalId, eric)
    view = { ...view, view: `${view.view}_new` }
    expect(
      (await readProposal(home.services, { kind: 'view', identifier: view }, toRename.proposalId, facts(edna))).state,
    ).toBe('committed')
    const toDrop = await propose({ kind: 'drop-view' })
    const { metadataLocation } = await reviewViewDrop(home.services, view, facts(eric))
    const { auditId } = await commit(toDrop.proposalId, eric, {
      metadataLocation,
      confirmedName: `demo.${view.view}`,
    })
    await expect(mirror.loadView(view)).rejects.toMatchObject({ code: 'not-found' })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'drop-view',
      after: { proposal: { proposalId: toDrop.proposalId } },
    })
  })
})
