import Link from 'next/link'
import type { TablePlace } from '@/lib/contract/lake'
import type { AsOf } from '@/lib/iceberg/as-of'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { paths, type TableTab } from '@/lib/paths'
import classes from './dashboards.module.css'

/** `namespace.table`, which leads to the table; as of something where a chart spoke of that time. */
export function TableLink({ place, tab, asOf }: { place: TablePlace; tab?: TableTab; asOf?: AsOf }) {
  return (
    <Link href={paths.table(place, tab, asOf)} className={classes.table} prefetch={false}>
      {tableLabel(place)}
    </Link>
  )
}

export function NamespaceLink({ place: { catalog, namespace } }: { place: Omit<TablePlace, 'table'> }) {
  return (
    <Link href={paths.namespace(catalog, namespace)} className={classes.table} prefetch={false}>
      {namespaceLabel(namespace)}
    </Link>
  )
}

export function tableLabel({ namespace, table }: TablePlace): string {
  return `${namespaceLabel(namespace)}.${table}`
}
