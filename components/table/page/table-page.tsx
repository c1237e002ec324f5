'use client'
import { useQuery } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { KnownProblem, ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { TabToolbarProvider } from '@/components/ui/toolbar'
import { isWithinKey, keys } from '@/lib/client/keys'
import { retryFetch } from '@/lib/client/call/retry'
import { useHasPermission, usePermissions } from '@/lib/client/session/permissions'
import { useEarlierChanges, usePendingCounts } from '@/lib/client/table/pending-changes'
import { tableQuery } from '@/lib/client/table/tables'
import { AppError } from '@/lib/errors'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { predictShownState } from '@/components/table/frame/predict-shown-state'
import { PERMISSION_FOR, TABLE_ACTIONS, useTableAction } from '@/components/table/lifecycle/use-table-action'
import { ShownTableProvider } from '@/components/table/frame/shown-table'
import { TableHeader } from './table-header'
import classes from './table-page.module.css'
import { TableTabs, tabPanelId } from './table-tabs'
import { useAsOf } from '@/components/table/frame/use-as-of'

const LazyMissingState = lazyComponent(async () => (await import('./missing-state')).MissingState, {
  isServerRendered: true,
})

/** Most visits are to the current state of the table. */
const LazyAsOfBand = lazyComponent(async () => (await import('@/components/table/frame/as-of-band')).AsOfBand, {
  loading: () => <div className={classes.bandToCome} />,
  isServerRendered: true,
})

const LazyNewerCommitsNotice = lazyComponent(
  async () => (await import('@/components/table/frame/newer-commits-notice')).NewerCommitsNotice,
)

const LazyUnreadableBand = lazyComponent(async () => (await import('./unreadable-band')).UnreadableBand, {
  isServerRendered: true,
})

const LazyChangeTray = lazyComponent(async () => (await import('@/components/changes/tray/change-tray')).ChangeTray)

const LazyEarlierChanges = lazyComponent(
  async () => (await import('@/components/changes/tray/earlier-changes')).EarlierChanges,
)

const LazyTableActionPanel = lazyComponent(
  async () => (await import('@/components/table/lifecycle/table-action-panel')).TableActionPanel,
)

const ACTION_CHECK = checkChoice('action', TABLE_ACTIONS, 'No panel is open.', 'not an action of this page')

/** The frame around every tab of a table: header, tabs, the as-of band and the tray. */
export function TablePage({ table, children }: { table: TableIdentifier; children: ReactNode }) {
  const { asOf, detail, frame, error, isOtherState, isMissing, retry } = useRequestedTable(table)
  const [sidePanelHost, setSidePanelHost] = useState<HTMLElement | null>(null)
  const [toolbarHost, setToolbarHost] = useState<HTMLElement | null>(null)
  const [rowsSql, setRowsSql] = useState<string | null>(null)
  const [action, setAction] = useTableAction()
  const canAct = useHasPermission(PERMISSION_FOR[action ?? 'drop'], table) === true
  const permissions = usePermissions()
  const mayAct = action === 'clone' ? permissions?.includes('table:write') === true : canAct
  const hadChanges = useHadChanges(table, frame?.tableUuid ?? null)
  const hasEarlier = useEarlierChanges(table, frame?.tableUuid ?? null).intents.length > 0
  const isOverview = usePathname() === paths.table(table)
  const state = error ? 'missing' : detail ? 'shown' : 'reading'
  const shown = detail && { table, asOf, detail, sidePanelHost, setRowsSql }
  return (
    <div className="columns fill">
      <div className={classes.main} data-scroll-away>
        <TableHeader
          table={table}
          detail={frame}
          figures={state === 'missing' ? 'none' : isOverview ? 'in-page' : state}
          rowsSql={rowsSql}
        />
        {!isMissing && (
          <TableTabs
            table={table}
            tableUuid={frame?.tableUuid ?? null}
            asOf={asOf}
            openProposalCount={frame?.openProposalCount ?? 0}
            toolbarRef={setToolbarHost}
          />
        )}
        {isOtherState && !isMissing && <LazyAsOfBand detail={frame} state={state} />}
        {detail?.unreadable && <LazyUnreadableBand reason={detail.unreadable.detail} />}
        {detail?.shown.isCurrent && <LazyNewerCommitsNotice table={table} asOf={asOf} detail={detail} />}
        <div className={classes.tab} {...(!isMissing && { role: 'tabpanel' })} id={tabPanelId} tabIndex={-1}>
          {error ? (
            <Problem table={table} error={error} onRetry={isMissing ? null : retry} />
          ) : shown ? (
            <ShownTableProvider value={shown}>
              <AddressProblems checks={ACTION_CHECK} />
              <KnownProblem value={detail?.unreadable?.code}>
                <TabToolbarProvider value={toolbarHost}>{children}</TabToolbarProvider>
              </KnownProblem>
            </ShownTableProvider>
          ) : (
            <SkeletonRows rows={12} columns={5} label="Reading the table" />
          )}
        </div>
        {hasEarlier && (detail || isMissing) && (
          <LazyEarlierChanges table={table} tableUuid={detail?.tableUuid ?? null} />
        )}
        {detail && hadChanges && <LazyChangeTray table={table} detail={detail} sidePanelHost={sidePanelHost} />}
      </div>
      <div ref={setSidePanelHost} className={classes.sidePanel}>
        {action !== null && mayAct && !isMissing && (shown || action !== 'delete-rows') && (
          <ShownTableProvider value={shown}>
            <LazyTableActionPanel key={action} table={table} action={action} onClose={() => void setAction(null)} />
          </ShownTableProvider>
        )}
      </div>
    </div>
  )
}

/** Whether the tray has had changes while the page is open. Once it is empty, it reports their outcome. */
function useHadChanges(table: TableIdentifier, tableUuid: string | null): boolean {
  const hasChanges = usePendingCounts(table, tableUuid).size > 0
  const [hadChanges, setHadChanges] = useState(hasChanges)
  if (hasChanges && !hadChanges) setHadChanges(true)
  return hadChanges
}

const HAS_ADVICE: readonly string[] = ['not-found', 'forbidden', 'invalid-request']

type ProblemProps = { table: TableIdentifier; error: Error; onRetry: (() => void) | null }

/** Why the table is not shown. Only answers of the server have advice of their own, so its code can be loaded then. */
function Problem({ table, error, onRetry }: ProblemProps) {
  const hasAdvice = error instanceof AppError && HAS_ADVICE.includes(error.code)
  if (hasAdvice) return <LazyMissingState table={table} error={error} onRetry={onRetry} />
  return (
    <div className="page-note">
      <ProblemNote error={error} subject={entryLabel(table)} {...(onRetry && { onRetry })} />
    </div>
  )
}

/**
 * The table in the state that the address asks for. `frame` is for the controls around it: while the state is being
 * read, or when it cannot be read, it has the refs and the commits of another state.
 */
function useRequestedTable(table: TableIdentifier) {
  const { asOf, problem } = useAsOf()
  const isOtherState = problem !== null || Object.keys(asOf).length > 0
  const requested = useQuery({
    ...tableQuery(table, asOf),
    enabled: problem === null,
    placeholderData: (previous, previousQuery) =>
      isWithinKey(previousQuery?.queryKey, keys.table(table)) ? previous : undefined,
  })
  const error = problem === null ? requested.error : new AppError('invalid-request', problem)
  const now = useQuery({ ...tableQuery(table, {}), enabled: error !== null && isOtherState })
  const detail = error === null && !requested.isPlaceholderData ? (requested.data ?? null) : null
  const known = requested.data ?? now.data
  const nowError = isOtherState ? now.error : error
  return {
    asOf,
    detail,
    frame: detail ?? (known ? { ...known, shown: predictShownState(asOf, known) } : null),
    error,
    isOtherState,
    /** A missing table has no tab to open and no reason to read again. */
    isMissing: nowError instanceof AppError && nowError.code === 'not-found',
    retry: problem === null ? () => retryFetch(requested.refetch) : null,
  }
}
