import 'server-only'
import { ulid } from 'ulid'
import { AppError } from '@/lib/errors'
import { isLikeEveryone } from '@/lib/names/everyone-name'
import { deleteGroup, findGroup, type Group, insertGroup, memberChange, updateGroupName } from '@/server/db/auth/groups'
import { EVERYONE } from '@/server/db/auth/grants'
import type { Database } from '@/server/db/database'
import { tryCommit } from '@/server/db/try-commit'
import { requireUser } from './users'
import { type AccessContext, accessAudit } from './access-audit'

/** @throws {AppError} not-found */
export async function requireGroup(database: Database, groupId: string): Promise<Group> {
  const group = await findGroup(database, groupId)
  if (!group) throw new AppError('not-found', 'There is no such group.')
  return group
}

/** @throws {AppError} invalid-request for a name that lists would confuse with the group of all users */
function requireGroupName(name: string): void {
  if (!isLikeEveryone(name)) return
  throw new AppError(
    'invalid-request',
    `All users are in ${EVERYONE.id}, so no other group can have this name, or one that looks like it.`,
  )
}

/** @throws {AppError} already-exists, invalid-request */
export async function addGroup(database: Database, name: string, context: AccessContext): Promise<Group> {
  requireGroupName(name)
  const groupId = ulid()
  await insertGroup(database, { groupId, name, createdBy: context.actor.username }, [
    accessAudit('add-group', context, { before: null, after: { group: { name } } }),
  ])
  return requireGroup(database, groupId)
}

/** @throws {AppError} not-found, already-exists; invalid-request for the name, and for a group of a provider */
export async function renameGroup(
  database: Database,
  groupId: string,
  name: string,
  context: AccessContext,
): Promise<Group> {
  requireGroupName(name)
  const group = await requireOwnGroup(database, groupId)
  await updateGroupName(database, groupId, name, [
    accessAudit('rename-group', context, { before: { group: { name: group.name } }, after: { group: { name } } }),
  ])
  return requireGroup(database, groupId)
}

/** @throws {AppError} not-found */
export async function removeGroup(database: Database, groupId: string, context: AccessContext): Promise<void> {
  const { name } = await requireGroup(database, groupId)
  await deleteGroup(database, groupId, [
    accessAudit('remove-group', context, { before: { group: { name } }, after: null }),
  ])
}

/**
 * Makes a user a member of a group, or no longer one. Nothing changes when they already are, or are not.
 *
 * @throws {AppError} not-found; invalid-request for a group of a provider
 */
export async function setMember(
  database: Database,
  { groupId, userId, isMember }: { groupId: string; userId: string; isMember: boolean },
  context: AccessContext,
): Promise<void> {
  const { name } = await requireOwnGroup(database, groupId)
  const { username: member } = await requireUser(database, userId)
  const audit = accessAudit(isMember ? 'add-member' : 'remove-member', context, {
    before: { group: { name, ...(!isMember && { member }) } },
    after: { group: { name, ...(isMember && { member }) } },
  })
  await tryCommit(database, [memberChange(groupId, userId, isMember), audit])
}

async function requireOwnGroup(database: Database, groupId: string): Promise<Group> {
  const group = await requireGroup(database, groupId)
  if (group.source === 'console') return group
  throw new AppError('invalid-request', `${group.name} comes from the identity provider. Change it there.`)
}
