import { IconFile } from '@tabler/icons-react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ListedFile } from '@/lib/api/listed-files'
import { formatCount } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import classes from './row-origin.module.css'

/** Values of the metadata columns of one row. */
export type RowLineage = { rowId: bigint; lastUpdatedSequenceNumber: bigint }

/**
 * Where a row comes from: its file, position, sequence number and partition, and its lineage in tables of format v3.
 */
export function RowOrigin({
  file,
  position,
  lineage = null,
}: {
  file: ListedFile
  position: number
  /** Null until it is read, and for files without row lineage. */
  lineage?: RowLineage | null
}) {
  return (
    <div className={classes.origin}>
      <p className={classes.file}>
        <IconFile size={14} stroke={1.6} aria-hidden />
        <code title={visibleText(file.path)}>
          <VisibleText>{file.path.slice(file.path.lastIndexOf('/') + 1)}</VisibleText>
        </code>
        <CopyButton value={file.path} label="file path" size={24} />
      </p>
      <p className={classes.facts}>
        <span>
          row position <strong>{formatCount(position)}</strong>
        </span>
        <span>
          sequence number <strong>{file.sequenceNumber}</strong>
        </span>
        {lineage && (
          <>
            <span>
              row id <strong>{String(lineage.rowId)}</strong>
            </span>
            <span>
              last updated at sequence number <strong>{String(lineage.lastUpdatedSequenceNumber)}</strong>
            </span>
          </>
        )}
        {file.partition !== '' && (
          <span>
            partition <code>{file.partition}</code>
          </span>
        )}
      </p>
    </div>
  )
}
