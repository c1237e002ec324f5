'use client'
import { useRouter } from 'next/navigation'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useReview } from '@/components/changes/action/use-review'
import { useIdempotencyKey } from '@/components/changes/commit/use-idempotency-key'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useRowFilter } from '@/components/table/rows/use-row-filter'
import { rowDeletionReviewQuery, useDeleteRows } from '@/lib/client/jobs/row-deletions'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { matchingRowsText, removesNothing, rowDeletionParts } from './delete-rows-review'
import { deletionBranch } from './deletion-branch'

const NO_FILTER = 'The rows have no filter now. Filter them by the rows to delete.'
/** Without such a condition, more rows would match than the user asked for. */
const NOT_APPLIED =
  'A condition of the filter is not applied, because the table has no such column now. Remove it first.'

/** Deletes the rows that pass the filter of the Data tab, or proposes it, after a review and the typed name. */
export function DeleteRowsPanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const router = useRouter()
  const { detail } = useShownTable()
  const { metadataLocation, schema, shown } = detail
  const { state } = useRowFilter(schema.fields, { table, metadataLocation })
  const start = useDeleteRows(table)
  const branch = deletionBranch(shown)
  const filter = state.kind === 'ready' ? state.filter : null
  const isWhole = filter?.conditions.every(({ missing }) => missing === undefined) === true
  const deletion = { where: filter?.where ?? '', branch: branch ?? null }
  const canReview = isWhole && deletion.where !== '' && branch !== undefined
  const [idempotencyKey, renewKey] = useIdempotencyKey([table, deletion])
  const { query, data } = useReview(rowDeletionReviewQuery(table, deletion, metadataLocation), start, canReview)
  const problem = state.kind === 'none' ? NO_FILTER : filter !== null && !isWhole ? NOT_APPLIED : null
  return (
    <ActionPanel
      title="Delete matching rows"
      width={468}
      entry={table}
      query={canReview ? query : null}
      warnings={problem === null ? [] : [problem]}
      {...rowDeletionParts(data)}
      write={start}
      action={
        data === undefined
          ? null
          : removesNothing(data)
            ? 'close'
            : {
                proposed: { kind: 'delete-rows', ...deletion },
                id: JSON.stringify(deletion),
                label: `Delete ${matchingRowsText(data)}`,
                needsConfirmation: true,
                commit: (confirmedName = '') =>
                  start.mutate(
                    { deletion, confirmedName, idempotencyKey },
                    { onSuccess: ({ run }) => router.push(paths.run(run.id)), onError: renewKey },
                  ),
              }
      }
      onClose={onClose}
    />
  )
}
