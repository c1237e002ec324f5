import classes from './chart.module.css'
import { type Look, Mark } from './mark'

/** Colours and their names, for a chart that has no room for the names. `looks` are as in the chart, by default solid. */
export function Legend({
  names,
  colours,
  looks = [],
}: {
  names: readonly string[]
  colours: readonly string[]
  looks?: readonly (Look | undefined)[]
}) {
  return (
    <ul className={classes.legend}>
      {names.map((name, index) => (
        <li key={name}>
          <Mark colour={colours[index]} look={looks[index]} />
          <span title={name}>{name}</span>
        </li>
      ))}
    </ul>
  )
}
