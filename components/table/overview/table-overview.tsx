'use client'
import { Button } from '@mantine/core'
import { IconPlug } from '@tabler/icons-react'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { OwnerLink } from '@/components/about/owner-link'
import { TagList } from '@/components/about/tag-list'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { PathText } from '@/components/ui/values/path-text'
import { Unknown } from '@/components/ui/values/unknown'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { readAbout } from '@/lib/iceberg/properties/about'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ColumnsPanel } from './columns-panel'
import { CommitStrip } from './commit-strip'
import { LargestPartitions } from './largest-partitions'
import { StateStrip } from './state-strip'
import { TableGrowth } from './table-growth'
import { useTableAction } from '@/components/table/lifecycle/use-table-action'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import classes from './table-overview.module.css'
import { visibleText } from '@/lib/format/visible-text'

const LazyUsedByPanel = lazyComponent(async () => (await import('./used-by-panel')).UsedByPanel, {
  loading: () => (
    <Panel title="Used by">
      <SkeletonRows rows={2} columns={3} label="Reading what uses it" />
    </Panel>
  ),
})
const LazyConnectPanel = lazyComponent(async () => (await import('./connect-panel')).ConnectPanel)

/** A table at a glance: what it is, its state, its growth, its newest commits, its largest partitions, its columns and what uses it. */
export function TableOverview() {
  const { table, detail } = useShownTable()
  const { shown, shownMetadata } = detail
  const upTo = shown.isCurrent ? null : shown.snapshotId
  const about = readAbout(detail.properties)
  const canEdit = useCanEdit().isOffered === true
  const [, setAction] = useTableAction()
  const [isConnecting, setConnecting] = useQueryState(
    'connect',
    parseAsBoolean.withDefault(false).withOptions({ history: 'push' }),
  )
  const unknown = <Unknown reason={detail.shownMetadataProblem ?? 'not known'} />
  const layout = (label: string | null) => (label === null ? unknown : label === '' ? 'none' : <Mono>{label}</Mono>)
  const facts: Fact[] = [
    ...(about.owner === null
      ? []
      : [[shown.isCurrent ? 'Owner' : 'Owner now', <OwnerLink key="owner" owner={about.owner} />] as const]),
    ...(about.tags.length === 0
      ? []
      : [[shown.isCurrent ? 'Tags' : 'Tags now', <TagList key="tags" tags={about.tags} hasLinks />] as const]),
    ...(about.badgeReason === null
      ? []
      : [[about.badge === 'deprecated' ? 'Deprecated' : 'Certified', about.badgeReason] as const]),
    ['Partitioned by', layout(detail.partitionedBy)],
    ['Sorted by', layout(detail.sortedBy)],
    ['Branches and tags', shownMetadata ? shownMetadata.refNames.map(visibleText).join(', ') || 'none' : unknown],
    ['Metadata changed', shownMetadata ? <ExactTime key="changed" atMs={shownMetadata.lastUpdatedMs} /> : unknown],
    ['Table id', <Mono key="uuid">{detail.tableUuid}</Mono>],
    ['Location', <PathText key="location">{detail.location}</PathText>],
    ['Metadata file', shownMetadata ? <PathText key="metadata">{shownMetadata.location}</PathText> : unknown],
  ]
  return (
    <div className={classes.frame}>
      <div className={classes.overview}>
        <div className={classes.about}>
          <Panel
            title="About"
            actions={
              <>
                {canEdit && (
                  <Button variant="subtle" size="compact-xs" onClick={() => void setAction('about')}>
                    Edit
                  </Button>
                )}
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-expanded={isConnecting}
                  leftSection={<IconPlug size={13} stroke={1.6} aria-hidden />}
                  onClick={() => void setConnecting(!isConnecting)}
                >
                  Connect
                </Button>
              </>
            }
          >
            <p className={classes.comment}>
              {about.description ?? <span className="quiet">No description yet.</span>}
              {about.description !== null && !shown.isCurrent && ' (comment as of now)'}
            </p>
            <Facts facts={facts} />
          </Panel>
        </div>
        <div className={classes.wide}>
          <StateStrip upTo={upTo} />
        </div>
        <TableGrowth table={table} upTo={upTo} />
        <div className={classes.side}>
          <CommitStrip table={table} upTo={upTo} />
          {(detail.partitionedBy ?? '') !== '' && <LargestPartitions />}
        </div>
        <ColumnsPanel />
        <div className={classes.side}>
          <LazyUsedByPanel />
        </div>
      </div>
      {isConnecting && (
        <TableSidePanel>
          <LazyConnectPanel table={table} detail={detail} onClose={() => void setConnecting(false)} />
        </TableSidePanel>
      )}
    </div>
  )
}
