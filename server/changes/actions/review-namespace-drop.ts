import 'server-only'
import { MAX_DROPPED_WITH_NAMESPACE, type NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import { AppError } from '@/lib/errors'
import type { NamespaceIdentifier } from '@/lib/names/identifiers'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { findHold } from '@/server/policy/held-entries'
import type { ChangeRequest } from '../pipeline/change-request'
import type { DropServices } from './drop-namespace'
import { loadNamespaceEntries, protectedEntriesProblem } from '@/server/lifecycle/namespace-entries'
import { type NamespaceTree, readNamespaceTree } from '@/server/lifecycle/namespace-tree'

const DROP = { what: 'A drop of a namespace with its tables', by: 'console', isProposable: true } as const

type ReviewServices = Pick<DropServices, 'catalogs' | 'database'>
type Reader = Pick<ChangeRequest, 'actor' | 'signal'>

/** Shows the tables, views and namespaces that a drop removes, and what blocks it. Changes nothing. */
export async function reviewNamespaceDrop(
  services: ReviewServices,
  { catalog: catalogName, namespace }: NamespaceIdentifier,
  { actor, signal }: Reader,
): Promise<NamespaceDropReview> {
  const catalog = await services.catalogs.open(catalogName, actor)
  await requireAbility(catalog, 'drop-namespace', signal)
  const tree = await readNamespaceTree(catalog, namespace, { signal })
  const { contents, isTruncated } = tree
  if (contents.some(({ tables }) => tables.length > 0)) await requireAbility(catalog, 'drop-table', signal)
  if (contents.some(({ views }) => views.length > 0)) await requireAbility(catalog, 'drop-view', signal)
  // It would be a request for each of them, of a namespace that cannot be dropped.
  const entries = isTruncated
    ? []
    : await loadNamespaceEntries(catalog, contents, { actor, signal, permission: 'table:read' })
  const protectedOnes = protectedEntriesProblem(entries)
  return {
    contents: contents.map((one) => ({ ...one, tables: [...one.tables], views: [...one.views] })),
    isTruncated,
    problems: [...toProblems(tree), ...(protectedOnes === null ? [] : [protectedOnes])],
    policyBlockers: await findHolds(services, catalogName, tree),
  }
}

/** @throws {AppError} invalid-request when it could not be carried out now */
export async function requireNamespaceDropFits(
  services: ReviewServices,
  on: NamespaceIdentifier,
  reader: Reader,
): Promise<void> {
  const { problems } = await reviewNamespaceDrop(services, on, reader)
  if (problems.length > 0) throw new AppError('invalid-request', problems.join(' '))
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
