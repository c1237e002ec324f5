'use client'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { WriteActions } from '@/components/table/frame/write-actions'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { AboutStrip } from './about-strip'
import { ColumnsPanel } from './columns-panel'
import { CommitStrip } from './commit-strip'
import healthClasses from './health-panel.module.css'
import { StateStrip } from './state-strip'
import classes from './table-overview.module.css'

/** As high as the panel: its code, with the rules of an expiry, follows that of the page. */
const LazyHealthPanel = lazyComponent(async () => (await import('./health-panel')).HealthPanel, {
  loading: () => (
    <Panel title="Health" flush>
      {['files', 'deletes', 'snapshots'].map((name) => (
        <div key={name} className={healthClasses.check} />
      ))}
    </Panel>
  ),
  isServerRendered: true,
})
/** As high as the chart. */
const LazyTableGrowth = lazyComponent(async () => (await import('./table-growth')).TableGrowth, {
  loading: () => (
    <Panel title="Size and rows">
      <div className={classes.unloadedGrowth} />
    </Panel>
  ),
  isServerRendered: true,
})
const LazySnapshotGrowth = lazyComponent(async () => (await import('./snapshot-growth')).SnapshotGrowth)
const LazyLargestPartitions = lazyComponent(async () => (await import('./largest-partitions')).LargestPartitions, {
  loading: () => (
    <Panel title="Largest partitions">
      <SkeletonRows rows={8} columns={2} label="Reading manifests" />
    </Panel>
  ),
})
const LazyUsedByPanel = lazyComponent(async () => (await import('./used-by-panel')).UsedByPanel, {
  loading: () => (
    <Panel title="Used by">
      <SkeletonRows rows={2} columns={3} label="Reading what uses it" />
    </Panel>
  ),
})
const LazyConnectPanel = lazyComponent(async () => (await import('./connect-panel')).ConnectPanel)

/** A table at a glance: what it is, its state, its health, its growth, its newest commits, its columns, its largest partitions and what uses it. */
export function TableOverview() {
  const { table, detail } = useShownTable()
  const { shown, figures } = detail
  const isUnwritten = shown.isCurrent && shown.snapshotId === null
  const upTo = shown.isCurrent ? null : shown.snapshotId
  const isPartitioned = (detail.partitionedBy ?? '') !== ''
  const [isConnecting, setConnecting] = useQueryState(
    'connect',
    parseAsBoolean.withDefault(false).withOptions({ history: 'push' }),
  )
  return (
    <div className={classes.frame}>
      <div className={classes.overview}>
        <AboutStrip isConnecting={isConnecting} onConnect={() => void setConnecting(!isConnecting)}>
          <StateStrip upTo={upTo} />
        </AboutStrip>
        <div className={classes.history}>
          {shown.isCurrent && (
            <div className={classes.health}>
              <LazyHealthPanel />
            </div>
          )}
          <div className={classes.growth}>
            {isUnwritten ? (
              <Panel title="Size and rows">
                <EmptyState action={<WriteActions table={table} />}>
                  No data yet. Load a file, or write with another engine.
                </EmptyState>
              </Panel>
            ) : upTo === null ? (
              <LazyTableGrowth table={table} isEmpty={figures.rowCount === 0} />
            ) : (
              <LazySnapshotGrowth table={table} upTo={upTo} />
            )}
          </div>
          <div className={classes.commits}>
            <CommitStrip table={table} upTo={upTo} />
          </div>
        </div>
        <div className={classes.contents} data-two={!isPartitioned || undefined}>
          <div>
            <ColumnsPanel />
          </div>
          {isPartitioned && (
            <div>
              <LazyLargestPartitions />
            </div>
          )}
          <div>
            <LazyUsedByPanel />
          </div>
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
