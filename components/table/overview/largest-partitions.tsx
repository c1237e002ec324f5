'use client'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { NoFiles } from '@/components/table/files/no-files'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { Bytes } from '@/components/ui/values/bytes'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './table-overview.module.css'
import { useFileSummary } from './use-file-summary'

const MAX_SHOWN = 8

/** The largest partitions of the shown snapshot by the bytes of their files. */
export function LargestPartitions() {
  const { table, detail } = useShownTable()
  const { query, first, isRead, dataFileCount } = useFileSummary()
  const largest = first?.partitions.slice(0, MAX_SHOWN) ?? []
  // A field has no need of its name where every partition has only that one.
  const hasOneField = largest.every(({ partition }) => partition.split('=').length === 2)
  const most = Math.max(...largest.map(({ dataBytes }) => dataBytes), 1)
  return (
    <Panel
      title="Largest partitions"
      {...(first && { subtitle: `of ${formatCount(first.partitionCount)}` })}
      {...(detail.shown.isCurrent && { actions: <Link href={paths.partitions(table)}>All</Link> })}
    >
      {!isRead ? (
        <EmptyState>
          {dataFileCount === null
            ? 'The snapshot does not say how many files it has, so its manifests were not read.'
            : `The manifests of ${formatQuantity(dataFileCount, 'file')} were not read.`}
        </EmptyState>
      ) : (
        <Unloaded query={query} subject={entryLabel(table)} skeleton={[8, 2, 'Reading manifests']} />
      )}
      {first?.partitionCount === 0 && <NoFiles />}
      <ul className={classes.partitions}>
        {largest.map(({ specId, partition, dataBytes }) => (
          <li key={`${specId} ${partition}`}>
            <span className={classes.partition} title={visibleText(partition)}>
              {partition === '' ? (
                'not partitioned'
              ) : (
                <Mono>
                  <VisibleText>{hasOneField ? partition.slice(partition.indexOf('=') + 1) : partition}</VisibleText>
                </Mono>
              )}
            </span>
            <span className={classes.track} aria-hidden>
              <span style={{ width: `${(100 * dataBytes) / most}%` }} />
            </span>
            <Bytes value={dataBytes} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
