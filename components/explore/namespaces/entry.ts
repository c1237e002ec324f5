import type { NamespaceContent, NamespaceEntry, TableSummary, TableSummaryEntry } from '@/lib/contract/namespaces'
import type { SortKey } from '@/components/ui/table/table-sort'

/** One row of a namespace's list: a child namespace, a table or a view. */
export type Entry =
  | { kind: 'namespace'; name: string; inside: NamespaceEntry }
  | { kind: 'table'; name: string; details: TableSummaryEntry }
  | { kind: 'view'; name: string }

export function toEntry(content: NamespaceContent): Entry {
  if (content.kind === 'namespace') return { kind: content.kind, name: content.namespace.at(-1) ?? '', inside: content }
  if (content.kind === 'table') return { kind: content.kind, name: content.table, details: content }
  return { kind: content.kind, name: content.view }
}

/** A table's figures; null for a namespace, for a view and for a table that cannot be read. */
export function entrySummary(entry: Entry): TableSummary | null {
  return entry.kind === 'table' ? entry.details.summary : null
}

/** Sorts by a figure of the summary; entries without it come last. */
export function figureSortKey(figure: (summary: TableSummary) => SortKey): (entry: Entry) => SortKey {
  return (entry) => {
    const summary = entrySummary(entry)
    return summary && figure(summary)
  }
}

/** Sums over the tables in the list. A sum is null when a table's figure is unknown, because it would be too small. */
export function sumFigures(
  entries: readonly Entry[],
): Record<'rowCount' | 'liveBytes' | 'deleteFileCount', number | null> {
  const sum = (figure: (summary: TableSummary) => number | null) =>
    entries.reduce<number | null>((total, entry) => {
      if (entry.kind !== 'table') return total
      const value = entry.details.summary && figure(entry.details.summary)
      return total === null || value === null ? null : total + value
    }, 0)
  return {
    rowCount: sum(({ rowCount }) => rowCount),
    liveBytes: sum(({ liveBytes }) => liveBytes),
    deleteFileCount: sum(({ deleteFileCount }) => deleteFileCount),
  }
}
