import classes from './value.module.css'

/** A figure nobody can give. An en dash, with the reason on hover and for those who listen. */
export function Unknown({ why }: { why: string }) {
  return (
    <span className={classes.quiet} title={why}>
      <span aria-hidden>–</span>
      <span className="sr-only">unknown: {why}</span>
    </span>
  )
}
