import { type Lane, laneX } from '@/components/table/refs/snapshot-lanes'
import classes from './branch-connector.module.css'

/** The lanes that pass the card below a snapshot, and the dotted line that ties it to the lane of its branch. */
export function BranchConnector({ lane }: { lane: Lane }) {
  const { index, colour, passing, hasParentBelow } = lane
  const below = hasParentBelow ? [...passing, { index, colour }] : passing
  return (
    <svg className={classes.tie} aria-hidden>
      {below.map((line) => (
        <line
          key={`${line.index} ${line.colour}`}
          x1={laneX(line.index)}
          x2={laneX(line.index)}
          y1="0"
          y2="100%"
          stroke={line.colour}
          strokeWidth={1.75}
        />
      ))}
      <line x1={laneX(index)} x2="100%" y1="50%" y2="50%" stroke={colour} strokeWidth={1.5} strokeDasharray="2 3" />
    </svg>
  )
}
