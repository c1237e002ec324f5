import { formatQuantity } from '@/lib/format/count'

/** Explains that the history of the demo's tables is made up. Renders nothing if the lake has no such table. */
export function DemoNote({ tableCount }: { tableCount: number }) {
  if (tableCount === 0) return null
  return (
    <p className="quiet">
      {formatQuantity(tableCount, 'table')} of the demo {tableCount === 1 ? 'has' : 'have'} real data but an invented
      history: the commits are spread over the thirty days before the demo was created, and their writers are made up.
    </p>
  )
}
