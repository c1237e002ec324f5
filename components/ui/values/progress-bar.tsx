import classes from './progress-bar.module.css'

/**
 * A progress bar.
 *
 * @param props.share from 0 to 1; null when it is unknown
 * @param props.valueText the progress in words, for screen readers
 */
export function ProgressBar({ label, share, valueText }: { label: string; share: number | null; valueText?: string }) {
  const percent = share === null ? null : Math.round(share * 100)
  return (
    <div
      className={classes.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent !== null && { 'aria-valuenow': percent })}
      {...(valueText !== undefined && { 'aria-valuetext': valueText })}
    >
      <div className={classes.bar} style={{ width: `${(share ?? 0) * 100}%` }} />
    </div>
  )
}
