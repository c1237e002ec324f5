import { expect, test } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listAudit } from '@/server/db/audit-list'
import { readChangePolicy } from '@/server/policy/change-policy'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { setChangePolicy } from '@/testing/lifecycle/actions'

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
