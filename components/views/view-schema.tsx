'use client'
import { SchemaTable } from '@/components/table/schema/schema-table'
import { Panel } from '@/components/ui/panel'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { formatQuantity } from '@/lib/format/count'
import { SchemaDiff } from './schema-diff'

type ViewSchemaProps = {
  detail: ViewDetail
  shown: ViewVersion
  /** The version to compare with. */
  against: ViewVersion | null
}

/** The schema of a version, alone or next to that of another one. */
export function ViewSchema({ detail, shown, against }: ViewSchemaProps) {
  const schema = detail.schemas.find(({ schemaId }) => schemaId === shown.schemaId)
  const before = against && detail.schemas.find(({ schemaId }) => schemaId === against.schemaId)
  const subtitle = `schema ${shown.schemaId}${schema ? `, ${formatQuantity(schema.fields.length, 'column')}` : ''}`
  return (
    <Panel title="Schema" subtitle={subtitle} flush>
      {schema && before ? (
        <SchemaDiff
          before={before.fields}
          after={schema.fields}
          label={`Schema compared with version ${against.versionId}`}
        />
      ) : schema ? (
        <SchemaTable schema={schema} />
      ) : (
        <p className="padded bare secondary">This schema is missing from the view’s metadata.</p>
      )}
    </Panel>
  )
}
