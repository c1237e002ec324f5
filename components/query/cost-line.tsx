import { IconAlertTriangle } from '@tabler/icons-react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { QueryCost } from '@/lib/query/engine'
import classes from './cost-line.module.css'

const LazyQueryCost = lazyComponent(async () => (await import('./query-cost')).QueryCostParts, {
  loading: ({ children }) => children,
})

/** The cost of the query and the zone of its literals, in the corner of the editor. */
export function CostLine({
  cost,
  isSelection,
  isTooLong,
}: {
  cost: QueryCost | null
  /** The cost is that of the first statement of a selection. */
  isSelection: boolean
  isTooLong: boolean
}) {
  const zone = <span className={classes.part}>literals in UTC</span>
  return (
    <p className={classes.line} aria-live="polite">
      {isTooLong && (
        <span className={`${classes.part} warn`}>
          <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
          too long to be stored: lost when you leave this page
        </span>
      )}
      {cost === null ? zone : <LazyQueryCost {...{ cost, isSelection }}>{zone}</LazyQueryCost>}
    </p>
  )
}
