import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { formatQuantity } from '@/lib/format/count'

/** Fetches the next page of a listing, and says so when that failed. */
export function ListMore({
  listedCount,
  query,
}: {
  listedCount: number
  query: {
    hasNextPage: boolean
    isFetchingNextPage: boolean
    isFetchNextPageError: boolean
    error: Error | null
    fetchNextPage: () => Promise<unknown>
  }
}) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, error, fetchNextPage } = query
  if (!hasNextPage) return null
  return (
    <>
      {isFetchNextPageError && <span role="alert">More entries cannot be listed: {error?.message}</span>}
      <WaitingButton variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {formatQuantity(listedCount, 'entry', 'entries')} listed, list more
      </WaitingButton>
    </>
  )
}
