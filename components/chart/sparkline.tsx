import classes from './sparkline.module.css'

const WIDTH = 92
const HEIGHT = 16
const GAP = 1

/** A rhythm at a glance, in a row: one bar per value, no axis. `label` says it in words, also on hover. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values)
  const step = WIDTH / Math.max(1, values.length)
  return (
    <svg width={WIDTH} height={HEIGHT} className={classes.spark} role="img" aria-label={label}>
      <title>{label}</title>
      {values.map((value, index) => {
        if (value === 0) return null
        const height = Math.max(2, (value / most) * HEIGHT)
        return <rect key={index} x={index * step} y={HEIGHT - height} width={step - GAP} height={height} />
      })}
    </svg>
  )
}
