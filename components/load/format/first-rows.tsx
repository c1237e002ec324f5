'use client'
import { memo, useRef, useState } from 'react'
import { RejectedText } from '@/components/about/rejected-text'
import { useReachableScroll } from '@/components/ui/use-reachable-scroll'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './first-rows.module.css'

/** As many lines with every reading of a file, so that the steps below stay where they are while it is chosen. */
const SHOWN_LINES = 9
/** Among them; more if fewer rows fit. */
const SHOWN_REJECTS = 4
/** Each press of the button draws as many more of thousands of columns. */
const SHOWN_COLUMNS = 50

/** The first rows as they would be stored, and the first rows that do not fit as the file has them. */
export const FirstRows = memo(function FirstRows({
  preview,
}: {
  preview: Pick<LoadPreview, 'columns' | 'rows' | 'rejects' | 'isTruncated'>
}) {
  const { rows, rejects, isTruncated } = preview
  const [shownCount, setShownCount] = useState(SHOWN_COLUMNS)
  const columns = preview.columns.slice(0, shownCount)
  const hiddenCount = preview.columns.length - columns.length
  const scroller = useRef<HTMLDivElement>(null)
  const tabIndex = useReachableScroll(scroller)
  const rejectCount = Math.max(Math.min(rejects.length, SHOWN_REJECTS), SHOWN_LINES - rows.length)
  const lines = [
    ...rows
      .slice(0, SHOWN_LINES - Math.min(rejects.length, rejectCount))
      .map((row) => ({ kind: 'row' as const, number: row.record ?? row.line, row })),
    ...rejects
      .slice(0, rejectCount)
      .map((reject) => ({ kind: 'reject' as const, number: reject.record ?? reject.line, reject })),
  ].toSorted((a, b) => a.number - b.number)
  const areRecords = [...rows, ...rejects].some(({ record }) => record !== undefined)
  if (lines.length === 0)
    return (
      <p className={classes.empty}>
        {isTruncated
          ? 'No row ends in the first megabytes of the file, which are read for a preview. A load stops at a record of more than 16 MiB.'
          : 'The file has no rows.'}
      </p>
    )
  return (
    <>
      <div ref={scroller} className={classes.rows} role="region" aria-label="First rows" tabIndex={tabIndex}>
        <table aria-label="First rows">
          <thead>
            <tr>
              <th className={classes.line}>{areRecords ? 'Record' : 'Line'}</th>
              {columns.map(({ name, type }) => (
                <th key={name} title={type}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line, i) =>
              line.kind === 'row' ? (
                <tr key={i}>
                  <td className={classes.line}>{formatCount(line.number)}</td>
                  {line.row.values.slice(0, columns.length).map((value, column) => (
                    <td key={columns[column]?.name ?? column}>
                      {value === null ? <i className="quiet">null</i> : value}
                    </td>
                  ))}
                </tr>
              ) : (
                <tr key={i} className={classes.reject}>
                  <td className={classes.line}>{formatCount(line.number)}</td>
                  <td colSpan={columns.length}>
                    <RejectedText reject={line.reject} />
                    <span className={classes.reason}>
                      {line.reject.column !== null && <b>{line.reject.column} </b>}
                      {line.reject.reason}
                    </span>
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
      {hiddenCount > 0 && (
        <p className={classes.more}>
          <span role="status">
            {formatCount(columns.length)} of {formatQuantity(preview.columns.length, 'column')} are shown.
          </span>
          <button type="button" className={classes.all} onClick={() => setShownCount(shownCount + SHOWN_COLUMNS)}>
            Show {formatCount(Math.min(hiddenCount, SHOWN_COLUMNS))} more
          </button>
        </p>
      )}
    </>
  )
})
