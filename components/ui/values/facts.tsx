import type { ReactNode } from 'react'
import classes from './facts.module.css'

export type Fact = readonly [name: ReactNode, value: ReactNode]

/** Names and their values, a pair to a line; `isInSidePanel`: in a side panel, where values stand at the edge. */
export function Facts({ facts, isInSidePanel = false }: { facts: readonly Fact[]; isInSidePanel?: boolean }) {
  return (
    <dl className={classes.facts} data-aside={isInSidePanel || undefined}>
      {facts.map(([name, value], line) => (
        // Of one thing, always in the same order: a line is known by its place.
        <div key={line}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
