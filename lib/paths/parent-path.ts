import type { NamespaceIdentifier } from '@/lib/names/identifiers'
import { paths } from './paths'

/** The address of the namespace around this one, or of its catalog. */
export function parentPath({ catalog, namespace }: NamespaceIdentifier): string {
  return namespace.length > 1 ? paths.namespace(catalog, namespace.slice(0, -1)) : paths.catalog(catalog)
}
