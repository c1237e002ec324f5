import 'server-only'
import type { ChangeOrigin } from '@/lib/contract/shapes/change-origin'
import { type Actor, actorFor } from '@/server/auth/actor'
import { readRoleGrants } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'

/** Ids of users are ULIDs; the command line, the demo and the console itself act under names. */
const USER_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** The user that a run acts for, with the grants that they have now. A user who was removed has none. */
export async function runActor(database: Database, { actor, kind }: Pick<Run, 'actor' | 'kind'>): Promise<Actor> {
  const origin = toOrigin({ actor, kind })
  if (!USER_ID.test(actor.userId)) return actorFor({ ...actor, origin })
  const [user, roleGrants] = await Promise.all([
    findUser(database, actor.userId),
    readRoleGrants(database, actor.userId),
  ])
  return actorFor({ ...actor, origin, role: user?.role ?? null, roleGrants: user ? roleGrants : [] })
}

/**
 * The user of a run, for what was permitted when the run was queued and has to be finished or cleaned up, whatever they
 * may do now: it opens the catalog with all rights.
 */
export function finishingActor({ actor, kind }: Pick<Run, 'actor' | 'kind'>): Actor {
  const { userId, username } = actor
  return actorFor({ userId, username, role: 'admin', origin: toOrigin({ actor, kind }) })
}

/** The audit names the job, and not where it was queued; the demo lake is named for its own loads. */
function toOrigin({ actor: { origin }, kind }: Pick<Run, 'actor' | 'kind'>): ChangeOrigin {
  return origin?.kind === 'demo' ? origin : { kind: 'job', job: kind }
}
