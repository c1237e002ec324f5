import 'server-only'
import type { ChangePolicy } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Namespace } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import { findChangePolicy, type OwnPolicy, setPolicyChange } from '@/server/db/catalog/change-policies'
import type { Database } from '@/server/db/database'
import type { LakeServices } from '@/server/catalog/lake-services'

type InNamespace = { catalog: string; namespace: Namespace }

export async function readChangePolicy(database: Database, resource: InNamespace): Promise<ChangePolicy> {
  const policy = await findChangePolicy(database, resource)
  return {
    requiresProposal: policy !== null,
    demandedBy: policy?.namespace ?? null,
    enginesRefusedBy: policy?.ofEngines ?? null,
  }
}

/**
 * @throws {AppError} not-found when the namespace does not exist; invalid-request for a rule for engines that would not
 *   hold
 */
export async function setChangePolicy(
  { catalogs, database }: Pick<LakeServices, 'catalogs' | 'database'>,
  resource: InNamespace,
  { requiresProposal, includesEngines = false }: OwnPolicy,
  { actor, signal, requestId }: { actor: Actor; signal: AbortSignal; requestId: string | null },
): Promise<ChangePolicy> {
  const catalog = await catalogs.open(resource.catalog, actor)
  await catalog.loadNamespace(resource.namespace, { signal })
  if (includesEngines && (!requiresProposal || catalog.kind !== 'embedded'))
    throw new AppError(
      'invalid-request',
      requiresProposal
        ? `Engines commit to the catalog ${resource.catalog} without asking Lakeshore, so it cannot refuse them. Set the rule there.`
        : 'Commits of engines are refused only if changes need two people.',
    )
  await database.commit([
    setPolicyChange(resource, { requiresProposal, includesEngines, by: actor.username }),
    auditChange({
      actor,
      via: actor.via ?? null,
      action: 'set-change-policy',
      namespace: resource,
      after: { policy: { requiresProposal, ...(requiresProposal && { includesEngines }) } },
      requestId,
    }),
  ])
  return readChangePolicy(database, resource)
}
