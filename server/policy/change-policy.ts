import 'server-only'
import type { ChangePolicy } from '@/lib/contract/proposals'
import type { Namespace } from '@/lib/names/identifiers'
import { findChangePolicy, type OwnPolicy } from '@/server/db/catalog/change-policies'
import type { Database } from '@/server/db/database'

type InNamespace = { catalog: string; namespace: Namespace }

export async function readChangePolicy(database: Database, resource: InNamespace): Promise<ChangePolicy> {
  const policy = await findChangePolicy(database, resource)
  return {
    requiresProposal: policy !== null,
    requiredBy: policy?.namespace ?? null,
    enginesBlockedBy: policy?.ofEngines ?? null,
  }
}

/** The demand of the namespace itself, without the namespaces around it. */
export async function readOwnPolicy(database: Database, resource: InNamespace): Promise<Required<OwnPolicy>> {
  const policy = await findChangePolicy(database, resource)
  const isOwn = (namespace: Namespace | null | undefined) => namespace?.length === resource.namespace.length
  return { requiresProposal: isOwn(policy?.namespace), includesEngines: isOwn(policy?.ofEngines) }
}
