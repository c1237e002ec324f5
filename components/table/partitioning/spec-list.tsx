'use client'
import { Button } from '@mantine/core'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import type { LayoutSimulation } from '@/lib/contract/table/layout'
import { returnToSpec } from './layout-edits'
import type { LayoutEdits } from './use-layout-edits'
import tab from './layout-tab.module.css'

type HeldSpec = LayoutSimulation['specs'][number]

/** Every spec that the table has had, and which live files were written with it. */
export function SpecList({ simulation, edits }: { simulation: LayoutSimulation; edits: LayoutEdits }) {
  const { canChange, change, metadata } = edits
  const columns: Column<HeldSpec>[] = [
    { id: 'spec', header: 'Spec', cell: ({ specId }) => specId },
    {
      id: 'fields',
      header: 'Fields',
      weight: 'name',
      cell: ({ specId, label, isCurrent }) => (
        <span className={tab.held}>
          <span>
            {label === '' ? 'unpartitioned' : <code>{label}</code>}
            {isCurrent && <span className="quiet"> today</span>}
          </span>
          {canChange && !isCurrent && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Return to it: spec ${specId}`}
              onClick={() => change((known) => returnToSpec(metadata, known, specId))}
            >
              Return to it
            </Button>
          )}
        </span>
      ),
    },
    { id: 'files', header: 'Files', align: 'end', cell: ({ dataFileCount }) => <Count value={dataFileCount} /> },
    { id: 'rows', header: 'Rows', align: 'end', cell: ({ rowCount }) => <Count value={rowCount} /> },
    { id: 'bytes', header: 'Bytes', align: 'end', cell: ({ dataBytes }) => <Bytes value={dataBytes} /> },
  ]
  const deleteFileCount = simulation.specs.reduce((sum, spec) => sum + spec.deleteFileCount, 0)
  return (
    <section className={tab.section} aria-label="Specs and the data they hold">
      {simulation.specs.length > 1 && (
        <>
          <h3 className={tab.heading}>Specs and the data they hold</h3>
          <DataTable
            label="Partition specs"
            columns={columns}
            rows={simulation.specs}
            rowKey={({ specId }) => `${specId}`}
          />
        </>
      )}
      <p className={tab.note}>
        Committing a spec rewrites nothing: existing files keep their partitions, also when Lakeshore rewrites them. To
        move them to the current spec, use another engine, such as Spark with <code>rewrite_data_files</code>.
        {deleteFileCount > 0 && simulation.specs.length > 1 && ' Delete files are not counted in rows and bytes.'}
      </p>
    </section>
  )
}
