import 'server-only'
import * as contract from '@/lib/contract/access'
import { listVisibleRequests, requestAccess, decideAccessRequest } from '@/server/access/access-requests'
import { checkPermission, listAccess, readEffectiveAccess } from '@/server/access/effective-access'
import { findMissingRequested } from '@/server/access/missing-requested'
import { addGrant, listGrantPage, listHolders, removeGrant } from '@/server/access/grants'
import { addGroup, removeGroup, renameGroup, requireGroup, setMember } from '@/server/access/groups'
import {
  changeUser,
  createUser,
  deleteUser,
  describeUser,
  describeUsers,
  resetPassword,
  setSubject,
} from '@/server/access/users'
import { requirePermission } from '@/server/auth/actor'
import { EVERYONE, type GrantFilter } from '@/server/db/auth/grants'
import { listGroups, listMembers } from '@/server/db/auth/groups'
import { listUserPage } from '@/server/db/auth/user-pages'
import type { Resource } from '@/lib/permissions'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

const USERS_PER_PAGE = 200
const MEMBERS_PER_PAGE = 200

export function accessEndpoints(services: Services) {
  return [...userEndpoints(services), ...groupEndpoints(services), ...grantEndpoints(services)]
}

function userEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, contract.listUsers, async (input) => {
      const users = await listUserPage(database, { ...input, limit: USERS_PER_PAGE + 1 })
      const page = users.slice(0, USERS_PER_PAGE)
      const next = users.length > USERS_PER_PAGE ? (page.at(-1)?.username ?? null) : null
      return { users: await describeUsers(database, page), next }
    }),
    serve(services, contract.getUser, ({ userId }) => describeUser(database, userId)),
    serve(services, contract.addUser, async (input, context) => {
      requirePermission(context.actor, 'console:admin', {})
      const { userId, password } = await createUser(services, input, context)
      return { user: await describeUser(database, userId), password }
    }),
    serve(services, contract.changeUser, async ({ userId, ...edit }, context) => {
      requirePermission(context.actor, 'console:admin', {})
      await changeUser(services, userId, edit, context)
      return describeUser(database, userId)
    }),
    serve(services, contract.resetPassword, ({ userId }, context) => {
      requirePermission(context.actor, 'console:admin', {})
      return resetPassword(services, userId, context)
    }),
    serve(services, contract.linkIdentity, async ({ userId, subject }, context) => {
      requirePermission(context.actor, 'console:admin', {})
      await setSubject(services, userId, subject, context)
      return describeUser(database, userId)
    }),
    serve(services, contract.unlinkIdentity, async ({ userId }, context) => {
      requirePermission(context.actor, 'console:admin', {})
      await setSubject(services, userId, null, context)
      return describeUser(database, userId)
    }),
    serve(services, contract.removeUser, async ({ userId }, context) => {
      await deleteUser(services, userId, context)
      return {}
    }),
    serve(services, contract.getEffectiveAccess, ({ userId, after, ...on }, { actor: reader, signal }) =>
      readEffectiveAccess(services, { userId, on, after }, { reader, signal }),
    ),
    serve(services, contract.checkPermission, ({ userId, permission, ...on }, { actor: reader, signal }) =>
      checkPermission(services, { userId, permission, resource: on }, { reader, signal }),
    ),
  ]
}

function groupEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, contract.listGroups, async () => ({ groups: await listGroups(database) })),
    serve(services, contract.getGroup, async ({ groupId }) => {
      return { group: await requireGroup(database, groupId) }
    }),
    serve(services, contract.listGroupMembers, async ({ groupId, after }) => {
      await requireGroup(database, groupId)
      const members = await listMembers(database, groupId, { after, limit: MEMBERS_PER_PAGE + 1 })
      const page = members.slice(0, MEMBERS_PER_PAGE)
      return { members: page, next: members.length > page.length ? (page.at(-1)?.username ?? null) : null }
    }),
    serve(services, contract.addGroup, ({ name }, context) => addGroup(database, name, context)),
    serve(services, contract.renameGroup, ({ groupId, name }, context) =>
      renameGroup(database, groupId, name, context),
    ),
    serve(services, contract.removeGroup, async ({ groupId }, context) => {
      await removeGroup(database, groupId, context)
      return {}
    }),
    serve(services, contract.addGroupMember, async (input, context) => {
      await setMember(database, { ...input, isMember: true }, context)
      return {}
    }),
    serve(services, contract.removeGroupMember, async (input, context) => {
      await setMember(database, { ...input, isMember: false }, context)
      return {}
    }),
  ]
}

function grantEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, contract.listGrants, ({ after, ...input }) => listGrantPage(services, toFilter(input), after)),
    serve(services, contract.addGrant, ({ holder, role, ...on }, context) =>
      addGrant(services, { holder, role, resource: on }, context),
    ),
    serve(services, contract.removeGrant, async ({ grantId }, context) => {
      await removeGrant(services, grantId, context)
      return {}
    }),
    serve(services, contract.listGrantHolders, ({ query }) => listHolders(database, query)),
    serve(services, contract.listAccess, ({ after, ...on }) => listAccess(services, { on, after })),
    serve(services, contract.requestAccess, ({ role, note, ...on }, context) =>
      requestAccess(database, { role, note, resource: on }, context),
    ),
    serve(services, contract.listAccessRequests, (_, { actor }) => listVisibleRequests(database, actor)),
    serve(services, contract.findMissingRequested, (_, context) => findMissingRequested(services, context)),
    serve(services, contract.decideAccessRequest, (input, context) => decideAccessRequest(services, input, context)),
  ]
}

type FilterInput = Resource & {
  userId?: string | undefined
  groupId?: string | undefined
  everyone?: 'true' | undefined
}

function toFilter({ userId, groupId, everyone, ...on }: FilterInput): GrantFilter {
  if (userId !== undefined) return { userId }
  if (groupId !== undefined) return { holder: { kind: 'group', id: groupId } }
  return everyone === undefined ? { within: on } : { holder: EVERYONE }
}
