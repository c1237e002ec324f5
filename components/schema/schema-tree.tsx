'use client'
import { useShownTable } from '@/components/tables/shown-table'
import { PageFooter } from '@/components/ui/page-footer'
import { formatQuantity } from '@/lib/format/count'
import { SchemaTable } from './schema-table'

/** The schema of the shown snapshot. */
export function SchemaTree() {
  const { detail } = useShownTable()
  const { schema } = detail
  return (
    <>
      <SchemaTable schema={schema} isPage />
      <PageFooter>
        <span>schema {schema.schemaId}</span>
        <span>{formatQuantity(schema.fields.length, 'column')}</span>
        {detail.partitionedBy && (
          <span>
            partitioned by <code>{detail.partitionedBy}</code>
          </span>
        )}
        {detail.sortedBy && (
          <span>
            sorted by <code>{detail.sortedBy}</code>
          </span>
        )}
      </PageFooter>
    </>
  )
}
