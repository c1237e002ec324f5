'use client'
import { Button } from '@mantine/core'
import { TagList } from '@/components/about/tag-list'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { PathText } from '@/components/ui/values/path-text'
import { Unknown } from '@/components/ui/values/unknown'
import { Panel } from '@/components/ui/panel'
import { readAbout } from '@/lib/iceberg/properties/about'
import { CommitStrip } from './commit-strip'
import { ConnectSnippets } from './connect-snippets'
import { UsedByPanel } from './used-by-panel'
import { useTableAction } from '@/components/table/lifecycle/use-table-action'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import classes from './table-overview.module.css'
import { visibleText } from '@/lib/format/visible-text'

/** Facts about a table, its newest commits, and snippets for other engines. */
export function TableOverview() {
  const { table, detail } = useShownTable()
  const { shown, shownMetadata } = detail
  const about = readAbout(detail.properties)
  const canEdit = useCanEdit().isOffered === true
  const [, setAction] = useTableAction()
  const unknown = <Unknown reason={detail.shownMetadataProblem ?? 'not known'} />
  const layout = (label: string | null) => (label === null ? unknown : label === '' ? 'none' : <Mono>{label}</Mono>)
  const facts: Fact[] = [
    ...(about.owner === null ? [] : [[shown.isCurrent ? 'Owner' : 'Owner now', about.owner] as const]),
    ...(about.tags.length === 0
      ? []
      : [[shown.isCurrent ? 'Tags' : 'Tags now', <TagList key="tags" tags={about.tags} />] as const]),
    ...(about.badgeReason === null
      ? []
      : [[about.badge === 'deprecated' ? 'Deprecated' : 'Certified', about.badgeReason] as const]),
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
      <Panel
        title="About"
        {...(canEdit && {
          actions: (
            <Button variant="subtle" size="compact-xs" onClick={() => void setAction('about')}>
              Edit
            </Button>
          ),
        })}
      >
        {about.description !== null && (
          <p className={classes.comment}>
            {about.description}
            {!shown.isCurrent && ' (comment as of now)'}
          </p>
        )}
        <Facts facts={facts} />
      </Panel>
      <CommitStrip table={table} upTo={shown.isCurrent ? null : shown.snapshotId} />
      <div className={classes.wide}>
        <UsedByPanel />
      </div>
      <div className={classes.wide}>
        <ConnectSnippets table={table} detail={detail} />
      </div>
    </div>
  )
}
