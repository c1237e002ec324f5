import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { callReview } from '../call/call-review'
import { REVIEW_META } from '../call/refresh-queries'
import { refreshTable } from './changes'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import { safetyTagFields } from './refs'
import { useSingleMutation } from '../call/use-single-mutation'

/** Commits and console actions, newest first, page after page. */
export function historyQuery(identifier: TableIdentifier) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'history'],
    queryFn: (context) =>
      callEndpoint(
        'listHistory',
        { ...identifier, ...(context.pageParam !== null && { before: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextBefore,
    select: ({ pages }) => pages.flatMap((page) => page.entries),
  })
}

/** The effects of undoing an entry. */
export function undoPreviewQuery(identifier: TableIdentifier, auditId: string, safetyTag: SafetyTag | null) {
  const tag = safetyTagFields(safetyTag)
  return queryOptions({
    queryKey: [...keys.table(identifier), 'undo-preview', auditId, tag],
    meta: REVIEW_META,
    queryFn: (context) => callReview('previewUndo', { ...identifier, auditId, ...tag }, toCallOptions(context)),
    // The figures stay visible while only the tag's name changes.
    placeholderData: keepPreviousData,
  })
}

export type UndoRequest = {
  auditId: string
  confirmedName?: string
  safetyTag?: SafetyTag | null
  idempotencyKey?: string
}

export function useUndo(identifier: TableIdentifier) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (choice: UndoRequest) => callEndpoint('undoAction', { ...identifier, ...choice }),
    onSettled: (_, error) => refreshTable(queryClient, identifier, { hasFailed: error !== null }),
  })
}
