import classes from './key.module.css'

/** A key where it works: `/`, `Ctrl K`, `?`. */
export function Key({ children }: { children: string }) {
  return <kbd className={classes.key}>{children}</kbd>
}
