import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { loadPreviewQuery, UnreadablePart } from '@/lib/client/jobs/loads'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { TableIdentifier } from '@/lib/names/identifiers'

type PreviewOptions = Omit<Parameters<typeof loadPreviewQuery>[1], 'input'>

/**
 * The first rows of a file. Those of its first bytes stay until they are read again with the rest of its beginning.
 *
 * @param input null without a file of which the server has enough
 */
export function useLoadPreview(table: TableIdentifier, input: RequestedInput | null, options: PreviewOptions) {
  const preview = useQuery({
    ...loadPreviewQuery(table, { input: input ?? { uploadId: '' }, ...options }),
    enabled: input !== null,
  })
  const { data, error, isFetching, isPlaceholderData, refetch } = preview
  const isOfPart = error === null ? data?.hasBeginning === false && !isPlaceholderData : error instanceof UnreadablePart
  // Not before the first ones are here: another request would stop this one.
  const isBehind = isOfPart && options.hasBeginning && !isFetching
  useEffect(() => {
    if (isBehind) void refetch()
  }, [isBehind, refetch])
  return preview
}
