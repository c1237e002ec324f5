import classes from './trend-line.module.css'

const WIDTH_PX = 62
const HEIGHT_PX = 16
const MARGIN_PX = 2
/** A line whose values differ by less looks flat. */
const MIN_RANGE_SHARE = 0.12

/** A small line without axes for a table row, with gaps where a value is not known. `label` says the same in words. */
export function TrendLine({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const known = values.filter((value) => value !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const middle = (least + most) / 2
  const range = Math.max(most - least, middle * MIN_RANGE_SHARE)
  const yOf = (value: number) =>
    HEIGHT_PX / 2 - (range === 0 ? 0 : ((value - middle) / range) * (HEIGHT_PX - 2 * MARGIN_PX))
  const xOf = (index: number) => (values.length < 2 ? 0 : (index / (values.length - 1)) * WIDTH_PX)
  return (
    <svg width={WIDTH_PX} height={HEIGHT_PX} className={classes.trend} role="img" aria-label={label}>
      <title>{label}</title>
      {known.length > 0 && (
        <path
          d={values
            .map((value, index) => {
              if (value === null) return ''
              const isFirst = index === 0 || values[index - 1] === null
              return `${isFirst ? 'M' : 'L'}${xOf(index).toFixed(1)},${yOf(value).toFixed(1)}`
            })
            .join('')}
        />
      )}
    </svg>
  )
}
