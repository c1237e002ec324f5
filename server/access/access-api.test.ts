import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import * as access from '@/lib/contract/access'
import { getSession } from '@/lib/contract/session'
import type { Endpoint } from '@/lib/contract/endpoint'
import { joinNamespace } from '@/lib/names/identifiers'
import { listAudit } from '@/server/db/audit-list'
import { requestWith } from '@/testing/contract/request-with'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { grantsOfRole } from '@/lib/permissions'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { issueToken } from '@/server/auth/tokens/tokens'
import { addUser, findUser } from '@/server/db/auth/users'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'

/** Users, groups, grants and requests as the routes know them. */

const home = createTestHome()

let admin: SignedInUser
let ada: SignedInUser
beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  ada = await signInAs(home.services, null)
})

async function send(endpoint: Endpoint, fields: Record<string, unknown>, user: SignedInUser) {
  const { request, params } = requestWith(endpoint, fields, user.cookie)
  return (await loadRouteHandler(home.services, endpoint))(request, { params: Promise.resolve(params) })
}

async function call<I extends z.ZodObject, O extends z.ZodType>(
  endpoint: Endpoint<I, O>,
  fields: Record<string, unknown>,
  user = admin,
): Promise<z.output<O>> {
  const response = await send(endpoint, fields, user)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
  return endpoint.output.parse(JSON.parse(text))
}

const DEMO = { catalog: 'local', namespace: joinNamespace(['demo']) }
const lastAction = async () => (await listAudit(home.database, { limit: 1 }))[0]?.action

describe('Users', () => {
  it('are added without a role, listed, changed and removed, with an audit entry each', async () => {
    const { user, password } = await call(access.addUser, {
      username: 'Grace',
      role: null,
      displayName: 'Grace Hopper',
    })
    expect(password?.length).toBeGreaterThan(20)
    expect(await findUser(home.database, user.userId)).toMatchObject({ hasGeneratedPassword: true })
    expect(user).toMatchObject({ username: 'Grace', role: null, signInMethod: 'password', tokenCount: 0, groups: [] })
    expect(await lastAction()).toBe('add-user')
    const { users } = await call(access.listUsers, { query: 'hopper' })
    expect(users.map(({ username }) => username)).toEqual(['Grace'])
    expect(await call(access.changeUser, { userId: user.userId, role: 'editor', isDisabled: true })).toMatchObject({
      role: 'editor',
      disabledAtMs: expect.any(Number),
    })
    expect(await lastAction()).toBe('disable-user')
    await call(access.removeUser, { userId: user.userId })
    expect((await send(access.getUser, { userId: user.userId }, admin)).status).toBe(404)
  })

  it('get credentials and roles from a signed-in admin only', async () => {
    const owner = await findUser(home.database, admin.userId)
    if (!owner) throw new Error('the admin does not exist')
    const form = { owner, name: 'spark', role: 'admin', days: 1 } as const
    const { text: token } = await issueToken(home.database, form, { actor: owner, requestId: null })
    for (const [endpoint, fields] of [
      [access.addUser, { username: 'Mallory', role: 'admin' }],
      [access.changeUser, { userId: ada.userId, role: 'admin' }],
      [access.resetPassword, { userId: admin.userId }],
    ] as const) {
      expect((await send(endpoint, fields, ada)).status).toBe(403)
      const { request, params } = requestWith(endpoint, fields, '')
      request.headers.set('authorization', `Bearer ${token}`)
      const handle = await loadRouteHandler(home.services, endpoint)
      expect((await handle(request, { params: Promise.resolve(params) })).status).toBe(403)
    }
    expect((await call(access.listUsers, { query: 'Mallory' })).users).toEqual([])
    expect(await call(access.getUser, { userId: ada.userId })).toMatchObject({ role: null })
  })

  it('keep the last admin who may sign in', async () => {
    for (const change of [{ role: 'viewer' }, { role: null }, { isDisabled: true }]) {
      expect((await send(access.changeUser, { userId: admin.userId, ...change }, admin)).status).toBe(400)
    }
    expect((await send(access.removeUser, { userId: admin.userId }, admin)).status).toBe(400)
  })
})

describe('A grant', () => {
  it('counts at the next request, and is gone at the one after it was removed', async () => {
    expect(await call(getSession, {}, ada)).toMatchObject({ role: null, permissions: [], grants: [] })
    const holder = { kind: 'user', id: ada.userId }
    const grant = await call(access.addGrant, { holder, role: 'viewer', ...DEMO, table: 'flights' })
    expect(grant).toMatchObject({ exists: false, holder: { name: ada.username } })
    const on = { catalog: 'local', namespace: ['demo'], table: 'flights' }
    expect((await call(getSession, {}, ada)).grants).toEqual([{ role: 'viewer', resource: on }])
    const changed = await call(access.addGrant, { holder, role: 'editor', ...DEMO, table: 'flights' })
    expect(await lastAction()).toBe('change-grant')
    expect((await call(access.listGrants, { userId: ada.userId })).grants).toHaveLength(1)
    await call(access.removeGrant, { grantId: changed.grantId })
    expect(await lastAction()).toBe('remove-grant')
    expect((await call(getSession, {}, ada)).grants).toEqual([])
  })

  it('of a group is one of its members, and leaves with the group', async () => {
    const group = await call(access.addGroup, { name: 'Analysts' })
    expect((await send(access.addGroup, { name: 'ANALYSTS' }, admin)).status).toBe(409)
    expect((await send(access.addGroup, { name: 'Everyone' }, admin)).status).toBe(400)
    for (const name of ['everyone', '\u0435veryone', 'every\u034fone', '\uff25veryone']) {
      expect((await send(access.addGroup, { name }, admin)).status, name).toBe(400)
      expect((await send(access.renameGroup, { groupId: group.groupId, name }, admin)).status, name).toBe(400)
    }
    await call(access.addGroupMember, { groupId: group.groupId, userId: ada.userId })
    await call(access.addGrant, { holder: { kind: 'group', id: group.groupId }, role: 'viewer', ...DEMO })
    const on = { catalog: 'local', namespace: ['demo'] }
    expect((await call(getSession, {}, ada)).grants).toEqual([{ role: 'viewer', resource: on }])
    expect((await call(access.listGroupMembers, { groupId: group.groupId })).members).toHaveLength(1)
    await call(access.removeGroup, { groupId: group.groupId })
    expect((await call(getSession, {}, ada)).grants).toEqual([])
  })

  it('is given inside a namespace by its admin, and nowhere else', async () => {
    const steward = await signInAs(home.services, null)
    const holder = { kind: 'user', id: steward.userId }
    const own = await call(access.addGrant, { holder, role: 'admin', ...DEMO })
    const toAda = { holder: { kind: 'user', id: ada.userId }, role: 'viewer' }
    const inside = await call(access.addGrant, { ...toAda, ...DEMO, table: 'flights' }, steward)
    for (const elsewhere of [{ catalog: 'local' }, { catalog: 'local', namespace: 'other' }, {}]) {
      expect((await send(access.addGrant, { ...toAda, ...elsewhere }, steward)).status).not.toBe(200)
    }
    expect((await call(access.listGrants, DEMO, steward)).grants).toHaveLength(2)
    expect((await send(access.listGrants, { userId: ada.userId }, steward)).status).toBe(403)
    expect((await send(access.listUsers, {}, steward)).status).toBe(403)
    const { users } = await call(access.listAccess, DEMO, steward)
    expect(users.find(({ userId }) => userId === steward.userId)).toMatchObject({ role: 'admin' })
    await call(access.removeGrant, { grantId: inside.grantId }, steward)
    await call(access.removeGrant, { grantId: own.grantId })
    expect((await send(access.removeGrant, { grantId: inside.grantId }, steward)).status).toBe(404)
    const hidden = { catalog: 'local', namespace: joinNamespace(['hidden']) }
    const grantHidden = { holder: { kind: 'everyone' }, role: 'viewer', ...hidden }
    expect((await send(access.addGrant, grantHidden, steward)).status).toBe(404)
    expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
      action: 'refuse-request',
      namespace: { catalog: 'local', namespace: ['hidden'] },
      after: { refusal: { operation: 'addGrant', code: 'forbidden' } },
    })
  })

  it('explains itself: effective access, and whether someone may', async () => {
    const grant = await call(access.addGrant, {
      holder: { kind: 'everyone' },
      role: 'viewer',
      ...DEMO,
      table: 'flights',
    })
    const { entries } = await call(access.getEffectiveAccess, { userId: ada.userId })
    expect(entries).toMatchObject([{ resource: { catalog: 'local' }, kind: 'catalog', level: 'inside' }])
    const check = { userId: ada.userId, ...DEMO, table: 'flights' }
    expect(await call(access.checkPermission, { ...check, permission: 'table:read' })).toMatchObject({
      isAllowed: true,
      grants: [{ grantId: grant.grantId }],
      blockers: [],
    })
    expect(await call(access.checkPermission, { ...check, permission: 'table:write' })).toMatchObject({
      isAllowed: false,
      grants: [],
    })
    await call(access.removeGrant, { grantId: grant.grantId })
  })

  it('is no use to a user who is disabled, which the explanation says', async () => {
    const signedIn = await signInAs(home.services, 'viewer')
    const { userId, username } = signedIn
    await call(access.changeUser, { userId, isDisabled: true })
    expect(await (await send(access.listUsers, {}, signedIn)).json()).toMatchObject({
      code: 'unauthenticated',
      facts: { userState: 'disabled' },
    })
    const check = { userId, ...DEMO, table: 'flights', permission: 'table:read' }
    expect((await call(access.checkPermission, check)).blockers).toEqual([
      `${username} is disabled and cannot sign in.`,
    ])
  })

  it('says that a policy demands two people, and that neither a table nor a view has the name', async () => {
    const { userId } = await signInAs(home.services, 'admin')
    const on = { catalog: 'local', namespace: ['foureyes'] }
    await home.database.commit([setPolicyChange(on, { requiresProposal: true, by: 'ada' })])
    const check = { userId, catalog: 'local', namespace: joinNamespace(['foureyes']), table: 'none' }
    const demand = 'Changes of tables and views in foureyes need two people: they have to be proposed.'
    expect(await call(access.checkPermission, { ...check, permission: 'table:write' })).toMatchObject({
      isAllowed: true,
      blockers: [demand],
    })
    expect(await call(access.checkPermission, { ...check, permission: 'table:maintain' })).toMatchObject({
      blockers: ['There is no such table or view.', demand],
    })
    expect(await call(access.checkPermission, { ...check, permission: 'table:read' })).toMatchObject({ blockers: [] })
  })
})

describe('Lists of access', () => {
  it('have every part of a level, page after page', async () => {
    const catalog = await home.services.catalogs.open('local', { ...COMMAND_LINE, grants: grantsOfRole('admin') })
    const names = Array.from({ length: 501 }, (_, index) => `n${String(index).padStart(3, '0')}`)
    await catalog.write({ kind: 'create-namespace', namespace: ['many'], properties: {} })
    for (const name of names)
      await catalog.write({ kind: 'create-namespace', namespace: ['many', name], properties: {} })
    const level = { userId: ada.userId, catalog: 'local', namespace: 'many' }
    const first = await call(access.getEffectiveAccess, level)
    const second = await call(access.getEffectiveAccess, { ...level, after: first.next })
    expect(first.entries).toHaveLength(500)
    expect(second.next).toBeNull()
    expect([...first.entries, ...second.entries].map(({ resource: on }) => on.namespace?.at(-1))).toEqual(names)
  })

  it('have every user who may here, page after page', async () => {
    const names = Array.from({ length: 1_001 }, (_, index) => `many-${String(index).padStart(4, '0')}`)
    const fields = { passwordHash: null, hasGeneratedPassword: false, role: 'viewer' as const }
    for (const username of names) await addUser(home.database, { ...fields, username })
    const first = await call(access.listAccess, DEMO)
    const second = await call(access.listAccess, { ...DEMO, after: first.next })
    expect(second.next).toBeNull()
    const found = [...first.users, ...second.users].map(({ username }) => username)
    expect(found.filter((name) => name.startsWith('many-'))).toEqual(names)
    expect(new Set(found).size).toBe(found.length)
  })
})

describe('A request for access', () => {
  it('is seen by who may settle it, and granting it grants', async () => {
    const form = { role: 'editor', note: 'for the report', ...DEMO }
    const request = await call(access.requestAccess, form, ada)
    expect((await send(access.requestAccess, form, ada)).status).toBe(409)
    const other = await signInAs(home.services, 'viewer')
    expect((await call(access.listAccessRequests, {}, other)).requests).toEqual([])
    const { accessRequestId } = request
    const settle = { accessRequestId, outcome: 'granted', comment: 'Welcome' }
    expect((await send(access.decideAccessRequest, settle, other)).status).toBe(404)
    expect((await send(access.decideAccessRequest, settle, ada)).status).toBe(404)
    expect((await call(access.listAccessRequests, {})).requests).toMatchObject([{ accessRequestId, canDecide: true }])
    expect(await call(access.decideAccessRequest, settle)).toMatchObject({ state: 'granted', comment: 'Welcome' })
    expect((await call(getSession, {}, ada)).grants).toMatchObject([{ role: 'editor' }])
    expect((await send(access.decideAccessRequest, settle, admin)).status).toBe(400)
  })

  it('for what does not exist is marked for admins, and looks to its user like any other', async () => {
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['here'], properties: {} })
    await catalog.write({
      kind: 'create-table',
      table: { catalog: 'local', namespace: ['here'], table: 't' },
      schema: ONE_COLUMN_SCHEMA,
    })
    const grace = await signInAs(home.services, null)
    const requested = (on: Record<string, string>) =>
      call(access.requestAccess, { role: 'viewer', note: '', ...on }, grace)
    const there = await requested({ catalog: 'local', namespace: 'here', table: 't' })
    const gone = await requested({ catalog: 'local', namespace: 'here', table: 'gone' })
    const { accessRequestId: _there, resource: _onThere, createdAtMs: _atThere, ...shown } = there
    expect(gone).toMatchObject(shown)
    await requested({ catalog: 'local', namespace: 'here' })
    const nowhere = await requested({ catalog: 'local', namespace: 'nowhere' })
    const unknown = await requested({ catalog: 'nobody', namespace: 'nowhere', table: 't' })
    const { accessRequestIds } = await call(access.findMissingRequested, {})
    expect(accessRequestIds.toSorted()).toEqual([gone, nowhere, unknown].map((one) => one.accessRequestId).toSorted())
    expect(await call(access.findMissingRequested, {}, grace)).toEqual({ accessRequestIds: [] })
  })
})
