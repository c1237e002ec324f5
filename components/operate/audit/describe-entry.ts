import { sourceText } from '@/components/about/source-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import { formatCount } from '@/lib/format/count'
import { entryLabel, namespaceLabel } from '@/lib/names/identifiers'

/** The way in: the console with its address, an engine with its token, a job … */
export function entryOrigin(entry: Pick<AuditEntryView, 'source' | 'job' | 'via' | 'address'>): string {
  return entry.address === null ? sourceText(entry) : `${sourceText(entry)}, ${entry.address}`
}

/** The target of the entry as text; empty if it names none. */
export function targetText({ table, namespace, subject }: Pick<AuditEntryView, 'table' | 'namespace' | 'subject'>) {
  if (table) return entryLabel(table)
  if (namespace) return namespaceLabel(namespace.namespace)
  return subject?.name ?? ''
}

/** `commitChanges` → `commit changes`, the name of an endpoint or of an operation of the REST catalog. */
export function operationName(operation: string): string {
  return operation.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}

/** How often it was refused, if more than once, to begin a sentence. */
export function countText({ count }: { count: number }): string {
  return count === 1 ? '' : `${formatCount(count)} times within a minute, `
}
