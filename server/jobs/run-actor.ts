import 'server-only'
import type { ChangeOrigin } from '@/lib/contract/shapes/change-origin'
import { AppError } from '@/lib/errors'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { Permission, Resource } from '@/lib/permissions'
import { type Actor, actorFor, isPermitted } from '@/server/auth/actor'
import { readRoleGrants } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'

/** Ids of users are ULIDs; the command line, the demo and the console itself act under names. */
const USER_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** A permission that a run needs, checked again when it starts, and when it commits. */
export type RunNeed = { permission: Permission; resource: Required<Resource> }

/**
 * The user that a run acts for, with their current grants. Before a run or its retry starts, or while it works, its user
 * may have been removed or disabled, or may have lost a role. The run then ends, and says why.
 *
 * @param consequence as a sentence
 * @throws {AppError} forbidden
 */
export async function runActor(
  database: Database,
  run: Pick<Run, 'actor' | 'kind'>,
  needs: readonly RunNeed[],
  consequence = 'The run did not begin.',
): Promise<Actor> {
  const actor = await readRunActor(database, run, consequence)
  for (const { permission, resource: on } of needs) {
    if (isPermitted(actor, permission, on)) continue
    throw new AppError(
      'forbidden',
      `${actor.username}, who started this run, no longer has the permission ${permission} on ${namespaceLabel(on.namespace ?? [])}.${on.table}. ${consequence}`,
    )
  }
  return actor
}

/**
 * The user with their current grants, for a run that reads them again while it works.
 *
 * @param consequence for the run when the user was removed or disabled, as a sentence
 * @throws {AppError} forbidden
 */
export async function readRunActor(
  database: Database,
  { actor, kind }: Pick<Run, 'actor' | 'kind'>,
  consequence: string,
): Promise<Actor> {
  const found = await findRunActor(database, { actor, kind })
  if (typeof found === 'string')
    throw new AppError('forbidden', `${actor.username}, who started this run, has been ${found}. ${consequence}`)
  return found
}

/** The user of a run or of a schedule with their current grants, or what became of their account. */
export async function findRunActor(
  database: Database,
  { actor, kind }: Pick<Run, 'actor' | 'kind'>,
): Promise<Actor | 'removed' | 'disabled'> {
  const origin = toOrigin({ actor, kind })
  if (!USER_ID.test(actor.userId)) return actorFor({ ...actor, origin })
  const [user, roleGrants] = await Promise.all([
    findUser(database, actor.userId),
    readRoleGrants(database, actor.userId),
  ])
  if (user === null) return 'removed'
  return user.disabledAtMs === null ? actorFor({ ...actor, origin, role: user.role, roleGrants }) : 'disabled'
}

/**
 * The user of a run, for work that was permitted when the run was queued and has to be finished or cleaned up, whatever
 * their permissions now: it opens the catalog with all rights.
 */
export function finishingActor({ actor, kind }: Pick<Run, 'actor' | 'kind'>): Actor {
  const { userId, username } = actor
  return actorFor({ userId, username, role: 'admin', origin: toOrigin({ actor, kind }) })
}

/** The audit names the job, and not where it was queued; the demo lake is named for its own loads. */
function toOrigin({ actor: { origin }, kind }: Pick<Run, 'actor' | 'kind'>): ChangeOrigin {
  return origin?.kind === 'demo' ? origin : { kind: 'job', job: kind }
}
