import { Button } from '@mantine/core'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { SearchState } from '@/lib/client/rows/read-state'
import { formatQuantity } from '@/lib/format/count'
import type { SearchReportProps } from './search-report'

/** How many rows match, whether there may be more, and how they were found. */
export function SearchStatus({
  search,
  fileCount,
  onContinue,
  onStop,
}: {
  search: SearchState
  fileCount: number
  onContinue: () => void
  onStop: () => void
}) {
  const { status, progress, problem } = search
  const { matchCount } = progress
  const matches = formatQuantity(matchCount, 'row matches', 'rows match')
  return (
    <>
      <span className="quiet" role="status">
        {status === 'complete' ? matches : `${matches} so far`}
        {status === 'running' && ', searching…'}
      </span>
      {status === 'running' && (
        <Button variant="subtle" size="compact-xs" onClick={onStop}>
          Stop
        </Button>
      )}
      {(status === 'paused' || status === 'failed') && (
        <Button variant="subtle" size="compact-xs" title={problem?.message} onClick={onContinue}>
          Search on
        </Button>
      )}
      <LazyMenu
        popup="dialog"
        button={
          <Button variant="subtle" size="compact-xs">
            How this was read
          </Button>
        }
        load={loadReport}
        menuProps={{ search, fileCount } satisfies SearchReportProps}
      />
    </>
  )
}

async function loadReport() {
  return (await import('./search-report')).SearchReport
}
