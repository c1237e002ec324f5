import { formatQuantity } from '@/lib/format/count'

/**
 * Ends the subtitle of Home with what is made up in the demo's tables. Renders nothing if the lake has no such table.
 */
export function DemoNote({ tableCount }: { tableCount: number }) {
  if (tableCount === 0) return null
  return (
    <>
      . {formatQuantity(tableCount, 'demo table')} {tableCount === 1 ? 'has' : 'have'} real data, but invented commit
      times and writers
    </>
  )
}
