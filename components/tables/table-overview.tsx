'use client'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { PathText } from '@/components/ui/values/path-text'
import { Unknown } from '@/components/ui/values/unknown'
import { Panel } from '@/components/ui/panel'
import { CommitStrip } from './commit-strip'
import { ConnectSnippets } from './connect-snippets'
import { useShownTable } from './shown-table'
import classes from './table-overview.module.css'
import { visibleText } from '@/lib/format/visible-text'

/** Facts about a table, its newest commits, and snippets for other engines. */
export function TableOverview() {
  const { table, detail } = useShownTable()
  const { properties, shown, shownMetadata } = detail
  const unknown = <Unknown reason={detail.shownMetadataProblem ?? 'not known'} />
  const layout = (label: string | null) => (label === null ? unknown : label === '' ? 'none' : <Mono>{label}</Mono>)
  const facts: Fact[] = [
    ...(properties.owner === undefined ? [] : [[shown.isNow ? 'Owner' : 'Owner now', properties.owner] as const]),
    ['Partitioned by', layout(detail.partitionedBy)],
    ['Sorted by', layout(detail.sortedBy)],
    ['Snapshots', shownMetadata?.snapshotCount ?? unknown],
    ['Branches and tags', shownMetadata ? shownMetadata.refNames.map(visibleText).join(', ') || 'none' : unknown],
    ['Metadata changed', shownMetadata ? <ExactTime key="changed" atMs={shownMetadata.lastUpdatedMs} /> : unknown],
    ['Table id', <Mono key="uuid">{detail.tableUuid}</Mono>],
    ['Location', <PathText key="location">{detail.location}</PathText>],
    ['Metadata file', shownMetadata ? <PathText key="metadata">{shownMetadata.location}</PathText> : unknown],
  ]
  return (
    <div className={classes.overview}>
      <Panel title="About">
        {properties.comment !== undefined && (
          <p className={classes.comment}>
            {properties.comment}
            {!shown.isNow && ' (comment as of now)'}
          </p>
        )}
        <Facts facts={facts} />
      </Panel>
      <CommitStrip table={table} upTo={shown.isNow ? null : shown.snapshotId} />
      <div className={classes.connect}>
        <ConnectSnippets table={table} detail={detail} />
      </div>
    </div>
  )
}
