'use client'
import { memo, useMemo, useRef, useState } from 'react'
import { useReachableScroll } from '@/components/ui/use-reachable-scroll'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import type { LoadDraft } from '../use-load-draft'
import { mapColumn, type MappingLine } from './mapping-lines'
import { ColumnRow, fieldChoices, FieldRow } from './mapping-rows'
import classes from './mapping-step.module.css'
import { lineKey, MORE_LINES, type ShownLines } from './shown-lines'
import { COLUMNHEADER, ROW, ROWGROUP, TABLE } from './table-roles'
import { useShownLines } from './use-shown-lines'

/** The lines of the mapping. Nothing of it changes while other choices of the load are typed. */
export const MappingTable = memo(function MappingTable({
  mapping,
  change,
  lines,
  columns,
  isSampled,
  haveFolders,
  search,
}: {
  mapping: LoadMapping
  change: LoadDraft['change']
  lines: readonly MappingLine[]
  columns: LoadPreview['columns']
  /** Whether rejected values are those of a sample, and not of all rows. */
  isSampled: boolean
  haveFolders: boolean
  /** A part of the names of the lines to show; empty for all. */
  search: string
}) {
  // Once for all lines: a table may have thousands of columns.
  const choices = useMemo(() => fieldChoices(columns), [columns])
  const shown = useShownLines(lines, search)
  // The row with the button becomes another one: its field takes over the focus.
  const [begunColumn, setBegunColumn] = useState<string | null>(null)
  // A row that appears again after a search takes no focus.
  const [searched, setSearched] = useState(search)
  if (search !== searched) {
    setSearched(search)
    setBegunColumn(null)
  }
  const scroller = useRef<HTMLDivElement>(null)
  const tabIndex = useReachableScroll(scroller)
  const changeLine = (line: MappingLine, changed: LoadMapping) => {
    // As a line of its column, too, and when another text is looked for.
    shown.show([lineKey(line), ...(line.column === null ? [] : [`column ${line.column.name}`])])
    change({ mapping: changed })
  }
  return (
    <>
      <div ref={scroller} className={classes.scroller} role="region" aria-label="Mapping" tabIndex={tabIndex}>
        <table {...TABLE} aria-label="Fields and columns" className={classes.table}>
          <thead {...ROWGROUP}>
            <tr {...ROW}>
              <th {...COLUMNHEADER}>In the file</th>
              <th {...COLUMNHEADER}>Sample</th>
              <th {...COLUMNHEADER}>Column</th>
              <th {...COLUMNHEADER}>Type</th>
              <th {...COLUMNHEADER}>How</th>
              <th {...COLUMNHEADER} className={classes.number}>
                {isSampled ? 'Rejected in the sample' : 'Rejected'}
              </th>
            </tr>
          </thead>
          <tbody {...ROWGROUP}>
            {shown.lines.map((line) =>
              line.kind === 'field' ? (
                <FieldRow
                  key={lineKey(line)}
                  {...{ line, mapping, choices }}
                  onMapping={(changed) => changeLine(line, changed)}
                  onExpression={(column, sql) => {
                    setBegunColumn(column)
                    changeLine(line, mapColumn(mapping, column, { sql }))
                  }}
                />
              ) : (
                <ColumnRow
                  key={lineKey(line)}
                  {...{ line, mapping, haveFolders }}
                  hasFocus={line.column.name === begunColumn}
                  onMapping={(changed) => changeLine(line, changed)}
                />
              ),
            )}
          </tbody>
        </table>
      </div>
      <MoreLines {...{ shown, search }} lineCount={lines.length} onMore={shown.showMore} />
    </>
  )
})

function MoreLines({
  shown: { lines, hiddenCount, hiddenOpenCount },
  search,
  lineCount,
  onMore,
}: {
  shown: ShownLines
  search: string
  lineCount: number
  onMore: () => void
}) {
  const isSearch = search.trim() !== ''
  if (hiddenCount === 0 && !(isSearch && lines.length === 0)) return null
  return (
    <div className={classes.more}>
      <span role="status">
        {isSearch ? describeFound(lines.length, hiddenCount) : describeShown(lines.length, lineCount, hiddenOpenCount)}
      </span>
      {hiddenOpenCount > 0 && (
        <b className="warn medium">
          {formatCount(hiddenOpenCount)} {isSearch ? 'of the others' : 'others'} need a decision.
        </b>
      )}
      {!isSearch && (
        <button type="button" className={classes.all} onClick={onMore}>
          Show {formatCount(Math.min(hiddenCount, MORE_LINES))} more
        </button>
      )}
    </div>
  )
}

function describeFound(foundCount: number, hiddenCount: number): string {
  if (foundCount === 0) return 'No field and no column has this text in its name.'
  const found = formatQuantity(foundCount + hiddenCount, 'line')
  return `The first ${formatCount(foundCount)} of ${found} with this text are shown.`
}

function describeShown(shownCount: number, lineCount: number, hiddenOpenCount: number): string {
  const shown = `${formatCount(shownCount)} of ${formatQuantity(lineCount, 'line')} are shown`
  return hiddenOpenCount > 0 ? `${shown}.` : `${shown}, with all that need a decision.`
}
