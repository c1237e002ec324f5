'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { AUDIT_RANGES, auditQuery, type AuditRange } from '@/lib/client/audit'
import { useHasPermission } from '@/lib/client/session/permissions'
import classes from './audit.module.css'
import { auditChecks } from './audit-filter'
import { AuditFilters } from './audit-filters'
import { AuditList } from './audit-list'
import { AuditReceivers } from './audit-receivers'
import { useAuditFilter } from './use-audit-filter'

const LazyAuditChart = lazyComponent(async () => (await import('./audit-chart')).AuditChart, {
  isServerRendered: true,
  loading: ChartRoom,
})

/** The actions of users, including refused ones. An entry opens in a side panel. */
export function AuditPage({ children }: { children: ReactNode }) {
  if (useHasPermission('audit:read') === false) {
    return (
      <div className="columns fill">
        <div className="stack fill">
          <Head />
          <EmptyState>
            Only admins see the audit of everything. What was done to a table is in the History of the table.
          </EmptyState>
        </div>
      </div>
    )
  }
  return <Audit>{children}</Audit>
}

function Audit({ children }: { children: ReactNode }) {
  const { entry } = useParams<{ entry?: string }>()
  const address = useAuditFilter()
  const { filter, set } = address
  const { data } = useInfiniteQuery(auditQuery(filter))
  const hasOwnSpan = filter.fromMs !== undefined || filter.toMs !== undefined
  return (
    <div className="columns fill">
      <div className="stack fill">
        <Head>
          <SegmentedChoice<AuditRange | 'own'>
            label="Time range"
            value={hasOwnSpan ? 'own' : filter.range}
            options={[
              ...Object.entries(AUDIT_RANGES).map(([value, { label }]) => ({ value: value as AuditRange, label })),
              ...(hasOwnSpan ? [{ value: 'own' as const, label: 'Selected' }] : []),
            ]}
            onChange={(range) => range !== 'own' && set({ range, from: null, to: null })}
          />
          <LazyMenu
            load={loadExportMenu}
            menuProps={{ filter }}
            button={
              <Button variant="default" leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}>
                Export
              </Button>
            }
          />
        </Head>
        <AddressProblems checks={auditChecks(filter)} />
        <AuditReceivers />
        <AuditFilters address={address} entries={data?.entries ?? []} />
        <LazyAuditChart address={address} />
        <AuditList address={address} selectedId={entry === undefined ? null : decodeURIComponent(entry)} />
      </div>
      {children}
    </div>
  )
}

async function loadExportMenu() {
  return (await import('./audit-export-menu')).AuditExportMenu
}

function Head({ children }: { children?: ReactNode }) {
  return (
    <header className={classes.head}>
      <h1 className={classes.title}>Audit</h1>
      <span className="quiet">changes, refusals, sign-ins, tokens and connections</span>
      {children !== undefined && <div className={classes.actions}>{children}</div>}
    </header>
  )
}

function ChartRoom() {
  return <div className={classes.chart} />
}
