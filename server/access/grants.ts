import 'server-only'
import { ulid } from 'ulid'
import type { AccessGrant, GrantHolder } from '@/lib/contract/access/shapes'
import { AppError } from '@/lib/errors'
import type { Resource, Role } from '@/lib/permissions'
import { type Actor, isPermitted } from '@/server/auth/actor'
import {
  commitGrant,
  deleteGrantChange,
  EVERYONE,
  findGrant,
  findGrantOn,
  type GrantFilter,
  listGrants,
  MAX_GRANTS,
  putGrantChanges,
  type StoredGrant,
} from '@/server/db/auth/grants'
import { findGroupsByName } from '@/server/db/auth/groups'
import { listUserPage } from '@/server/db/auth/user-pages'
import { lowerAscii } from '@/server/db/lower-ascii'
import type { User } from '@/server/db/auth/users'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import type { Services } from '@/server/services'
import { type AccessContext, grantAudit } from './access-audit'
import { describeGrants } from './describe-grants'
import { formatGrantCursor, parseGrantCursor } from './grant-cursor'
import { requireGroup } from './groups'
import { requireUser } from './users'

const GRANTS_PER_PAGE = 200
const MAX_HOLDERS = 50

type GrantServices = Pick<Services, 'config' | 'database'>

/**
 * A page of grants as an admin sees them. A user's grants begin with their role on everything.
 *
 * @param after the `next` of the page before
 * @throws {AppError} invalid-request for another text
 */
export async function listGrantPage(
  services: GrantServices,
  filter: GrantFilter,
  after: string | undefined,
): Promise<{ grants: AccessGrant[]; next: string | null }> {
  const { database } = services
  const behind = after === undefined ? null : await parseGrantCursor(after, (grantId) => findGrant(database, grantId))
  const stored = await listGrants(database, filter, GRANTS_PER_PAGE + 1, behind)
  const page = stored.slice(0, GRANTS_PER_PAGE)
  const base = 'userId' in filter && behind === null ? baseGrant(await requireUser(database, filter.userId)) : []
  const last = stored.length > page.length ? page.at(-1) : undefined
  return {
    grants: [...base, ...(await describeGrants(services, page))],
    next: last ? formatGrantCursor(last) : null,
  }
}

/** All grants that a user has, with the role on everything. */
export async function readUserGrants(services: GrantServices, user: User): Promise<AccessGrant[]> {
  const stored = await listGrants(services.database, { userId: user.userId }, MAX_GRANTS)
  return [...baseGrant(user), ...(await describeGrants(services, stored))]
}

/** The role that a user has on everything, as a grant. */
export function baseGrant({ userId, username, role }: Pick<User, 'userId' | 'username' | 'role'>): AccessGrant[] {
  if (role === null) return []
  const holder = { kind: 'user', id: userId, name: username } as const
  return [{ grantId: null, holder, role, resource: {}, createdAtMs: null, createdBy: null, exists: true }]
}

export type GrantForm = {
  holder: { kind: GrantHolder['kind']; id?: string | undefined }
  role: Role
  resource: Resource
}

/**
 * Gives a holder a role on a resource, which replaces their role on it.
 *
 * @param alongside rows that belong to the grant, by its id
 * @throws {AppError} not-found for the holder; invalid-request for a user on everything, and for too many grants
 */
export async function addGrant(
  services: GrantServices,
  { holder: { kind, id }, role, resource: on }: GrantForm,
  context: AccessContext,
  alongside: Parameters<typeof commitGrant>[1] = [],
): Promise<AccessGrant> {
  const { database } = services
  const holder = await requireHolder(database, { kind, id })
  if (kind === 'user' && on.catalog === undefined) {
    throw new AppError('invalid-request', 'A user’s role on everything is set on the user, not as a grant.')
  }
  const before = await findGrantOn(database, holder, on)
  const grantId = ulid()
  const audit = grantAudit({ holder: holder.name, resource: on, before: before?.role ?? null, after: role }, context)
  const changes = putGrantChanges({ grantId, holder, role, resource: on, createdBy: context.actor.username })
  await commitGrant(database, [...changes, audit, ...alongside])
  const [described] = await describeGrants(services, [await requireGrant(database, grantId)])
  if (!described) throw new Error('the new grant was not described')
  return described
}

/** @throws {AppError} not-found; invalid-request without the id of a user or a group */
export async function requireHolder(database: Database, { kind, id }: GrantForm['holder']): Promise<GrantHolder> {
  if (kind === 'everyone') return { ...EVERYONE, name: 'everyone' }
  if (id === undefined) throw new AppError('invalid-request', 'The holder of a grant needs an id.')
  const name = kind === 'user' ? (await requireUser(database, id)).username : (await requireGroup(database, id)).name
  return { kind, id, name }
}

/** @throws {AppError} not-found, in the same words for a grant that the actor may not manage and for a missing one */
export async function removeGrant(
  { database }: Pick<Services, 'database'>,
  grantId: string,
  { actor, requestId }: { actor: Actor; requestId: string | null },
): Promise<void> {
  const grant = await requireGrant(database, grantId)
  if (!isPermitted(actor, 'access:manage', grant.resource)) throw grantNotFoundError()
  const { holder, role, resource: on } = grant
  try {
    await database.commit([
      deleteGrantChange(grantId),
      grantAudit({ holder: holder.name, resource: on, before: role, after: null }, { actor, requestId }),
    ])
  } catch (error) {
    throw error instanceof UnexpectedChanges ? grantNotFoundError() : error
  }
}

async function requireGrant(database: Database, grantId: string): Promise<StoredGrant> {
  const grant = await findGrant(database, grantId)
  if (!grant) throw grantNotFoundError()
  return grant
}

function grantNotFoundError(): AppError {
  return new AppError('not-found', 'There is no such grant.')
}

/** Everyone, then groups, then users whose names contain the query; those whose whole name it is come first. */
export async function listHolders(
  database: Database,
  query: string | undefined,
): Promise<{ holders: GrantHolder[]; isTruncated: boolean }> {
  const part = query === '' ? undefined : query
  const [groups, users] = await Promise.all([
    findGroupsByName(database, part, MAX_HOLDERS + 1),
    listUserPage(database, { query: part, limit: MAX_HOLDERS + 1 }),
  ])
  const isEveryone = part === undefined || 'everyone'.includes(part.toLowerCase())
  const holders: GrantHolder[] = [
    ...(isEveryone ? [{ ...EVERYONE, name: 'everyone' }] : []),
    ...groups.map(({ groupId, name }) => ({ kind: 'group' as const, id: groupId, name })),
    ...users.map(({ userId, username }) => ({ kind: 'user' as const, id: userId, name: username })),
  ]
  const isExact = ({ name }: GrantHolder) => part !== undefined && lowerAscii(name) === lowerAscii(part)
  const sorted = [...holders.filter(isExact), ...holders.filter((holder) => !isExact(holder))]
  return { holders: sorted.slice(0, MAX_HOLDERS), isTruncated: holders.length > MAX_HOLDERS }
}
