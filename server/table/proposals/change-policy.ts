import 'server-only'
import type { Namespace } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import { findChangePolicy, setPolicyChange } from '@/server/db/catalog/change-policies'
import type { Database } from '@/server/db/database'
import type { Services } from '@/server/services'

type InNamespace = { catalog: string; namespace: Namespace }
type ChangePolicy = { requiresProposal: boolean; demandedBy: Namespace | null }

export async function readChangePolicy(database: Database, resource: InNamespace): Promise<ChangePolicy> {
  const policy = await findChangePolicy(database, resource)
  return { requiresProposal: policy !== null, demandedBy: policy?.namespace ?? null }
}

/** @throws {AppError} not-found when the namespace does not exist */
export async function setChangePolicy(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  resource: InNamespace,
  requiresProposal: boolean,
  { actor, signal, requestId }: { actor: Actor; signal: AbortSignal; requestId: string | null },
): Promise<ChangePolicy> {
  await (await catalogs.open(resource.catalog, actor)).loadNamespace(resource.namespace, { signal })
  await database.commit([
    setPolicyChange(resource, { requiresProposal, by: actor.username }),
    auditChange({
      actor,
      via: actor.via ?? null,
      action: 'set-change-policy',
      namespace: resource,
      after: { policy: { requiresProposal } },
      requestId,
    }),
  ])
  return readChangePolicy(database, resource)
}
