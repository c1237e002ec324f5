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
  putGrantChanges,
  type StoredGrant,
} from '@/server/db/auth/grants'
import { findGroupsByName } from '@/server/db/auth/groups'
import { listUserPage } from '@/server/db/auth/user-pages'
import type { User } from '@/server/db/auth/users'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import type { Services } from '@/server/services'
import { type AccessContext, accessAudit } from './access-audit'
import { describeGrants } from './describe-grants'
import { requireGroup } from './groups'
import { requireUser } from './users'

const MAX_LISTED = 2000
const MAX_HOLDERS = 50

type GrantServices = Pick<Services, 'config' | 'database'>

/** Grants as an admin sees them. Those of a user include the role that they have on everything. */
export async function listAccessGrants(
  services: GrantServices,
  filter: GrantFilter,
): Promise<{ grants: AccessGrant[]; isCut: boolean }> {
  const { database } = services
  const stored = await listGrants(database, filter, MAX_LISTED)
  const base = 'userId' in filter ? baseGrant(await requireUser(database, filter.userId)) : []
  const grants = [...base, ...(await describeGrants(services, stored))]
  return { grants: grants.slice(0, MAX_LISTED), isCut: stored.length >= MAX_LISTED }
}

/** The role that a user has on everything, as a grant. */
export function baseGrant({ userId, username, role }: Pick<User, 'userId' | 'username' | 'role'>): AccessGrant[] {
  if (role === null) return []
  const holder = { kind: 'user', id: userId, name: username } as const
  return [{ grantId: null, holder, role, on: {}, createdAtMs: null, createdBy: null, isThere: true }]
}

export type GrantForm = { holder: { kind: GrantHolder['kind']; id?: string | undefined }; role: Role; on: Resource }

/**
 * Gives a holder a role on a resource, in place of the one that they have on it.
 *
 * @param alongside rows that belong to the grant, by its id
 * @throws {AppError} not-found for the holder; invalid-request for a user on everything, and for too many grants
 */
export async function addGrant(
  services: GrantServices,
  { holder: { kind, id }, role, on }: GrantForm,
  context: AccessContext,
  alongside: Parameters<typeof commitGrant>[1] = [],
): Promise<AccessGrant> {
  const { database } = services
  const holder = kind === 'everyone' ? { ...EVERYONE, name: 'everyone' } : await findHolder(database, kind, id)
  if (kind === 'user' && on.catalog === undefined) {
    throw new AppError('invalid-request', 'The role of a user on everything is changed with the user.')
  }
  const before = await findGrantOn(database, holder, on)
  const grantId = ulid()
  const audit = accessAudit(before ? 'change-grant' : 'add-grant', context, {
    before: before && { grant: { holder: holder.name, role: before.role, on } },
    after: { grant: { holder: holder.name, role, on } },
    on,
  })
  const changes = putGrantChanges({ grantId, holder, role, on, createdBy: context.actor.username })
  await commitGrant(database, [...changes, audit, ...alongside])
  const [described] = await describeGrants(services, [await requireGrant(database, grantId)])
  if (!described) throw new Error('the new grant was not described')
  return described
}

async function findHolder(database: Database, kind: 'user' | 'group', id: string | undefined): Promise<GrantHolder> {
  if (id === undefined) throw new AppError('invalid-request', 'The holder of a grant needs an id.')
  const name = kind === 'user' ? (await requireUser(database, id)).username : (await requireGroup(database, id)).name
  return { kind, id, name }
}

/** @throws {AppError} not-found, in the same words for a grant that the actor may not manage and for none */
export async function removeGrant(
  { database }: Pick<Services, 'database'>,
  grantId: string,
  { actor, requestId }: { actor: Actor; requestId: string | null },
): Promise<void> {
  const grant = await requireGrant(database, grantId)
  if (!isPermitted(actor, 'access:manage', grant.on)) throw grantNotFoundError()
  const { holder, role, on } = grant
  try {
    await database.commit([
      deleteGrantChange(grantId),
      accessAudit(
        'remove-grant',
        { actor, requestId },
        { before: { grant: { holder: holder.name, role, on } }, after: null, on },
      ),
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

/** Everyone, then groups, then users whose names contain the words. */
export async function listHolders(
  database: Database,
  words: string | undefined,
): Promise<{ holders: GrantHolder[]; isCut: boolean }> {
  const part = words === '' ? undefined : words
  const [groups, users] = await Promise.all([
    findGroupsByName(database, part, MAX_HOLDERS + 1),
    listUserPage(database, { words: part, limit: MAX_HOLDERS + 1 }),
  ])
  const isEveryone = part === undefined || 'everyone'.includes(part.toLowerCase())
  const holders: GrantHolder[] = [
    ...(isEveryone ? [{ ...EVERYONE, name: 'everyone' }] : []),
    ...groups.map(({ groupId, name }) => ({ kind: 'group' as const, id: groupId, name })),
    ...users.map(({ userId, username }) => ({ kind: 'user' as const, id: userId, name: username })),
  ]
  return { holders: holders.slice(0, MAX_HOLDERS), isCut: holders.length > MAX_HOLDERS }
}
