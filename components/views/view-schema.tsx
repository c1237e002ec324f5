'use client'
import { SchemaTable } from '@/components/schema/schema-table'
import { Panel } from '@/components/ui/panel'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { formatQuantity } from '@/lib/format/count'
import classes from './view-about.module.css'

/** The schema of a version. */
export function ViewSchema({ detail, shown }: { detail: ViewDetail; shown: ViewVersion }) {
  const schema = detail.schemas.find(({ schemaId }) => schemaId === shown.schemaId)
  const subtitle = `schema ${shown.schemaId}${schema ? `, ${formatQuantity(schema.fields.length, 'column')}` : ''}`
  return (
    <Panel title="Schema" subtitle={subtitle} flush>
      {schema ? (
        <SchemaTable schema={schema} />
      ) : (
        <p className={classes.none}>This schema is missing from the view’s metadata.</p>
      )}
    </Panel>
  )
}
