import { Button } from '@mantine/core'
import { EmptyState } from '@/components/ui/notes/empty-state'
import type { SearchState } from '@/lib/client/rows/read-state'
import { formatCount, formatQuantity } from '@/lib/format/count'

/** Shown instead of the rows until a row passes the filter. */
export function SearchEmpty({
  search: { status, progress },
  fileCount,
  onContinue,
  onStop,
  onClear,
}: {
  search: SearchState
  fileCount: number
  onContinue: () => void
  onStop: () => void
  onClear: () => void
}) {
  const searched = `${formatCount(progress.filesSearched)} of ${formatQuantity(fileCount, 'file')} searched`
  switch (status) {
    case 'running':
      return (
        <EmptyState
          action={
            <Button variant="default" onClick={onStop}>
              Stop
            </Button>
          }
        >
          Searching for rows that match these filters: {searched}.
        </EmptyState>
      )
    case 'paused':
    case 'failed':
      return (
        <EmptyState
          action={
            <Button variant="default" onClick={onContinue}>
              Search on
            </Button>
          }
        >
          No rows match these filters yet: {searched}.
        </EmptyState>
      )
    case 'complete':
      return (
        <EmptyState
          action={
            <Button variant="default" onClick={onClear}>
              Clear filters
            </Button>
          }
        >
          No rows match these filters.
        </EmptyState>
      )
  }
}
