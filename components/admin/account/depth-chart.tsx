import classes from './depth-chart.module.css'
import { DEPTH_LINES } from './depth-lines'

/** A depth chart with the shore in accent: the only ornament of the product. */
export function DepthChart() {
  return (
    <svg className={classes.chart} viewBox="0 0 720 900" preserveAspectRatio="xMidYMid slice" aria-hidden>
      {(['land', 'depth', 'shore'] as const).map((kind) => (
        <path key={kind} className={classes[kind]} d={DEPTH_LINES[kind].join('')} />
      ))}
    </svg>
  )
}
