import classes from './value.module.css'

/** A figure nobody can give. An en dash, with the reason on hover and for those who listen. */
export function Unknown({ reason }: { reason: string }) {
  return (
    <span className={classes.quiet} title={reason}>
      <span aria-hidden>–</span>
      <span className="sr-only">unknown: {reason}</span>
    </span>
  )
}
