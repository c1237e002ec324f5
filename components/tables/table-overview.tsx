'use client'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { PathText } from '@/components/ui/values/path-text'
import { Panel } from '@/components/ui/panel'
import { formatExactTime } from '@/lib/format/time'
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
    ['Metadata changed', formatExactTime(detail.lastUpdatedMs)],
    ['Table id', <Mono key="uuid">{detail.tableUuid}</Mono>],
    ['Location', <PathText key="location">{detail.location}</PathText>],
    ['Metadata file', <PathText key="metadata">{detail.metadataLocation}</PathText>],
  ]
  return (
    <div className={classes.overview}>
      <Panel title="About">
        {properties.comment !== undefined && <p className={classes.comment}>{properties.comment}</p>}
        <Facts facts={facts} />
      </Panel>
      <CommitStrip table={table} />
      <div className={classes.connect}>
        <ConnectSnippets table={table} detail={detail} />
      </div>
    </div>
  )
}
