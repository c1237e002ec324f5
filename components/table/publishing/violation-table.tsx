import type { CheckResult } from '@/lib/contract/table/publications'
import { formatQuantity } from '@/lib/format/count'
import classes from './results-panel.module.css'

/** The first rows that break a check. Columns and rows have no identity, so their positions are the keys. */
export function ViolationTable({ check: { name, columns, rows, rowCount, isTruncated } }: { check: CheckResult }) {
  return (
    <>
      <div className={classes.rows} {...{ role: 'region', 'aria-label': `Rows of ${name}`, tabIndex: 0 }}>
        <table>
          <thead>
            <tr>
              {columns.map((column, i) => (
                <th key={i}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((value, j) => (
                  <td key={j}>{value === null ? <span className="quiet">null</span> : value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(isTruncated || rows.length < (rowCount ?? 0)) && (
        <p className={classes.at}>The first {formatQuantity(rows.length, 'row')}.</p>
      )}
    </>
  )
}
