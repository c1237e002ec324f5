import 'server-only'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { Run } from '@/server/db/jobs/runs'

/** The audit names the job, and not where it was queued; the demo lake is named for its own loads. */
export function runActor({ actor, kind }: Pick<Run, 'actor' | 'kind'>): Actor {
  const isDemo = actor.origin?.kind === 'demo'
  return actorFor({ ...actor, ...(!isDemo && { origin: { kind: 'job', job: kind } }) })
}
