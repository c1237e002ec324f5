import type { LeftBehind } from '@/lib/contract/table/refs'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountChange } from '@/lib/format/count'
import classes from './impact-table.module.css'

const ROWS: readonly [keyof LeftBehind['unreferenced'], string][] = [
  ['snapshots', 'Snapshots'],
  ['rows', 'Rows in data files'],
  ['dataFiles', 'Data files'],
  ['deleteFiles', 'Delete files'],
  ['bytes', 'Bytes'],
]

/**
 * The size of the table now, of what other snapshots retain, and of what only the snapshots have that are left behind.
 */
export function LeftBehindTable({ retained, unreferenced }: LeftBehind) {
  return (
    <table className={classes.table} aria-label="Impact">
      <thead>
        <tr>
          <th>
            <span className="sr-only">Figure</span>
          </th>
          <th>Now</th>
          <th>Kept</th>
          <th>Left behind</th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(([key, name]) => {
          const isBytes = key === 'bytes'
          const [total, change] = isBytes ? [formatBytes, formatBytesChange] : [formatCount, formatCountChange]
          const cell = (value: number, text: string) => (
            <td
              className={value === 0 ? classes.none : undefined}
              title={isBytes ? formatExactBytes(value) : undefined}
            >
              {value === 0 ? '0' : text}
            </td>
          )
          return (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cell(retained[key] + unreferenced[key], total(retained[key] + unreferenced[key]))}
              {cell(retained[key], total(retained[key]))}
              <td className={unreferenced[key] === 0 ? classes.none : 'removed'}>
                {unreferenced[key] === 0 ? '0' : change(-unreferenced[key])}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
