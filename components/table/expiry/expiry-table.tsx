import { Unknown } from '@/components/ui/values/unknown'
import type { ExpiryFigures, ExpiryFiles, ExpiryPreview } from '@/lib/contract/table/expiry'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountChange, formatQuantity } from '@/lib/format/count'
import impactClasses from '../impact/impact-table.module.css'
import classes from './expiry-panel.module.css'

const ROWS: readonly [Exclude<keyof ExpiryFigures, 'unsizedFiles'>, string][] = [
  ['snapshots', 'Snapshots'],
  ['manifestLists', 'Manifest lists'],
  ['manifests', 'Manifests'],
  ['dataFiles', 'Data files'],
  ['deleteFiles', 'Delete files'],
  ['statisticsFiles', 'Statistics'],
  ['dataBytes', 'Data'],
  ['metadataBytes', 'Metadata'],
]

type ExpiryTableProps = {
  snapshots: ExpiryPreview['snapshots']
  /** Null: not counted. */
  files: ExpiryFiles | null
}

/**
 * The snapshots of the table: those that `main` retains, those that other refs retain in addition, and those that
 * expire. The three add up to the first row.
 */
export function ExpiryTable({ snapshots, files }: ExpiryTableProps) {
  return (
    <table className={`${impactClasses.table} ${classes.figures}`} aria-label="Impact">
      <thead>
        <tr>
          <th>
            <span className="sr-only">Figure</span>
          </th>
          <th>Now</th>
          <th>main keeps</th>
          <th>Others keep</th>
          <th>Removed</th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(([key, name]) => {
          const figures =
            key === 'snapshots'
              ? snapshots
              : files && { main: files.main[key], others: files.others[key], removed: files.removed[key] }
          return <ExpiryRow key={key} name={name} isBytes={key.endsWith('Bytes')} figures={figures} />
        })}
        {files && (
          <StaysRow
            where="outside the table’s folders"
            reason="Another table may use files outside the table’s own folders, so the removal leaves them."
            fileCount={files.retained.fileCount - (files.nested?.fileCount ?? 0)}
            sizeBytes={files.retained.sizeBytes - (files.nested?.sizeBytes ?? 0)}
          />
        )}
        {files?.nested && (
          <StaysRow
            where="in folders of other tables"
            reason="Other tables have their folders within this table’s, so the removal leaves what is in them."
            {...files.nested}
          />
        )}
      </tbody>
    </table>
  )
}

type StaysRowProps = { where: string; reason: string; fileCount: number; sizeBytes: number }

function StaysRow({ where, reason, fileCount, sizeBytes }: StaysRowProps) {
  if (fileCount === 0) return null
  return (
    <tr title={reason}>
      <th scope="row" colSpan={4}>
        of these stays, {where}
      </th>
      <td>
        {formatQuantity(fileCount, 'file')}, {formatBytes(sizeBytes)}
      </td>
    </tr>
  )
}

type ExpiryRowProps = { name: string; isBytes: boolean; figures: ExpiryPreview['snapshots'] | null }

function ExpiryRow({ name, isBytes, figures }: ExpiryRowProps) {
  const [total, change] = isBytes ? [formatBytes, formatBytesChange] : [formatCount, formatCountChange]
  const cells = figures && [figures.main + figures.others + figures.removed, figures.main, figures.others]
  return (
    <tr>
      <th scope="row">{name}</th>
      {(['now', 'main', 'others'] as const).map((column, i) => {
        const value = cells?.[i]
        return value === undefined ? (
          <td key={column}>
            <Unknown reason="not counted yet" />
          </td>
        ) : (
          <td
            key={column}
            className={value === 0 ? impactClasses.none : undefined}
            title={isBytes ? formatExactBytes(value) : undefined}
          >
            {value === 0 ? '0' : total(value)}
          </td>
        )
      })}
      <td className={figures && figures.removed > 0 ? 'removed' : impactClasses.none}>
        {figures === null ? (
          <Unknown reason="not counted yet" />
        ) : figures.removed === 0 ? (
          '0'
        ) : (
          change(-figures.removed)
        )}
      </td>
    </tr>
  )
}
