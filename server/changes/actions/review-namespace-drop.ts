import 'server-only'
import { MAX_DROPPED_WITH_NAMESPACE, type NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import { AppError } from '@/lib/errors'
import type { NamespaceIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { findHold } from '@/server/policy/held-entries'
import type { Review, Reviewing } from '../pipeline/action'
import type { UseServices } from '@/server/search/known-texts'
import { findNamespaceReaders } from '../pipeline/namespace-readers'
import { loadNamespaceEntries, protectedEntriesProblem } from '@/server/lifecycle/namespace-entries'
import { type NamespaceContents, type NamespaceTree, readNamespaceTree } from '@/server/lifecycle/namespace-tree'

const DROP = { what: 'A drop of a namespace with its tables', by: 'console', isProposable: true } as const

/** The tables, views and namespaces that a drop removes, and what prevents it. */
export async function reviewNamespaceDrop(
  { services, catalog, actor, signal }: Reviewing<UseServices>,
  { namespace }: NamespaceIdentifier,
): Promise<Review<NamespaceDropReview>> {
  const tree = await readNamespaceTree(catalog, namespace, { signal })
  const { contents, isTruncated } = tree
  await requireDropAbilities(catalog, contents, signal)
  // It would be a request for each of them, of a namespace that cannot be dropped.
  const loaded = isTruncated
    ? []
    : await nullIfNotFound(() => loadNamespaceEntries(catalog, contents, { actor, signal, permission: 'table:read' }))
  const entries = loaded ?? []
  const protectedOnes = protectedEntriesProblem(entries)
  const problems = [
    ...toProblems(tree),
    ...(loaded === null ? ['The contents of the namespace changed while they were read. Review them again.'] : []),
    ...(protectedOnes === null ? [] : [protectedOnes]),
  ]
  return {
    problem: problems.length === 0 ? null : new AppError('invalid-request', problems.join(' ')),
    show: async () => ({
      contents: contents.map((one) => ({ ...one, tables: [...one.tables], views: [...one.views] })),
      isTruncated,
      problems,
      policyBlockers: await findHolds(services, catalog.name, tree),
      readers:
        problems.length > 0
          ? []
          : await findNamespaceReaders(services, { catalog: catalog.name, namespace }, entries, { actor, signal }),
    }),
  }
}

/** @throws {AppError} not-supported when the catalog cannot drop what is in the namespace */
export async function requireDropAbilities(
  catalog: CatalogClient,
  contents: readonly NamespaceContents[],
  signal: AbortSignal,
): Promise<void> {
  if (contents.some(({ tables }) => tables.length > 0)) await requireAbility(catalog, 'drop-table', signal)
  if (contents.some(({ views }) => views.length > 0)) await requireAbility(catalog, 'drop-view', signal)
}

async function findHolds(
  { database }: Pick<Services, 'database'>,
  catalog: string,
  { contents }: NamespaceTree,
): Promise<string[]> {
  const holds = new Set<string>()
  for (const { namespace, tables, views } of contents) {
    if (tables.length + views.length === 0) continue
    const hold = await findHold(database, { catalog, namespace }, DROP)
    if (hold !== null) holds.add(hold)
  }
  return [...holds]
}

function toProblems({ isTruncated, skippedCount }: NamespaceTree): string[] {
  return [
    ...(isTruncated
      ? [
          `A namespace can be dropped with at most ${MAX_DROPPED_WITH_NAMESPACE} tables, as many views and as many namespaces, and this one contains more. Drop or move some of them first.`,
        ]
      : []),
    ...(skippedCount > 0
      ? [
          `The namespace contains other namespaces that requests cannot address: ${skippedCount}. Drop these with an engine first.`,
        ]
      : []),
  ]
}
