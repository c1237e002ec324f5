import classes from './skeleton-rows.module.css'

/** Placeholder rows. They appear only after 150 ms, so that fast responses do not flicker. */
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

/** Uneven, so that they look like text and not like a pattern. */
const WIDTHS = [72, 54, 83, 46, 64]
