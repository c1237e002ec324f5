import 'server-only'
import { joinNamespace, splitNamespace } from '@/lib/iceberg/identifiers'
import type { Resource } from '@/lib/permissions'
import type { ResourceTable } from '../tables'

/** A resource in columns that are never null, so that a unique index compares them. */
export function resourceColumns({ catalog = '', namespace = [], table = '' }: Resource): ResourceTable {
  return { catalog, namespace: joinNamespace(namespace), table_name: table }
}

/** The inverse of {@link resourceColumns}. */
export function toResource({ catalog, namespace, table_name: table }: ResourceTable): Resource {
  return {
    ...(catalog !== '' && { catalog }),
    ...(namespace !== '' && { namespace: splitNamespace(namespace) }),
    ...(table !== '' && { table }),
  }
}
