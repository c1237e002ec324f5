import classes from './sparkline.module.css'

const WIDTH_PX = 92
const HEIGHT_PX = 16
const GAP_PX = 1

/** A small bar chart without axes for a table row. `label` says the same in words, also on hover. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const maxValue = Math.max(1, ...values)
  const step = WIDTH_PX / Math.max(1, values.length)
  return (
    <svg width={WIDTH_PX} height={HEIGHT_PX} className={classes.spark} role="img" aria-label={label}>
      <title>{label}</title>
      {values.map((value, index) => {
        if (value === 0) return null
        const height = Math.max(2, (value / maxValue) * HEIGHT_PX)
        return <rect key={index} x={index * step} y={HEIGHT_PX - height} width={step - GAP_PX} height={height} />
      })}
    </svg>
  )
}
