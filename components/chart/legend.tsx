import classes from './chart.module.css'
import { clickText, nextHidden } from './legend-choice'
import { type Look, Mark } from './mark'

/** The parts of a chart that may be hidden, by key. */
export type LegendChoice = {
  /** In the order of the names. */
  keys: readonly string[]
  hidden: ReadonlySet<string>
  hide: (keys: readonly string[]) => void
}

/**
 * Colours and their names, for a chart that has no room for the names. `looks` are as in the chart, by default solid.
 *
 * @param props.choice absent: the parts are always shown
 */
export function Legend({
  names,
  colours,
  looks = [],
  choice,
}: {
  names: readonly string[]
  colours: readonly string[]
  looks?: readonly (Look | undefined)[]
  choice?: LegendChoice
}) {
  return (
    <ul className={classes.legend}>
      {names.map((name, index) => {
        const key = choice?.keys[index]
        const parts = (
          <>
            <Mark colour={colours[index]} look={looks[index]} />
            <span title={key === undefined ? name : undefined}>{cutMiddle(name)}</span>
          </>
        )
        return (
          <li key={key ?? name}>
            {choice === undefined || key === undefined ? (
              parts
            ) : (
              <LegendButton choice={choice} name={name} partKey={key}>
                {parts}
              </LegendButton>
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** Long names, such as those of partitions, often differ at their ends. */
function cutMiddle(name: string): string {
  if (name.length <= MAX_NAME_CHARS) return name
  return `${name.slice(0, END_CHARS)}…${name.slice(-END_CHARS)}`.toWellFormed()
}

const MAX_NAME_CHARS = 40
const END_CHARS = 18

function LegendButton({
  choice: { keys, hidden, hide },
  name,
  partKey,
  children,
}: {
  choice: LegendChoice
  name: string
  partKey: string
  children: React.ReactNode
}) {
  return (
    <button
      type="button"
      className={classes.legendButton}
      aria-pressed={!hidden.has(partKey)}
      title={`${name}: ${clickText(keys, hidden, partKey)}`}
      onClick={() => hide(nextHidden(keys, hidden, partKey))}
    >
      {children}
    </button>
  )
}
