import Link from 'next/link'
import { TableBadgeIcon } from '@/components/about/badges-of-page'
import { QualifiedName } from '@/components/ui/values/qualified-name'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asTableIdentifier, namespaceLabel, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths, type TableTab } from '@/lib/paths/paths'
import classes from './table-link.module.css'

/**
 * `namespace.table` as a link to the table, at `asOf` if given, and the badge of the table.
 *
 * @param props.isFitted cuts a long name in its middle, for a column without room for it
 */
export function TableLink({
  table,
  tab,
  asOf,
  isFitted = false,
}: {
  table: TableIdentifier
  tab?: TableTab
  asOf?: AsOf
  isFitted?: boolean
}) {
  const label = tableLabel(table)
  return (
    <>
      <Link
        href={paths.table(table, tab, asOf)}
        className={classes.table}
        prefetch={false}
        title={label}
        {...(isFitted && { 'aria-label': label })}
      >
        {isFitted ? <QualifiedName prefix={namespaceLabel(table.namespace)} name={table.table} /> : label}
      </Link>
      <TableBadgeIcon table={table} />
    </>
  )
}

/** The same for a view. */
export function ViewLink({ view }: { view: ViewIdentifier }) {
  const entry = asTableIdentifier(view)
  return (
    <>
      <Link href={paths.view(view)} className={classes.table} prefetch={false} title={tableLabel(entry)}>
        {tableLabel(entry)}
      </Link>
      <TableBadgeIcon table={entry} />
    </>
  )
}

export function NamespaceLink({ target: { catalog, namespace } }: { target: Omit<TableIdentifier, 'table'> }) {
  return (
    <Link href={paths.namespace(catalog, namespace)} className={classes.table} prefetch={false}>
      {namespaceLabel(namespace)}
    </Link>
  )
}

export function tableLabel({ namespace, table }: TableIdentifier): string {
  return `${namespaceLabel(namespace)}.${table}`
}
