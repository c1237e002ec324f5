import type { Namespace } from '../../names/identifiers'

/** Where names of a view's SQL are looked up; null and empty when its version does not say. */
export type NameDefaults = { defaultCatalog: string | null; defaultNamespace: Namespace }

/** Where names without this part were looked up, and are now. Null: in the catalog of the view, or in no namespace. */
export type ComparedDefault = { part: 'namespace' | 'catalog'; before: string | null; after: string | null }

/**
 * The defaults that two versions differ in. They decide which tables the same SQL reads, so a change of one is a change
 * of the query.
 */
export function compareDefaults(before: NameDefaults, after: NameDefaults): ComparedDefault[] {
  const compared: ComparedDefault[] = [
    {
      part: 'namespace',
      before: defaultNamespaceText(before.defaultNamespace),
      after: defaultNamespaceText(after.defaultNamespace),
    },
    { part: 'catalog', before: before.defaultCatalog, after: after.defaultCatalog },
  ]
  return compared.filter((one) => one.before !== one.after)
}

/** Unlike a label it tells `a.b`, one level, from `a` and `b`. Null for no namespace. */
export function defaultNamespaceText(namespace: Namespace): string | null {
  if (namespace.length === 0) return null
  return namespace.map((level) => (/[."]/.test(level) ? `"${level.replaceAll('"', '""')}"` : level)).join('.')
}
