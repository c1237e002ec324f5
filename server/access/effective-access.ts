import 'server-only'
import type { AccessEntry } from '@/lib/contract/access'
import type { AccessGrant } from '@/lib/contract/access/shapes'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, namespaceLabel } from '@/lib/names/identifiers'
import { type Permission, type Resource, type Role, ROLE_PERMISSIONS, ROLES, covers } from '@/lib/permissions'
import { type Actor, actorFor, canEnter, isPermitted } from '@/server/auth/actor'
import { listGrants, MAX_GRANTS, readGrantsOf, readRoleGrants, type StoredGrant } from '@/server/db/auth/grants'
import { readGroupsOf } from '@/server/db/auth/groups'
import { listUserPage } from '@/server/db/auth/user-pages'
import type { User } from '@/server/db/auth/users'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import type { Database } from '@/server/db/database'
import { protectionProblem } from '@/server/table/protection'
import type { Services } from '@/server/services'
import { describeGrants } from './describe-grants'
import { baseGrant, readUserGrants } from './grants'
import { requireUser } from './users'

type AccessServices = Pick<Services, 'catalogs' | 'config' | 'database'>

const ENTRIES_PER_PAGE = 500
const MAX_REASONS = 20
const USERS_PER_PAGE = 1000

/** A user as the actor of a request in the console would be. */
async function actorOf(database: Services['database'], user: User): Promise<Actor> {
  return actorFor({ ...user, roleGrants: await readRoleGrants(database, user.userId) })
}

/**
 * A page of a user's access to the catalogs, or to each part of a catalog or a namespace. It has the parts that the
 * calling admin sees.
 *
 * @param after the `next` of the page before
 */
export async function readEffectiveAccess(
  services: AccessServices,
  { userId, on, after }: { userId: string; on: Resource; after?: string | undefined },
  { reader, signal }: { reader: Actor; signal: AbortSignal },
): Promise<{ entries: AccessEntry[]; next: string | null }> {
  const { database } = services
  const user = await requireUser(database, userId)
  const actor = await actorOf(database, user)
  const grants = await readUserGrants(services, user)
  const parts = (await listParts(services, on, { reader, signal }))
    .map((part) => ({ part, cursor: partCursor(part) }))
    .filter(({ cursor }) => after === undefined || cursor > after)
    .toSorted((a, b) => (a.cursor < b.cursor ? -1 : 1))
  const page = parts.slice(0, ENTRIES_PER_PAGE)
  const entries = page.map(({ part: { resource: inside, kind } }): AccessEntry => {
    const level = levelOf(actor, inside)
    return { resource: inside, kind, level, grants: reasonsFor(grants, inside, level).slice(0, MAX_REASONS) }
  })
  return { entries, next: parts.length > page.length ? (page.at(-1)?.cursor ?? null) : null }
}

type Part = Pick<AccessEntry, 'resource' | 'kind'>

/** Orders the parts of one level: by kind, which the alphabet has in the order of the page, then by name. */
function partCursor({ kind, resource: { catalog, namespace, table } }: Part): string {
  return `${kind}:${table ?? namespace?.at(-1) ?? catalog ?? ''}`
}

async function listParts(
  { catalogs }: AccessServices,
  { catalog: name, namespace, table }: Resource,
  { reader, signal }: { reader: Actor; signal: AbortSignal },
): Promise<Part[]> {
  if (name === undefined) {
    return (await catalogs.listNames(reader)).map((catalog) => ({ resource: { catalog }, kind: 'catalog' as const }))
  }
  if (namespace !== undefined && table !== undefined)
    return [{ resource: { catalog: name, namespace, table }, kind: 'table' }]
  const catalog = await catalogs.open(name, reader)
  const namespaces = (await catalog.listNamespaces(namespace ?? null, { signal })).map((one) => ({
    resource: { catalog: name, namespace: one },
    kind: 'namespace' as const,
  }))
  if (namespace === undefined) return namespaces
  const [tables, views] = await Promise.all([
    catalog.listTables(namespace, { signal }),
    catalog.listViews(namespace, { signal }),
  ])
  return [
    ...namespaces,
    ...tables.map((on) => ({ resource: on, kind: 'table' as const })),
    ...views.map((view) => ({ resource: asTableIdentifier(view), kind: 'view' as const })),
  ]
}

const LEVEL_PERMISSIONS: readonly [AccessEntry['level'], Permission][] = [
  ['admin', 'access:manage'],
  ['write', 'table:write'],
  ['read', 'table:read'],
]

function levelOf(actor: Actor, on: Resource): AccessEntry['level'] {
  const found = LEVEL_PERMISSIONS.find(([, permission]) => isPermitted(actor, permission, on))
  return found?.[0] ?? (canEnter(actor, on) ? 'inside' : 'none')
}

function reasonsFor(grants: readonly AccessGrant[], on: Resource, level: AccessEntry['level']): AccessGrant[] {
  if (level === 'none') return []
  if (level === 'inside') return grants.filter((grant) => covers(on, grant.resource))
  const permission = LEVEL_PERMISSIONS.find(([one]) => one === level)?.[1]
  return grants.filter(
    (grant) => covers(grant.resource, on) && permission && ROLE_PERMISSIONS[grant.role].includes(permission),
  )
}

/** *Check permission*: the answer is that of the function that each request asks. */
export async function checkPermission(
  services: AccessServices,
  { userId, permission, resource: on }: { userId: string; permission: Permission; resource: Resource },
  { reader, signal }: { reader: Actor; signal: AbortSignal },
): Promise<{ isAllowed: boolean; grants: AccessGrant[]; blockers: string[] }> {
  const { database } = services
  const user = await requireUser(database, userId)
  const actor = await actorOf(database, user)
  const granted = await readUserGrants(services, user)
  const isAllowed = isPermitted(actor, permission, on)
  const grants = granted.filter(
    (grant) => isAllowed && covers(grant.resource, on) && ROLE_PERMISSIONS[grant.role].includes(permission),
  )
  const blockers = [
    ...(user.disabledAtMs === null ? [] : [`${user.username} is disabled and cannot sign in.`]),
    ...(permission === 'table:maintain' ? await findProtection(services, on, { reader, signal }) : []),
    ...(permission === 'table:write' || permission === 'table:maintain' ? await findDemand(database, on) : []),
  ]
  return { isAllowed, grants: grants.slice(0, 100), blockers }
}

/** The policy of a namespace that demands two people. */
async function findDemand(database: Database, { catalog, namespace }: Resource): Promise<string[]> {
  if (catalog === undefined || namespace === undefined) return []
  const policy = await findChangePolicy(database, { catalog, namespace })
  if (policy === null) return []
  return [
    `Changes of tables and views in ${namespaceLabel(policy.namespace)} need two people: they have to be proposed.`,
  ]
}

/** The protection of the table or view itself, which no grant lifts. */
async function findProtection(
  { catalogs }: AccessServices,
  { catalog: name, namespace, table }: Resource,
  { reader, signal }: { reader: Actor; signal: AbortSignal },
): Promise<string[]> {
  if (name === undefined || namespace === undefined || table === undefined) return []
  const catalog = await catalogs.open(name, reader)
  const found =
    (await nullIfMissing(catalog.loadTable({ catalog: name, namespace, table }, { signal }))) ??
    (await nullIfMissing(catalog.loadView({ catalog: name, namespace, view: table }, { signal })))
  if (found === null) return ['There is no such table or view.']
  const problem = protectionProblem(found, 'tableUuid' in found.metadata ? 'table' : 'view')
  return problem === null ? [] : [problem]
}

/** Null also where the catalog has no views. */
async function nullIfMissing<Entry>(loading: Promise<Entry>): Promise<Entry | null> {
  try {
    return await loading
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'not-supported')) return null
    throw error
  }
}

type Person = {
  userId: string
  username: string
  displayName: string | null
  isDisabled: boolean
  role: Role
  grants: AccessGrant[]
}

/**
 * Users with a role on a resource, from a page of all users in order of their names.
 *
 * @param after the `next` of the page before
 */
export async function listAccess(
  services: AccessServices,
  { on, after }: { on: Resource; after?: string | undefined },
): Promise<{ users: Person[]; next: string | null }> {
  const { database } = services
  const users = await listUserPage(database, { after, limit: USERS_PER_PAGE + 1 })
  const page = users.slice(0, USERS_PER_PAGE)
  const ids = page.map(({ userId }) => userId)
  const [stored, granted, groups] = await Promise.all([
    listGrants(database, { reaching: on }, MAX_GRANTS),
    readGrantsOf(database, ids),
    readGroupIds(database, ids),
  ])
  const reasons = await describeGrants(services, stored)
  const permitted = page.flatMap((user): Person[] => {
    const actor = actorFor({ ...user, roleGrants: granted.get(user.userId) ?? [] })
    const role = ROLES.findLast((one) =>
      ROLE_PERMISSIONS[one].every((permission) => isPermittedOn(actor, permission, on)),
    )
    if (role === undefined) return []
    const own = stored.flatMap((grant, i) => (isOf(grant, user.userId, groups) ? (reasons[i] ?? []) : []))
    const { userId, username, displayName, disabledAtMs } = user
    const grants = [...baseGrant(user), ...own].slice(0, MAX_REASONS)
    return [{ userId, username, displayName, isDisabled: disabledAtMs !== null, role, grants }]
  })
  return { users: permitted, next: users.length > page.length ? (page.at(-1)?.username ?? null) : null }
}

/** A role on less than everything has no permissions of the console. */
function isPermittedOn(actor: Actor, permission: Permission, resource: Resource): boolean {
  const isOfConsole = permission === 'console:admin' || permission === 'audit:read'
  return isOfConsole && resource.catalog !== undefined ? true : isPermitted(actor, permission, resource)
}

async function readGroupIds(
  database: Services['database'],
  userIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const groups = await readGroupsOf(database, userIds)
  return new Map([...groups].map(([userId, own]) => [userId, new Set(own.map(({ groupId }) => groupId))]))
}

function isOf({ holder }: StoredGrant, userId: string, groups: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (holder.kind === 'everyone') return true
  return holder.kind === 'user' ? holder.id === userId : groups.get(userId)?.has(holder.id) === true
}
