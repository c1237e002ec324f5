'use client'
import type { ReactNode } from 'react'
import { Mono } from '@/components/ui/mono'
import { Panel } from '@/components/ui/panel'
import { formatExactTime } from '@/lib/format/time'
import { CommitStrip } from './commit-strip'
import { ConnectSnippets } from './connect-snippets'
import { useShownTable } from './shown-table'
import classes from './table-overview.module.css'

/** What a table is, what happens to it, and how to reach it from elsewhere. */
export function TableOverview() {
  const { table, detail } = useShownTable()
  const { properties } = detail
  const facts: [string, ReactNode][] = [
    ['Owner', properties.owner ?? null],
    ['Partitioned by', detail.partitionedBy === '' ? 'none' : <Mono key="spec">{detail.partitionedBy}</Mono>],
    ['Sorted by', detail.sortedBy === '' ? 'none' : <Mono key="order">{detail.sortedBy}</Mono>],
    ['Snapshots', detail.snapshotCount],
    ['Branches and tags', detail.refs.map(({ name }) => name).join(', ') || 'none'],
    ['Metadata changed', formatExactTime(detail.lastUpdatedMs)],
    ['Table id', <Mono key="uuid">{detail.tableUuid}</Mono>],
    ['Location', <Mono key="location">{detail.location}</Mono>],
    ['Metadata file', <Mono key="metadata">{detail.metadataLocation}</Mono>],
  ]
  return (
    <div className={classes.overview}>
      <Panel title="About">
        {properties.comment !== undefined && <p className={classes.comment}>{properties.comment}</p>}
        <dl className={classes.facts}>
          {facts.map(
            ([name, value]) =>
              value !== null && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
      </Panel>
      <CommitStrip table={table} />
      <ConnectSnippets table={table} detail={detail} />
    </div>
  )
}
