'use client'
import { UnlessNoAccess } from '@/components/admin/access/requests/unless-no-access'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgedTables } from '@/components/about/badges-of-page'
import { Button } from '@mantine/core'
import { IconWorld } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { CatalogsBehind } from '@/components/about/catalogs-behind'
import { RepeatedTables } from '@/components/observe/dashboards/repeated-tables'
import { StaleDataNote } from '@/components/observe/dashboards/stale-data-note'
import { useLastReading } from '@/components/observe/dashboards/use-last-reading'
import { useSpan } from '@/components/observe/dashboards/use-span'
import { Page } from '@/components/shell/page'
import { WaitingNote } from '@/components/proposals/lists/waiting-note'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { homeQuery } from '@/lib/client/home'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { LakeEvents } from './lake-events'
import { DemoNote } from './demo-note'
import { Freshness } from './freshness'
import classes from './home.module.css'
import { HomeFigures } from './home-figures'
import { HomeShortcuts } from './home-shortcuts'
import { LargestTables } from './largest-tables'
import { RowsChart } from './rows-chart'

/** The lake at a glance: its size, ingestion, late tables and recent activity. */
export function HomePage() {
  const timeSpan = useSpan()
  const zone = useTimeZone()
  const query = useQuery(homeQuery(timeSpan.span))
  const { data, span, isStale } = useLastReading(query, timeSpan.span)
  return (
    <Page
      title="The lake"
      subtitle={
        data ? (
          <span className={isStale ? 'warn' : undefined}>
            {formatQuantity(data.catalogCount, 'catalog')}, read <RelativeTime atMs={data.readAtMs} />
            <DemoNote tableCount={data.demoTableCount} />
          </span>
        ) : undefined
      }
      actions={
        <>
          <WaitingNote />
          <span className={classes.zone}>
            <IconWorld size={15} stroke={1.6} aria-hidden />
            {zone}
          </span>
        </>
      }
    >
      <AddressProblems checks={timeSpan.checks} />
      <UnlessNoAccess>
        {data === undefined ? (
          <Unloaded query={query} subject="The lake" skeleton={[12, 6, 'Reading the lake']} />
        ) : (
          <BadgedTables badges={data.badges}>
            {isStale && <StaleDataNote query={query} subject="The lake" />}
            <CatalogsBehind behind={data.behind} />
            <RepeatedTables reading={data} />
            <HomeFigures home={data} />
            <HomeShortcuts />
            {data.tableCount + data.unreadTableCount === 0 ? (
              <NoTables isComplete={data.behind.length === 0} />
            ) : (
              <>
                <div className={classes.columns}>
                  <RowsChart home={data} span={span} timeSpan={timeSpan} />
                  <Freshness freshness={data.freshness} tableCount={data.tableCount} nowMs={data.readAtMs} />
                </div>
                <div className={classes.columns}>
                  <LakeEvents events={data.events} completeSinceMs={data.eventsCompleteSinceMs} />
                  <LargestTables tables={data.tables} tableCount={data.tableCount} liveBytes={data.liveBytes} />
                </div>
              </>
            )}
          </BadgedTables>
        )}
      </UnlessNoAccess>
    </Page>
  )
}

/** @param props.isComplete whether every catalog has been read, so that there are none */
function NoTables({ isComplete }: { isComplete: boolean }) {
  if (!isComplete) return <EmptyState>No tables have been read yet. The note above says why.</EmptyState>
  return (
    <EmptyState
      action={
        <Button component={Link} href={paths.load()} variant="default">
          Load data
        </Button>
      }
    >
      No tables yet. Drop a file: it becomes the first one.
    </EmptyState>
  )
}
