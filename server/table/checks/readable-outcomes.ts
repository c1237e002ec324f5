import 'server-only'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { findRestrictedTables } from '@/server/catalog/restricted-tables'
import type { CheckOutcome, DatedOutcome } from './queued-checks'

/**
 * Which stored results the actor may see with rows and messages: the actor has to be permitted to read all tables that
 * the check read, and their catalogs may not restrict that now. The user who ran the check needs no permission, because
 * that user has read the rows.
 *
 * @returns whether a result of these may be seen
 */
export async function findReadableOutcomes(
  services: Pick<LakeServices, 'catalogs'>,
  outcomes: readonly DatedOutcome[],
  { actor, signal }: { actor: Actor; signal?: AbortSignal | undefined },
): Promise<(outcome: DatedOutcome) => boolean> {
  const isPermittedTo = ({ tables, startedByUserId }: DatedOutcome) =>
    startedByUserId === actor.userId || tables.every((table) => isPermitted(actor, 'table:read', table))
  const shown = outcomes.filter((outcome) => hasContent(outcome) && isPermittedTo(outcome))
  const isRestricted = await findRestrictedTables(
    services,
    shown.flatMap(({ tables }) => tables),
    { actor, signal },
  )
  return (outcome) => isPermittedTo(outcome) && !outcome.tables.some(isRestricted)
}

function hasContent({ rows, message }: CheckOutcome): boolean {
  return rows.length > 0 || message !== null
}
