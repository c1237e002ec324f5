import 'server-only'
import { AppError } from '@/lib/errors'
import type { Resource } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import { isFound } from '@/server/catalog/is-found'
import { isNameTaken } from '@/server/catalog/is-name-taken'
import type { Services } from '@/server/services'
import { listVisibleRequests } from './access-requests'

/** How many resources are looked up at once. */
const MAX_AT_ONCE = 8

/**
 * The requests that the actor may settle and whose connection, namespace or table does not exist. Only they learn it: a
 * request and its answer are the same for a hidden resource and for a missing one.
 */
export async function findMissingRequested(
  services: Pick<Services, 'catalogs' | 'database'>,
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<{ accessRequestIds: string[] }> {
  const { requests } = await listVisibleRequests(services.database, actor)
  const open = requests.filter(({ canDecide }) => canDecide)
  const resources = new Map(open.map(({ resource: on }) => [keyOf(on), on]))
  const missing = new Set<string>()
  const left = resources.entries()
  const checkNext = async (): Promise<void> => {
    for (const [key, on] of left) {
      if (await isMissing(services, on, actor, signal)) missing.add(key)
    }
  }
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, checkNext))
  return {
    accessRequestIds: open.flatMap(({ accessRequestId, resource: on }) =>
      missing.has(keyOf(on)) ? accessRequestId : [],
    ),
  }
}

async function isMissing(
  { catalogs }: Pick<Services, 'catalogs'>,
  { catalog: name, namespace, table }: Resource,
  actor: Actor,
  signal: AbortSignal,
): Promise<boolean> {
  if (name === undefined) return false
  try {
    let exists = true
    const isReached = await isFound(async () => {
      const catalog = await catalogs.open(name, actor)
      if (namespace === undefined) return
      if (table === undefined) await catalog.loadNamespace(namespace, { signal })
      else exists = await isNameTaken(catalog, { catalog: name, namespace, table }, signal)
    })
    return !(isReached && exists)
  } catch (error) {
    // A catalog that refuses or does not answer does not say that something is missing.
    if (error instanceof AppError && error.code !== 'cancelled' && error.code !== 'internal') return false
    throw error
  }
}

function keyOf({ catalog, namespace, table }: Resource): string {
  return JSON.stringify([catalog, namespace, table])
}
