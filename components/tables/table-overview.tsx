'use client'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { Panel } from '@/components/ui/panel'
import { CommitStrip } from './commit-strip'
import { ConnectSnippets } from './connect-snippets'
import { useShownTable } from './shown-table'
import classes from './table-overview.module.css'

/** Facts about a table, its newest commits, and snippets for other engines. */
export function TableOverview() {
  const { table, detail } = useShownTable()
  const { properties } = detail
  const facts: Fact[] = [
    ...(properties.owner === undefined ? [] : [['Owner', properties.owner] as const]),
    ['Partitioned by', detail.partitionedBy === '' ? 'none' : <Mono key="spec">{detail.partitionedBy}</Mono>],
    ['Sorted by', detail.sortedBy === '' ? 'none' : <Mono key="order">{detail.sortedBy}</Mono>],
    ['Snapshots', detail.snapshotCount],
    ['Branches and tags', detail.refs.map(({ name }) => name).join(', ') || 'none'],
    ['Metadata changed', <ExactTime key="changed" atMs={detail.lastUpdatedMs} />],
    ['Table id', <Mono key="uuid">{detail.tableUuid}</Mono>],
    ['Location', <Mono key="location">{detail.location}</Mono>],
    ['Metadata file', <Mono key="metadata">{detail.metadataLocation}</Mono>],
  ]
  return (
    <div className={classes.overview}>
      <Panel title="About">
        {properties.comment !== undefined && <p className={classes.comment}>{properties.comment}</p>}
        <Facts facts={facts} />
      </Panel>
      <CommitStrip table={table} />
      <ConnectSnippets table={table} detail={detail} />
    </div>
  )
}
