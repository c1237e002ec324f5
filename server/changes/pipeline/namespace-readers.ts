import 'server-only'
import pMap from 'p-map'
import { MAX_NAMESPACE_READERS } from '@/lib/contract/lifecycle/namespaces'
import type { TableUse } from '@/lib/contract/table/uses'
import { asTableIdentifier, type Namespace } from '@/lib/names/identifiers'
import type { NamespaceEntries } from '@/server/lifecycle/namespace-entries'
import type { UseServices } from '@/server/search/known-texts'
import type { ChangeRequest } from './change-request'
import { createUseWarnings } from './use-warnings'

const CONCURRENCY = 4

/**
 * Finds the known uses of the tables and views of a namespace from outside, in sentences that begin with their name, and
 * after these how far they are known. It costs a search of the saved queries for each of them.
 *
 * @param entries of the namespace and of those in it
 * @throws {AppError} cancelled
 */
export async function findNamespaceReaders(
  services: UseServices,
  { catalog, namespace }: { catalog: string; namespace: Namespace },
  entries: readonly NamespaceEntries[],
  reader: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<string[]> {
  const isInside = ({ entry }: TableUse) =>
    entry !== null && entry.catalog === catalog && namespace.every((level, i) => entry.namespace[i] === level)
  const warnings = createUseWarnings(services, isInside)
  const all = entries.flatMap(({ tables, views }) => [...tables, ...views])
  const found = await pMap(
    all,
    async (entry) => {
      const { used, limits } =
        entry.kind === 'table'
          ? await warnings.ofTable(entry.identifier, reader)
          : await warnings.ofView(asTableIdentifier(entry.identifier), reader)
      return { used: used.map((text) => `${entry.name}: ${text}`), limits }
    },
    { concurrency: CONCURRENCY, signal: reader.signal },
  )
  const used = found.flatMap((one) => one.used)
  const limits = [...new Set(found.flatMap((one) => one.limits))]
  const named = used.slice(0, MAX_NAMESPACE_READERS)
  const further = used.length - named.length
  return [...named, ...(further > 0 ? [`${further} more are not listed.`] : []), ...limits]
}
