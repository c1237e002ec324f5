import classes from './tab-row.module.css'

/**
 * The label of a tab of `tab-row.module.css`. It reserves the width of bold text, so that a selection moves nothing.
 */
export function TabLabel({ children }: { children: string }) {
  return (
    <span className={classes.label} data-label={children}>
      {children}
    </span>
  )
}
