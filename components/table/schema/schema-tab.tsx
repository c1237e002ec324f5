'use client'
import { useShownTable } from '@/components/table/frame/shown-table'
import { PROPOSE_ONLY, useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { PageFooter } from '@/components/ui/page-footer'
import { formatQuantity } from '@/lib/format/count'
import { useSchemaView } from './use-schema-view'
import { ShownColumns } from './shown-columns'

const LazySchemaEditor = lazyComponent(async () => (await import('./edit/schema-editor')).SchemaEditor, {
  loading: () => <ShownColumns hasEditor />,
})

const LazySchemaHistory = lazyComponent(async () => (await import('./history/schema-history')).SchemaHistory)

/** The columns of the shown state, with an editor if the table can be changed, and the schemas before. */
export function SchemaTab() {
  const { detail } = useShownTable()
  const { isOffered: canChange, reason, proposeOnly } = useCanEdit()
  const [{ view }] = useSchemaView()
  const { schema } = detail
  return (
    <>
      {view === 'history' ? <LazySchemaHistory /> : canChange === true ? <LazySchemaEditor /> : <ShownColumns />}
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
        {canChange === false && (
          <span className="quiet">{reason ?? 'Read only. You need the editor role to change columns.'}</span>
        )}
        {proposeOnly && <span className="quiet">{PROPOSE_ONLY}</span>}
      </PageFooter>
    </>
  )
}
