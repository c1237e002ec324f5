import type { ReactNode } from 'react'
import classes from './facts.module.css'

export type Fact = readonly [name: ReactNode, value: ReactNode]

/** Names and values, one pair per line. With `isInSidePanel` the values are right-aligned. */
export function Facts({ facts, isInSidePanel = false }: { facts: readonly Fact[]; isInSidePanel?: boolean }) {
  return (
    <dl className={classes.facts} data-aside={isInSidePanel || undefined}>
      {facts.map(([name, value], line) => (
        // The facts of one thing always have the same order, so the index is the key.
        <div key={line}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
