import type { Lane } from './snapshot-lanes'
import { LANE_WIDTH, laneX } from './snapshot-lanes'

export const ROW_HEIGHT = 40
const REACH = 6

/** One row of the graph: the lanes that pass, the step to the parent, and the snapshot's own point. */
export function SnapshotGraph({ lane, laneCount }: { lane: Lane; laneCount: number }) {
  const middle = ROW_HEIGHT / 2
  // Rows are taller where fingers touch: lines reach beyond the drawing, and the cell cuts them.
  const [top, bottom] = [-REACH, ROW_HEIGHT + REACH]
  const x = laneX(lane.index)
  return (
    <svg
      width={laneCount * LANE_WIDTH + 8}
      height={ROW_HEIGHT}
      aria-hidden
      style={{ display: 'block', overflow: 'visible' }}
    >
      {lane.passing.map((passing) => (
        <line
          key={passing}
          x1={laneX(passing)}
          x2={laneX(passing)}
          y1={top}
          y2={bottom}
          stroke={laneColor(passing)}
          strokeWidth={1.75}
        />
      ))}
      {lane.hasChildAbove && (
        <line x1={x} x2={x} y1={top} y2={middle} stroke={laneColor(lane.index)} strokeWidth={1.75} />
      )}
      {lane.hasParentBelow && (
        <line x1={x} x2={x} y1={middle} y2={bottom} stroke={laneColor(lane.index)} strokeWidth={1.75} />
      )}
      {lane.joins.map((joined) => (
        <path
          key={joined}
          d={`M ${laneX(joined)} ${top} C ${laneX(joined)} ${middle}, ${x} 4, ${x} ${middle}`}
          fill="none"
          stroke={laneColor(joined)}
          strokeWidth={1.75}
        />
      ))}
      <circle cx={x} cy={middle} r={4.5} fill={laneColor(lane.index)} />
    </svg>
  )
}

/** `main` is always the first series; others follow and start again from the second. */
function laneColor(index: number): string {
  return `var(--c${index === 0 ? 1 : 2 + ((index - 1) % 5)})`
}
