import { queryOptions } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { loadCode } from '@/lib/load-code'
import { keys } from '../keys'
import { tableLayoutsQuery } from './tables'

/** The fields of every schema that the table has had: the current one first, then the newest first. */
export function tableSchemasQuery(identifier: TableIdentifier, metadataLocation: string) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'schemas', metadataLocation],
    queryFn: async ({ client }) => {
      const [layouts, { readTableMetadata }] = await Promise.all([
        client.fetchQuery(tableLayoutsQuery(identifier, metadataLocation)),
        loadCode(() => import('@/lib/iceberg/metadata/metadata-json')),
      ])
      const { schemas, currentSchemaId } = readTableMetadata(layouts.metadata)
      const rank = (schemaId: number) => (schemaId === currentSchemaId ? Number.POSITIVE_INFINITY : schemaId)
      return schemas.toSorted((a, b) => rank(b.schemaId) - rank(a.schemaId)).map(({ fields }) => fields)
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}
