import classes from './tab-row.module.css'

/** The words of a tab in a row of `tab-row.module.css`. They keep the room of the bold ones: choosing moves nothing. */
export function TabLabel({ children }: { children: string }) {
  return (
    <span className={classes.label} data-label={children}>
      {children}
    </span>
  )
}
