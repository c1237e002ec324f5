import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import tableClasses from '@/components/table/impact/impact-table.module.css'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Unknown } from '@/components/ui/values/unknown'
import { VisibleText } from '@/components/ui/values/visible-text'
import { retryFetch } from '@/lib/client/call/retry'
import { metadataComparisonQuery } from '@/lib/client/table/metadata-tree'
import type { MetadataFigures } from '@/lib/contract/table/files'
import { AppError } from '@/lib/errors'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountChange, formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './audit-metadata.module.css'
import { ValueChanges } from './audit-values'

type AuditMetadataProps = {
  table: TableIdentifier
  /** Locations of the metadata files before and after the commit. */
  before: string
  after: string
}

/** The others are on the page of the metadata files. */
const MAX_DIFFERENCES = 12

/** It contains no focusable element, so the area takes the focus: the keyboard scrolls it. */
const SCROLL_AREA_PROPS = { tabIndex: 0, role: 'group', 'aria-label': 'Differences' }

/** The effect of a commit: the table's figures before and after, and the differences of its two metadata files. */
export function AuditMetadata({ table, before, after }: AuditMetadataProps) {
  const query = useQuery(metadataComparisonQuery(table, { from: before, to: after }))
  if (query.error) {
    // Renamed or dropped since, or the metadata log is shorter than the history.
    const isMissing = query.error instanceof AppError && query.error.code === 'not-found'
    return (
      <ProblemNote
        error={query.error}
        subject={after}
        title="The metadata before and after cannot be compared"
        {...(!isMissing && { onRetry: () => retryFetch(query.refetch) })}
      />
    )
  }
  return (
    <>
      <div className={classes.figures}>
        {query.data ? (
          <Figures {...query.data.figures} />
        ) : (
          <SkeletonRows rows={5} columns={4} label="Comparing the metadata before and after" />
        )}
      </div>
      <div className={classes.head}>
        <h3 className="heading">Metadata</h3>
        {query.data && (
          <Link href={paths.metadataFiles(table, after)}>
            {formatQuantity(query.data.differences.length, 'difference')}
            {query.data.isTruncated && ' and more'}
          </Link>
        )}
      </div>
      {/* Its height is fixed, so that the content below does not move. */}
      <div className={classes.differences} {...SCROLL_AREA_PROPS}>
        {query.data && (
          <ValueChanges
            label="Metadata"
            changes={query.data.differences.slice(0, MAX_DIFFERENCES).map((difference) => ({
              name: difference.path,
              before: difference.before !== null && <Json text={difference.before} />,
              after: difference.after !== null && <Json text={difference.after} />,
            }))}
          />
        )}
      </div>
    </>
  )
}

function Figures({ before, after }: { before: MetadataFigures; after: MetadataFigures }) {
  return (
    <table className={tableClasses.table} aria-label="Figures">
      <thead>
        <tr>
          <th>
            <span className="sr-only">Figure</span>
          </th>
          <th>Before</th>
          <th>After</th>
          <th>Change</th>
        </tr>
      </thead>
      <tbody>
        <FigureRow name="Rows" before={before.rowCount} after={after.rowCount} />
        <FigureRow name="Data files" before={before.dataFileCount} after={after.dataFileCount} />
        <FigureRow name="Delete files" before={before.deleteFileCount} after={after.deleteFileCount} />
        <FigureRow name="Bytes" before={before.liveBytes} after={after.liveBytes} isBytes />
        <FigureRow name="Branches and tags" before={before.refCount} after={after.refCount} />
      </tbody>
    </table>
  )
}

type FigureRowProps = { name: string; before: number | null; after: number | null; isBytes?: boolean }

function FigureRow({ name, before, after, isBytes = false }: FigureRowProps) {
  const total = (value: number | null) =>
    value === null ? (
      <Unknown reason="not in the summary of the snapshot" />
    ) : isBytes ? (
      <span title={formatExactBytes(value)}>{formatBytes(value)}</span>
    ) : (
      formatCount(value)
    )
  const change = before === null || after === null ? null : after - before
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{total(before)}</td>
      <td>{total(after)}</td>
      {change === null ? (
        <td>
          <Unknown reason="one of the figures is not known" />
        </td>
      ) : (
        <td>
          <span className={changeTone(change, isBytes)}>
            {isBytes ? formatBytesChange(change) : formatCountChange(change)}
          </span>
        </td>
      )}
    </tr>
  )
}

/** More bytes are not better, and less are not worse. */
function changeTone(change: number, isBytes: boolean): string | undefined {
  if (change === 0 || isBytes) return tableClasses.none
  return change > 0 ? 'added' : 'removed'
}

function Json({ text }: { text: string }) {
  return (
    <code>
      <VisibleText>{text}</VisibleText>
    </code>
  )
}
