import type { ReactNode } from 'react'
import { Unknown } from '@/components/ui/values/unknown'
import type { RefMoveImpact } from '@/lib/contract/table/refs'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountChange } from '@/lib/format/count'
import classes from './impact-table.module.css'

type Figures = Pick<RefMoveImpact, 'rows' | 'dataFiles' | 'deleteFiles' | 'bytes' | 'currentSchemaId'>

/**
 * Rows, files, bytes and schema: now, removed, restored, and after the change.
 *
 * @param props.gained the heading of gained rows and files: a roll back restores them, new ones are added
 */
export function ImpactTable({ impact, gained }: { impact: Figures; gained: 'Restored' | 'Added' }) {
  return (
    <table className={classes.table} aria-label="Impact">
      <thead>
        <tr>
          <th>
            <span className="sr-only">Figure</span>
          </th>
          <th>Now</th>
          <th>Removed</th>
          <th>{gained}</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        <ImpactRow
          name={hasDeleteFiles(impact) ? 'Rows in data files' : 'Rows'}
          row={impact.rows}
          total={formatCount}
          change={formatCountChange}
        />
        <ImpactRow name="Data files" row={impact.dataFiles} total={formatCount} change={formatCountChange} />
        <ImpactRow name="Delete files" row={impact.deleteFiles} total={formatCount} change={formatCountChange} />
        <ImpactRow
          name="Bytes"
          row={impact.bytes}
          total={formatBytes}
          change={formatBytesChange}
          title={formatExactBytes}
        />
        <tr>
          <th scope="row">Schema</th>
          <td>id {impact.currentSchemaId}</td>
          <td className={classes.none}>
            <NothingOfSchema />
          </td>
          <td className={classes.none}>
            <NothingOfSchema />
          </td>
          {/* A roll back moves the branch; the table's schema stays. */}
          <td>id {impact.currentSchemaId}</td>
        </tr>
      </tbody>
    </table>
  )
}

/** Whether rows of data files may be deleted, now or after the change. */
function hasDeleteFiles({ deleteFiles: { now, after } }: Figures): boolean {
  return now !== 0 || after !== 0
}

function NothingOfSchema() {
  return (
    <span title="The table’s schema does not change.">
      <span aria-hidden>–</span>
      <span className="sr-only">nothing</span>
    </span>
  )
}

type ImpactRowProps = {
  name: string
  row: RefMoveImpact['rows']
  total: (value: number) => string
  change: (value: number) => string
  title?: (value: number) => string
}

function ImpactRow({ name, row, total, change, title }: ImpactRowProps) {
  const cell = (value: number | null, renderValue: (value: number) => ReactNode) => {
    if (value === null) return <Unknown reason="not known" />
    return value === 0 ? (
      <span className={classes.none}>0</span>
    ) : (
      <span title={title?.(value)}>{renderValue(value)}</span>
    )
  }
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{cell(row.now, total)}</td>
      <td>
        {cell(row.removed, (value) => (
          <span className="removed">{change(-value)}</span>
        ))}
      </td>
      <td>
        {cell(row.restored, (value) => (
          <span className="added">{change(value)}</span>
        ))}
      </td>
      <td>{cell(row.after, total)}</td>
    </tr>
  )
}
