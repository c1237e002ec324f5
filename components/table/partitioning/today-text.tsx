import classes from './layout-fields.module.css'

/** The table's current layout, without the tray. */
export function TodayText({ label, none }: { label: string; none: string }) {
  return (
    <p className={classes.now}>
      <span className="quiet">Today</span>
      {label === '' ? <span>{none}</span> : <code>{label}</code>}
    </p>
  )
}
