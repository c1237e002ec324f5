import type { Namespace } from '@/lib/names/identifiers'
import type { PlanOptions } from '@/lib/query/load/table-scan'

/**
 * Lists the names that the user may see in a connection.
 *
 * @throws {AppError} not-found for an unknown connection or namespace; forbidden
 */
export type LakeNames = {
  /** The namespaces directly in `parent`; null is the top of the connection. A long list is truncated. */
  listNamespaces: (
    connection: string,
    parent: Namespace | null,
    options: PlanOptions,
  ) => Promise<{ namespaces: readonly Namespace[]; isTruncated: boolean }>
  /** All tables directly in a namespace, by name. */
  listTables: (connection: string, namespace: Namespace, options: PlanOptions) => Promise<readonly string[]>
  /** All views directly in a namespace, by name; none where a catalog has no views. */
  listViews: (connection: string, namespace: Namespace, options: PlanOptions) => Promise<readonly string[]>
}

/** Whether a namespace exists that the user may enter; null when this is not known. */
export async function namespaceExists(
  { listNamespaces }: LakeNames,
  connection: string,
  namespace: Namespace,
  options: PlanOptions,
): Promise<boolean | null> {
  const parent = namespace.length > 1 ? namespace.slice(0, -1) : null
  const { namespaces, isTruncated } = await listNamespaces(connection, parent, options)
  const name = namespace.at(-1)?.toLowerCase()
  // A catalog may ignore case.
  if (namespaces.some((each) => each.at(-1)?.toLowerCase() === name)) return true
  return isTruncated ? null : false
}
