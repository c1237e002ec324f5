import { beforeEach, describe, expect, test } from 'vitest'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { Change } from '@/server/db/database'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listAudit } from '@/server/db/audit-list'
import { readChangePolicy } from '@/server/policy/change-policy'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { setChangePolicy } from '@/testing/lifecycle/actions'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import * as proposals from '@/server/changes/proposals/proposals'

const home = createTestHome()
const named = { catalog: 'local', namespace: ['ours'] }
const request = (actor = actorFor(COMMAND_LINE)) => ({
  actor,
  signal: new AbortController().signal,
  requestId: null,
})

test('A change policy is set once under one key, with one entry of the audit', async () => {
  await (await openTestCatalog(home.services)).write({
    kind: 'create-namespace',
    namespace: named.namespace,
    properties: {},
  })
  const set = (requiresProposal: boolean, idempotencyKey?: string) =>
    setChangePolicy(home.services, named, { requiresProposal }, { ...request(), idempotencyKey })
  const idempotencyKey = 'key-of-a-policy-0'
  const first = await set(true, idempotencyKey)
  expect(first).toMatchObject({ requiresProposal: true, requiredBy: ['ours'], enginesBlockedBy: null })
  expect(await set(true, idempotencyKey)).toEqual(first)
  await expect(set(false, idempotencyKey)).rejects.toMatchObject({ code: 'invalid-request' })
  const [entry, earlier] = await listAudit(home.database, { limit: 2 })
  expect(entry).toMatchObject({
    id: first.auditId,
    action: 'set-change-policy',
    after: { policy: { requiresProposal: true, includesEngines: false } },
  })
  expect(earlier?.action).not.toBe('set-change-policy')
  await expect(set(false)).rejects.toMatchObject({ code: 'forbidden' })
  await home.database.commit([setPolicyChange(named, { requiresProposal: false, by: 'test' })])
  expect(await set(false)).toMatchObject({ requiresProposal: false })
})

test('A change policy is set by admins only, for a namespace that exists, and for engines only where it holds', async () => {
  const editor = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  const demand = { requiresProposal: true }
  await expect(setChangePolicy(home.services, named, demand, request(editor))).rejects.toMatchObject({
    code: 'forbidden',
  })
  const missing = { ...named, namespace: ['missing'] }
  await expect(setChangePolicy(home.services, missing, demand, request())).rejects.toMatchObject({ code: 'not-found' })
  const enginesOnly = { requiresProposal: false, includesEngines: true }
  await expect(setChangePolicy(home.services, named, enginesOnly, request())).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'Commits of engines are refused only if changes need two people.',
  })
  expect(await readChangePolicy(home.database, named)).toMatchObject({ requiresProposal: false })
})

describe('A policy that holds', () => {
  const off = { requiresProposal: false }
  const policy = () => readChangePolicy(home.database, named)
  const users = async () => ({
    admin: actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' }),
    editor: actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' }),
    viewer: actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' }),
  })
  const entry = { kind: 'namespace', identifier: named } as const
  const propose = (by: Actor, requiresProposal = false) =>
    proposals.propose(
      home.services,
      entry,
      { action: { kind: 'relax-change-policy', requiresProposal }, title: 'Off', note: '' },
      request(by),
    )
  const commit = (by: Actor, proposalId: string) =>
    proposals.commitProposal(home.services, entry, proposalId, request(by))

  beforeEach(() =>
    home.database.commit([setPolicyChange(named, { requiresProposal: true, includesEngines: true, by: 'x' })]),
  )

  test('is switched off by two people: an admin proposes it, and another user commits it', async () => {
    const { admin, editor, viewer } = await users()
    await expect(setChangePolicy(home.services, named, off, request(admin))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('also for switching it off'),
    })
    await expect(propose(editor)).rejects.toMatchObject({ code: 'forbidden' })
    const { proposalId } = await propose(admin)
    await expect(commit(admin, proposalId)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(commit(viewer, proposalId)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await policy()).toMatchObject({ requiresProposal: true, enginesBlockedBy: ['ours'] })
    const { auditId } = await commit(editor, proposalId)
    expect(await policy()).toMatchObject({ requiresProposal: false, enginesBlockedBy: null })
    const [audited] = await listAudit(home.database, { limit: 1 })
    expect(audited).toMatchObject({
      id: auditId,
      action: 'set-change-policy',
      actor: { username: editor.username },
      after: { policy: { requiresProposal: false }, proposal: { proposedBy: admin.username } },
    })
    await expect(commit(editor, proposalId)).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('lets engines commit again by a proposal only, and demands more at once', async () => {
    const { admin, editor } = await users()
    const forUsersOnly = { requiresProposal: true, includesEngines: false }
    await expect(setChangePolicy(home.services, named, forUsersOnly, request(admin))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await commit(editor, (await propose(admin, true)).proposalId)
    expect(await policy()).toMatchObject({ requiresProposal: true, enginesBlockedBy: null })
    await expect(propose(admin, true)).rejects.toMatchObject({ code: 'invalid-request' })
    const both = { requiresProposal: true, includesEngines: true }
    expect(await setChangePolicy(home.services, named, both, request(admin))).toMatchObject({
      enginesBlockedBy: ['ours'],
    })
  })

  test('is not switched off by a request that was checked before it was set', async () => {
    const { admin } = await users()
    await home.database.commit([setPolicyChange(named, { ...off, by: 'x' })])
    const { database } = home.services
    const { commit: commitChanges } = database
    database.commit = async (changes: readonly Change[]) => {
      Object.assign(database, { commit: commitChanges })
      await commitChanges.call(database, [setPolicyChange(named, { requiresProposal: true, by: 'x' })])
      return commitChanges.call(database, changes)
    }
    await expect(setChangePolicy(home.services, named, off, request(admin))).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await policy()).toMatchObject({ requiresProposal: true })
  })
})
