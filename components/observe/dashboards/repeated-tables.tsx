import type { RepeatedTables as Repeated } from '@/lib/contract/shapes/lake'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { formatQuantity } from '@/lib/format/count'
import classes from './dashboards.module.css'
import { TableLink } from '@/components/about/table-link'

/** Tables that were found under a second name and counted once. Renders nothing when each table has one name. */
export function RepeatedTables({ reading: { duplicates, duplicateCount } }: { reading: Repeated }) {
  if (duplicateCount === 0) return null
  return (
    <details className={classes.repeated}>
      <summary>
        {formatQuantity(duplicateCount, 'table')} found under a second name {duplicateCount === 1 ? 'is' : 'are'}{' '}
        counted once
      </summary>
      <ul>
        {duplicates.map(({ table, countedAs }) => (
          <li key={JSON.stringify(table)}>
            <QualifiedTableLink table={table} /> is <QualifiedTableLink table={countedAs} />
          </li>
        ))}
      </ul>
    </details>
  )
}

function QualifiedTableLink({ table }: { table: TableIdentifier }) {
  return (
    <>
      <TableLink table={table} /> of {table.catalog}
    </>
  )
}
