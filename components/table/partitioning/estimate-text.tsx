import type { WireEstimate } from '@/lib/contract/table/layout'
import { formatCount } from '@/lib/format/count'
import classes from './simulator.module.css'

type EstimateProps = {
  value: WireEstimate
  format?: (value: number) => string
}

/** An exact number, or an estimate with its limits below it. */
export function EstimateText({ value: { low, estimate, high }, format = formatCount }: EstimateProps) {
  const [from, to] = [format(low), format(high)]
  if (from === to) return <>{from}</>
  return (
    <span className={classes.estimate}>
      {estimate === null ? <span className="quiet">unknown</span> : `≈ ${format(estimate)}`}
      <span className={classes.limits}>
        {from}–{to}
      </span>
    </span>
  )
}
