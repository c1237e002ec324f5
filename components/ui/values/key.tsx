import classes from './key.module.css'

/** A keyboard shortcut, for example `/`, `Ctrl K` or `?`. */
export function Key({ children }: { children: string }) {
  return <kbd className={classes.key}>{children}</kbd>
}
