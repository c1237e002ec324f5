import type { Lane } from './snapshot-lanes'
import { LANE_WIDTH_PX, laneX } from './snapshot-lanes'

export const ROW_HEIGHT_PX = 40
const OVERDRAW_PX = 6

/** One row of the graph: passing lanes, the line to the parent, and the snapshot's point. */
export function SnapshotGraph({ lane, laneCount }: { lane: Lane; laneCount: number }) {
  const middle = ROW_HEIGHT_PX / 2
  // Rows are taller on touch screens, so lines extend beyond the drawing and the cell clips them.
  const [top, bottom] = [-OVERDRAW_PX, ROW_HEIGHT_PX + OVERDRAW_PX]
  const x = laneX(lane.index)
  return (
    <svg
      width={laneCount * LANE_WIDTH_PX + 8}
      height={ROW_HEIGHT_PX}
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
          stroke={laneColour(passing)}
          strokeWidth={1.75}
        />
      ))}
      {lane.hasChildAbove && (
        <line x1={x} x2={x} y1={top} y2={middle} stroke={laneColour(lane.index)} strokeWidth={1.75} />
      )}
      {lane.hasParentBelow && (
        <line x1={x} x2={x} y1={middle} y2={bottom} stroke={laneColour(lane.index)} strokeWidth={1.75} />
      )}
      {lane.joins.map((joined) => (
        <path
          key={joined}
          d={`M ${laneX(joined)} ${top} C ${laneX(joined)} ${middle}, ${x} 4, ${x} ${middle}`}
          fill="none"
          stroke={laneColour(joined)}
          strokeWidth={1.75}
        />
      ))}
      <circle cx={x} cy={middle} r={4.5} fill={laneColour(lane.index)} />
    </svg>
  )
}

/** `main` has the first series colour; other lanes cycle from the second. */
function laneColour(index: number): string {
  return `var(--c${index === 0 ? 1 : 2 + ((index - 1) % 5)})`
}
