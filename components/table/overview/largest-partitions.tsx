'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { Bytes } from '@/components/ui/values/bytes'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import { fileSummaryQuery } from '@/lib/client/table/metadata-tree'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './table-overview.module.css'

const MAX_SHOWN = 8
/** The sizes of partitions take the manifests of all files. With more files they are read only when asked for. */
const MAX_READ_FILES = 10_000

/** The largest partitions of the shown snapshot by their stored bytes. */
export function LargestPartitions() {
  const { table, asOf, detail } = useShownTable()
  const { dataFileCount } = detail.figures
  const isRead = dataFileCount !== null && dataFileCount <= MAX_READ_FILES
  const query = useInfiniteQuery({ ...fileSummaryQuery(table, asOf, null), enabled: isRead })
  const [first] = query.data?.pages ?? []
  const largest = first?.partitions.slice(0, MAX_SHOWN) ?? []
  const most = Math.max(...largest.map(({ dataBytes }) => dataBytes), 1)
  return (
    <Panel
      title="Largest partitions"
      {...(first && { subtitle: `of ${formatCount(first.partitionCount)}` })}
      {...(detail.shown.isCurrent && { actions: <Link href={paths.partitions(table)}>All partitions</Link> })}
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
      {first?.partitionCount === 0 && <EmptyState>This snapshot has no files.</EmptyState>}
      <ul className={classes.partitions}>
        {largest.map(({ specId, partition, dataBytes }) => (
          <li key={`${specId} ${partition}`}>
            <span className={classes.partition}>
              {partition === '' ? (
                'not partitioned'
              ) : (
                <Mono>
                  <VisibleText>{partition}</VisibleText>
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
