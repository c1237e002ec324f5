import 'server-only'
import type { ChangePolicy } from '@/lib/contract/proposals'
import type { Namespace } from '@/lib/names/identifiers'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
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
