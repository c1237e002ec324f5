import classes from './snapshot-graph.module.css'
import { LANE_WIDTH_PX, laneX, type Lane, type RollbackStep } from '@/components/table/refs/snapshot-lanes'

export const ROW_HEIGHT_PX = 40
const OVERDRAW_PX = 6

/**
 * One row of the graph: passing lanes, the line to the parent, and the snapshot's point. Steps that `main` would lose
 * in a rollback are hollow and dotted, and its target has a ring. Snapshots that would expire are hollow.
 */
export function SnapshotGraph({
  lane,
  laneCount,
  step = NO_STEP,
}: {
  lane: Lane
  laneCount: number
  step?: RollbackStep | undefined
}) {
  const middle = ROW_HEIGHT_PX / 2
  // Rows are taller on touch screens and have a line below them, so lanes extend beyond the drawing.
  const [top, bottom] = [-OVERDRAW_PX, ROW_HEIGHT_PX + OVERDRAW_PX]
  const x = laneX(lane.index)
  const { colour } = lane
  const dots = (index: number, isLeft: boolean) => (index === 0 && isLeft ? DOTTED : {})
  return (
    <svg
      width={laneCount * LANE_WIDTH_PX + 8}
      height={ROW_HEIGHT_PX}
      aria-hidden
      className={classes.graph}
      data-step={step.kind}
    >
      {lane.passing.map((passing) => (
        <line
          key={`${passing.index} ${passing.colour}`}
          x1={laneX(passing.index)}
          x2={laneX(passing.index)}
          y1={top}
          y2={bottom}
          stroke={passing.colour}
          strokeWidth={1.75}
          {...dots(passing.index, step.isAboveLeft)}
        />
      ))}
      {lane.hasChildAbove && (
        <line
          x1={x}
          x2={x}
          y1={top}
          y2={middle}
          stroke={colour}
          strokeWidth={1.75}
          {...dots(lane.index, step.isAboveLeft)}
        />
      )}
      {lane.hasParentBelow && (
        <line
          x1={x}
          x2={x}
          y1={middle}
          y2={bottom}
          stroke={colour}
          strokeWidth={1.75}
          {...dots(lane.index, step.isBelowLeft)}
        />
      )}
      {lane.joins.map((joined) => (
        <path
          key={`${joined.index} ${joined.colour}`}
          d={`M ${laneX(joined.index)} ${top} C ${laneX(joined.index)} ${middle}, ${x} 4, ${x} ${middle}`}
          fill="none"
          stroke={joined.colour}
          strokeWidth={1.75}
        />
      ))}
      {step.kind === 'target' && (
        <circle cx={x} cy={middle} r={7.5} fill="var(--surface)" stroke={colour} strokeWidth={1.75} />
      )}
      {step.kind === 'left' ? (
        <circle
          cx={x}
          cy={middle}
          r={4.5}
          fill="var(--surface)"
          stroke={colour}
          strokeWidth={1.75}
          strokeDasharray="2 1.5"
        />
      ) : (
        <circle cx={x} cy={middle} r={step.kind === 'target' ? 3.5 : 4.5} fill={colour} />
      )}
    </svg>
  )
}

const DOTTED = { strokeDasharray: '2 3' }
const NO_STEP: RollbackStep = { kind: 'other', isAboveLeft: false, isBelowLeft: false }
