'use client'
import { formatBytesTick } from '@/lib/format/bytes'
import { placeLabels } from './place-labels'
import { formatSpeed, type TrialRow } from './trial-rows'
import classes from './what-if.module.css'

/** The width at which it is shown, so that its text is as large as the page's. */
const WIDTH = 340
const HEIGHT = 230
const EDGE = { left: 62, right: 16, top: 26, bottom: 40 }

/**
 * Size against the speed of decoding, without `uncompressed`. The dashed steps bound the results of the sample: no
 * result is below and right of them.
 */
export function TrialChart({ rows, chosen }: { rows: readonly TrialRow[]; chosen: TrialRow | null }) {
  const shown = rows.filter(({ codec }) => codec !== 'uncompressed')
  if (shown.length === 0) return null
  const sizes = shown.map(({ projectedBytes }) => projectedBytes)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const margin = Math.max(1, (most - least) * 0.15)
  const minBytes = Math.max(0, least - margin)
  const maxBytes = most + margin
  const maxSpeed = Math.max(...shown.map(({ decodeBytesPerS }) => decodeBytesPerS)) * 1.05
  const x = (bytesPerSecond: number) => EDGE.left + (bytesPerSecond / maxSpeed) * (WIDTH - EDGE.left - EDGE.right)
  const y = (bytes: number) =>
    HEIGHT - EDGE.bottom - ((bytes - minBytes) / (maxBytes - minBytes)) * (HEIGHT - EDGE.top - EDGE.bottom)
  const points = shown
    .map((row) => ({ row, x: x(row.decodeBytesPerS), y: y(row.projectedBytes), name: row.label }))
    // Where labels have no room, that of the chosen codec comes first. The table has them all.
    .toSorted((a, b) => Number(b.row === chosen) - Number(a.row === chosen) || b.y - a.y)
  const labels = placeLabels(points, { left: EDGE.left, right: WIDTH })
  return (
    <figure className={classes.chart}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label="Size against the speed of decoding, as in the table"
      >
        <text x={0} y={12}>
          size{minBytes > 0 && `, from ${formatBytesTick(Math.round(minBytes))}`}
        </text>
        {[minBytes, (minBytes + maxBytes) / 2, maxBytes].map((tick) => (
          <g key={tick}>
            <line x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(tick)} y2={y(tick)} className={classes.grid} />
            <text x={EDGE.left - 8} y={y(tick) + 4} textAnchor="end">
              {formatBytesTick(Math.round(tick))}
            </text>
          </g>
        ))}
        {[0, maxSpeed / 2, maxSpeed].map((tick) => (
          <text key={tick} x={x(tick)} y={HEIGHT - EDGE.bottom + 16} textAnchor={tick === maxSpeed ? 'end' : 'middle'}>
            {tick === 0 ? '0' : formatSpeed(tick)}
          </text>
        ))}
        <path d={frontier(points)} className={classes.frontier} />
        {points.map(({ row, x: left, y: top }, index) => {
          const label = labels[index]
          return (
            <g key={row.label} data-chosen={row === chosen || undefined} data-set={row.isSet || undefined}>
              <circle cx={left} cy={top} r={row === chosen ? 5 : 3.5} className={classes.point} />
              {label && (
                <text x={label.x} y={label.y} textAnchor={label.anchor}>
                  {row.label}
                </text>
              )}
            </g>
          )
        })}
        <text x={WIDTH - EDGE.right} y={HEIGHT - 6} textAnchor="end">
          decode
        </text>
        <text x={EDGE.left} y={HEIGHT - 6}>
          uncompressed is left out
        </text>
      </svg>
    </figure>
  )
}

type Point = { row: TrialRow; x: number; y: number }

/** Connects the points that no other point beats in both size and speed. */
function frontier(points: readonly Point[]): string {
  const best = points
    .filter((point) => !points.some((other) => other !== point && other.x >= point.x && other.y >= point.y))
    .toSorted((a, b) => a.x - b.x)
  return best.map(({ x, y }, i) => (i === 0 ? `M${EDGE.left} ${y}H${x}` : `V${y}H${x}`)).join('')
}
