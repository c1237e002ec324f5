import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { listHistory, undoAction } from '@/lib/contract/history'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { call } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** Commits and console actions, newest first, page after page. */
export function historyQuery(ref: TableRef) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(ref), 'history'],
    queryFn: (context) =>
      call(
        listHistory,
        { ...ref, ...(context.pageParam !== null && { before: context.pageParam }) },
        sendingOf(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextBefore,
    select: ({ pages }) => pages.flatMap((page) => page.entries),
  })
}

export function useUndo(ref: TableRef) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (auditId: string) => call(undoAction, { ...ref, auditId }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(ref) }),
  })
}
