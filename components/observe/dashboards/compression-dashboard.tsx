'use client'
import { UnlessNoAccess } from '@/components/admin/access/requests/unless-no-access'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgedTables } from '@/components/about/badges-of-page'
import { useQuery } from '@tanstack/react-query'
import { Page } from '@/components/shell/page'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { compressionQuery } from '@/lib/client/dashboards'
import { CodecMatrixPanel } from './codec-matrix-panel'
import { CompressionFigures } from './compression-figures'
import { CompressionTables, VIEW_CHECK } from './compression-tables'
import { DashboardChoice } from './dashboard-choice'
import classes from './dashboards.module.css'
import { LakeProblems } from './lake-problems'
import { LargestColumns } from './largest-columns'
import { RepeatedTables } from './repeated-tables'
import { RangeChoice } from './range-choice'
import { ScopeChoice } from './scope-choice'
import { RatioHistory, StorageHistory } from './storage-history'
import { useScope } from './use-scope'
import { StaleDataNote } from './stale-data-note'
import { useLastReading } from './use-last-reading'
import { useSpan } from './use-span'

/** Compression of the lake: plain against stored bytes by table and codec, and configured against actual codecs. */
export function CompressionDashboard() {
  const timeSpan = useSpan()
  const scope = useScope()
  const query = useQuery(compressionQuery(scope.scope, timeSpan.span))
  const { data, isStale } = useLastReading(query, timeSpan.span)
  return (
    <Page
      title="Compression"
      subtitle={
        data && (
          <span className={isStale ? 'warn' : undefined}>
            read <RelativeTime atMs={data.readAtMs} />
          </span>
        )
      }
      afterTitle={<DashboardChoice />}
      actions={
        <>
          <ScopeChoice scope={scope} />
          <RangeChoice timeSpan={timeSpan} ranges={['24h', '7d', '30d', '90d']} />
        </>
      }
    >
      <AddressProblems checks={{ ...timeSpan.checks, ...scope.checks, ...VIEW_CHECK }} />
      <UnlessNoAccess>
        {data === undefined ? (
          <Unloaded
            query={query}
            subject="The compression dashboard"
            skeleton={[10, 6, 'Reading the files of the lake']}
          />
        ) : (
          <BadgedTables badges={data.badges}>
            {isStale && <StaleDataNote query={query} subject="The compression dashboard" />}
            <LakeProblems reading={data} />
            <RepeatedTables reading={data} />
            <CompressionFigures data={data} />
            <div className={classes.two}>
              <StorageHistory history={data.history} />
              <RatioHistory history={data.history} />
            </div>
            <div className={classes.halves}>
              <CompressionTables data={data} />
              <div className={classes.stack}>
                <CodecMatrixPanel tables={data.tables} />
                <LargestColumns data={data} />
              </div>
            </div>
          </BadgedTables>
        )}
      </UnlessNoAccess>
    </Page>
  )
}
