'use client'
import { useQueryState } from 'nuqs'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ProposalHint } from '@/components/table/frame/proposal-hint'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { PageFooter } from '@/components/ui/page-footer'
import { formatQuantity } from '@/lib/format/count'
import { SCHEMA_VIEW_CHECKS, useSchemaView } from './use-schema-view'
import { ShownColumns } from './shown-columns'

const LazyAddressProblems = lazyComponent(async () => (await import('./schema-address-problems')).SchemaAddressProblems)
const LazySchemaEditor = lazyComponent(async () => (await import('./edit/schema-editor')).SchemaEditor, {
  loading: () => <ShownColumns hasEditor />,
})

const LazySchemaHistory = lazyComponent(async () => (await import('./history/schema-history')).SchemaHistory)

/** The columns of the shown state, with an editor if the table can be changed, and the schemas before. */
export function SchemaTab() {
  const { detail } = useShownTable()
  const canEdit = useCanEdit()
  const { isOffered: canChange, reason } = canEdit
  const [{ view }] = useSchemaView()
  const { schema } = detail
  const [columnId] = useQueryState('column')
  return (
    <>
      <AddressProblems checks={SCHEMA_VIEW_CHECKS} />
      {columnId !== null && <LazyAddressProblems schema={schema} />}
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
        <ProposalHint canEdit={canEdit} />
      </PageFooter>
    </>
  )
}
