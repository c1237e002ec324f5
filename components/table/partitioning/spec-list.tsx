'use client'
import { Button } from '@mantine/core'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import type { LayoutSimulation } from '@/lib/contract/table/layout'
import { schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import { specLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { returnToSpec } from './layout-edits'
import type { LayoutEdits } from './use-layout-edits'
import tab from './layout-tab.module.css'

/** The data that a spec holds; null until the manifests are read. */
type HeldSpec = {
  specId: number
  label: string
  isCurrent: boolean
  held: Pick<LayoutSimulation['specs'][number], 'dataFileCount' | 'rowCount' | 'dataBytes'> | null
}

const NOT_READ = 'not read yet'

/**
 * Every spec that the table has had, and which live files were written with it. The specs are in the metadata, so the
 * figures come into a list that has its room.
 */
export function SpecList({ simulation, edits }: { simulation: LayoutSimulation | undefined; edits: LayoutEdits }) {
  const { canChange, change, metadata } = edits
  const figures = new Map(simulation?.specs.map((spec) => [spec.specId, spec] as const))
  const specs = metadata.partitionSpecs
    .map((spec): HeldSpec => {
      const schema = schemaForSpec(spec, metadata.schemas)
      return {
        specId: spec.specId,
        label: schema === null ? '' : specLabel(spec, schema),
        isCurrent: spec.specId === metadata.defaultSpecId,
        held: figures.get(spec.specId) ?? null,
      }
    })
    .toSorted((a, b) => b.specId - a.specId)
  const columns: Column<HeldSpec>[] = [
    { id: 'spec', header: 'Spec', cell: ({ specId }) => specId },
    {
      id: 'fields',
      header: 'Fields',
      weight: 'name',
      cell: ({ specId, label, isCurrent }) => (
        <span className={tab.held}>
          {label === '' ? 'unpartitioned' : <code>{label}</code>}
          {/* On its own line: beside the name it would move there when the figures come. */}
          {isCurrent && <span className="quiet">today</span>}
          {canChange && !isCurrent && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Use again: spec ${specId}`}
              onClick={() => change((known) => returnToSpec(metadata, known, specId))}
            >
              Use again
            </Button>
          )}
        </span>
      ),
    },
    {
      id: 'files',
      header: 'Files',
      align: 'end',
      cell: ({ held }) => <Count value={held?.dataFileCount ?? null} reason={NOT_READ} />,
    },
    {
      id: 'rows',
      header: 'Rows',
      align: 'end',
      cell: ({ held }) => <Count value={held?.rowCount ?? null} reason={NOT_READ} />,
    },
    {
      id: 'bytes',
      header: 'Bytes',
      align: 'end',
      cell: ({ held }) => <Bytes value={held?.dataBytes ?? null} reason={NOT_READ} />,
    },
  ]
  const deleteFileCount = simulation?.specs.reduce((sum, spec) => sum + spec.deleteFileCount, 0) ?? 0
  return (
    <section className={tab.section} aria-label="Specs and the data they hold">
      {specs.length > 1 && (
        <>
          <h3 className={tab.heading}>Specs and the data they hold</h3>
          <DataTable label="Partition specs" columns={columns} rows={specs} rowKey={({ specId }) => `${specId}`} />
        </>
      )}
      <p className={tab.note}>
        Committing a spec rewrites nothing: existing files keep their partitions, even when Lakeshore rewrites them. To
        move them to the current spec, use another engine, such as Spark with <code>rewrite_data_files</code>.
        {deleteFileCount > 0 && specs.length > 1 && ' Delete files are not counted in rows and bytes.'}
      </p>
    </section>
  )
}
