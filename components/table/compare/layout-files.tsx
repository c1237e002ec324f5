import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './what-changed.module.css'

type Files = NonNullable<SnapshotComparison['layoutFiles']>
type Line = Files['specs'][number]

/** How many live data files of each side have each partition spec and each sort order. */
export function LayoutFiles({ files, problem }: { files: Files | null; problem: string | null }) {
  return (
    <>
      <h4 className={classes.subheading}>Data files by layout</h4>
      {files === null ? (
        <p className={classes.quiet}>Not counted. {problem}</p>
      ) : (
        <ul className={classes.changes} aria-label="Data files by layout">
          {files.specs.map((line) => (
            <FilesLine key={`spec ${line.id}`} name={`spec ${line.id}`} line={line} empty="unpartitioned" />
          ))}
          {files.orders.map((line) => (
            <FilesLine
              key={`order ${line.id}`}
              name={line.id === null ? 'no sort order recorded' : `sort order ${line.id}`}
              line={line}
              empty="unsorted"
            />
          ))}
        </ul>
      )}
    </>
  )
}

function FilesLine({ name, line, empty }: { name: string; line: Line; empty: string }) {
  const { label, before, after } = line
  const isSame = before.fileCount === after.fileCount && before.bytes === after.bytes
  return (
    <li>
      {name}
      {label !== null && (
        <>
          {' '}
          <code>{label || empty}</code>
        </>
      )}
      : {!isSame && `${formatCount(before.fileCount)} → `}
      {formatQuantity(after.fileCount, 'file')}, {!isSame && `${formatBytes(before.bytes)} → `}
      {formatBytes(after.bytes)}
    </li>
  )
}
