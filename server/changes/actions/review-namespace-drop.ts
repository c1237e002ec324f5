import 'server-only'
import { MAX_DROPPED_WITH_NAMESPACE, type NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import type { Namespace } from '@/lib/names/identifiers'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { findHold } from '@/server/policy/held-entries'
import type { ChangeRequest } from '../pipeline/change-request'
import { type DropServices, HELD_DROP } from './drop-namespace'
import { loadNamespaceEntries, protectedEntriesProblem } from '@/server/lifecycle/namespace-entries'
import { type NamespaceTree, readNamespaceTree } from '@/server/lifecycle/namespace-tree'

/** Shows the tables, views and namespaces that a drop removes, and what blocks it. Changes nothing. */
export async function reviewNamespaceDrop(
  services: Pick<DropServices, 'catalogs' | 'database'>,
  { catalog: catalogName, namespace }: { catalog: string; namespace: Namespace },
  context: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<NamespaceDropReview> {
  const { actor, signal } = context
  const catalog = await services.catalogs.open(catalogName, actor)
  await requireAbility(catalog, 'drop-namespace', signal)
  const tree = await readNamespaceTree(catalog, namespace, { signal })
  const { contents, isCut } = tree
  if (contents.some(({ tables }) => tables.length > 0)) await requireAbility(catalog, 'drop-table', signal)
  if (contents.some(({ views }) => views.length > 0)) await requireAbility(catalog, 'drop-view', signal)
  const problems = [...(await findHolds(services, catalogName, tree)), ...toProblems(tree)]
  // It would be a request for each of them, of a namespace that cannot be dropped.
  const protectedOnes = isCut ? null : protectedEntriesProblem(await loadNamespaceEntries(catalog, contents, context))
  return {
    contents: contents.map((one) => ({ ...one, tables: [...one.tables], views: [...one.views] })),
    isCut,
    problems: protectedOnes === null ? problems : [...problems, protectedOnes],
  }
}

async function findHolds(
  { database }: Pick<Services, 'database'>,
  catalog: string,
  { contents }: NamespaceTree,
): Promise<string[]> {
  const holds = new Set<string>()
  for (const { namespace, tables, views } of contents) {
    if (tables.length + views.length === 0) continue
    const hold = await findHold(database, { catalog, namespace }, HELD_DROP)
    if (hold !== null) holds.add(hold)
  }
  return [...holds]
}

function toProblems({ isCut, leftOutCount }: NamespaceTree): string[] {
  return [
    ...(isCut
      ? [
          `A namespace can be dropped with at most ${MAX_DROPPED_WITH_NAMESPACE} tables, as many views and as many namespaces, and this one contains more. Drop or move some of them first.`,
        ]
      : []),
    ...(leftOutCount > 0
      ? [
          `The namespace contains other namespaces that requests cannot address: ${leftOutCount}. Drop these with an engine first.`,
        ]
      : []),
  ]
}
