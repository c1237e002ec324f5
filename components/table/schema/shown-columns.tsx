'use client'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ColumnReaders } from '@/components/table/uses/column-readers'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ColumnBadges } from './column-badges'
import { type TreeLine, TreeTable } from './tree-table'
import { treeRows } from './tree-rows'
import { useSelectedColumn } from './use-selected-column'

/** The code of the controls follows that of the page. */
const LazySchemaToolbar = lazyComponent(async () => (await import('./schema-toolbar')).SchemaToolbar, {
  isServerRendered: true,
})

/** The current columns. With `hasEditor` it has the size of the editor that replaces it. */
export function ShownColumns({ hasEditor = false }: { hasEditor?: boolean }) {
  const { schema, properties, formatVersion, shown } = useShownTable().detail
  const selectedId = useSelectedColumn()
  return (
    <>
      <LazySchemaToolbar {...(hasEditor && { onAdd: null })} />
      <TreeTable
        lines={treeRows(schema).map((row): TreeLine => ({ kind: 'column', row, isOpen: false }))}
        badges={({ fieldId }) => <ColumnBadges fieldId={fieldId} properties={properties} />}
        readers={shown.isCurrent ? (column) => <ColumnReaders column={column} /> : undefined}
        hasEditor={hasEditor}
        hasDefaults={hasEditor && formatVersion >= 3}
        selectedId={selectedId}
      />
    </>
  )
}
