import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { callEndpoint } from './call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './retry'

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

export function useUndo(identifier: TableIdentifier) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (auditId: string) => callEndpoint('undoAction', { ...identifier, auditId }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.table(identifier) }),
  })
}
