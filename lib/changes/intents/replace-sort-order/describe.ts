import { existingFiles } from '../existing-files'
import { parseTransform, transformLabel } from '../../../iceberg/partitioning/transform'
import type { SortField } from '../../../iceberg/partitioning/sort-order'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** A field of a sort order, with the column's names from the top as the person saw it. */
export type RequestedSortField = Pick<SortField, 'sourceId' | 'transform' | 'direction' | 'nullOrder'> & {
  source: readonly string[]
}

/** Sorts new data by these fields, or by none. `base` is the id of the order that the person saw. */
export type ReplaceSortOrder = { kind: 'replace-sort-order'; fields: readonly RequestedSortField[]; base: number }

export const replaceSortOrderDescription: IntentDescription<ReplaceSortOrder> = {
  area: 'layout',
  target: () => 'sort order',
  sign: ({ fields }) => (fields.length === 0 ? '−' : '~'),
  describe: ({ fields }) =>
    fields.length === 0 ? ['Stop sorting new data'] : ['Sort new data by', { name: sortFieldsLabel(fields) }],
  effects: ({ fields }, figures) =>
    fields.length === 0
      ? `${existingFiles(figures)} keep their order; new files need none.`
      : `${existingFiles(figures)} keep their order; writers that support it, Lakeshore among them, sort new files.`,
}

/** `origin asc, day(date) desc nulls first`. */
export function sortFieldsLabel(fields: readonly RequestedSortField[]): string {
  return fields
    .map(({ source, transform, direction, nullOrder }) =>
      [transformLabel(parseTransform(transform), columnLabel(source)), direction, nullOrder.replace('-', ' ')].join(
        ' ',
      ),
    )
    .join(', ')
}
