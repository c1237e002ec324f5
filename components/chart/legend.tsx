import classes from './chart.module.css'

/** Colours and their names, for a chart that has no room for the names. */
export function Legend({ names, colours }: { names: readonly string[]; colours: readonly string[] }) {
  return (
    <ul className={classes.legend}>
      {names.map((name, index) => (
        <li key={name}>
          <span className={classes.mark} style={{ background: colours[index] }} aria-hidden />
          <span title={name}>{name}</span>
        </li>
      ))}
    </ul>
  )
}
