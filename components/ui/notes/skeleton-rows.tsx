import classes from './skeleton-rows.module.css'

/** Rows to come, in their shape. Shows only after 150 ms, so that quick answers do not flicker. */
export function SkeletonRows({ rows, columns, label = 'Loading' }: { rows: number; columns: number; label?: string }) {
  return (
    <div role="status" className={classes.rows}>
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={classes.row} aria-hidden>
          {Array.from({ length: columns }, (__, column) => (
            <span
              key={column}
              className={classes.bar}
              style={{ width: `${WIDTHS[(row + column * 3) % WIDTHS.length]}%` }}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

/** Uneven, so that it reads as text to come and not as a pattern. */
const WIDTHS = [72, 54, 83, 46, 64]
