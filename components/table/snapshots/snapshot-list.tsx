'use client'
import { Button } from '@mantine/core'
import { IconChecks, IconClockX, IconGitBranch, IconTag } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useCallback, useState } from 'react'
import { ActionNotice, type CompletedAction } from '@/components/changes/commit/action-notice'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { TabToolbar } from '@/components/ui/toolbar'
import { isWithinKey, keys } from '@/lib/client/keys'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { asOfFromText } from '@/lib/paths/snapshot-paths'
import { SnapshotFilters } from './snapshot-filters'
import { SnapshotSidePanel } from './snapshot-side-panel'
import { SnapshotTable } from './snapshot-table'
import { SnapshotTools } from './snapshot-tools'
import { paths } from '@/lib/paths/paths'
import classes from './snapshot-list.module.css'
import { PERIODS, useSnapshotFilters } from './use-snapshot-filters'
import { SNAPSHOT_PANEL_CHECKS, useSnapshotPanels } from '../refs/use-snapshot-panels'

const LazyPendingExpiries = lazyComponent(async () => (await import('../expiry/pending-expiries')).PendingExpiries)
const LazyRefList = lazyComponent(async () => (await import('../refs/ref-list')).RefList)

/** `?list=refs` lists branches and tags instead of snapshots. */
const LISTS = ['snapshots', 'refs'] as const
const LIST_PARSER = parseAsStringLiteral(LISTS).withDefault('snapshots')
const ADDRESS_CHECKS = {
  ...checkChoice('list', LISTS, 'The snapshots are listed.'),
  ...checkChoice('within', PERIODS, 'Snapshots of any age are listed.'),
  ...SNAPSHOT_PANEL_CHECKS,
}

/** The snapshots of the table, newest first, with the graph, or its branches and tags. Panels open next to them. */
export function SnapshotList() {
  const { table, detail } = useShownTable()
  const filters = useSnapshotFilters()
  const options = snapshotsQuery(table, filters.filter)
  const query = useInfiniteQuery({
    ...options,
    // While a filter changes, the list stays; that of another table would be wrong.
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, keys.table(table)) ? previous : undefined),
  })
  const [list, setList] = useQueryState('list', LIST_PARSER)
  const panels = useSnapshotPanels()
  const { isOffered: canMove } = useCanEdit('table:maintain')
  const { isOffered: canTag } = useCanEdit('table:write')
  const [done, setDone] = useState<CompletedAction | null>(null)
  const [going, setGoing] = useState<ReadonlySet<string> | null>(null)
  const [pickedIds, setPickedIds] = useState<readonly string[]>([])
  const [areFiltersOpen, setFiltersOpen] = useState(false)
  const dismissNotice = useCallback(() => setDone(null), [])

  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={entryLabel(table)}
        className="page-note"
        skeleton={[12, 5, 'Reading snapshots']}
      />
    )
  const { snapshots, mainSnapshotId, totalCount, tableCount, unreferencedCount, operations, writers } = query.data
  if (tableCount === 0)
    return (
      <EmptyState
        action={
          <Button component={Link} href={paths.load(table)} variant="default">
            Load data
          </Button>
        }
      >
        No snapshots yet. The first load or commit makes one.
      </EmptyState>
    )
  const { opened, move, to } = panels.panel
  const moveTarget = canMove === true && move === 'main' && to !== null ? (asOfFromText(to)?.snapshotId ?? null) : null
  const picked = snapshots.filter(({ snapshotId }) => pickedIds.includes(snapshotId))
  const chosen = snapshots.find(({ snapshotId }) => snapshotId === opened)
  const finish = (result: CompletedAction) => {
    panels.finish()
    setDone(result)
  }
  return (
    <>
      <TabToolbar
        end={
          mainSnapshotId !== null && (
            <div className={classes.actions}>
              {canMove === true && (
                <Tooltip label="New branch" isNarrowOnly>
                  <Button
                    variant="default"
                    className="icon-when-narrow"
                    leftSection={<IconGitBranch size={14} stroke={1.6} aria-hidden />}
                    onClick={() => panels.openEdit('branch', chosen?.snapshotId ?? mainSnapshotId)}
                  >
                    New branch
                  </Button>
                </Tooltip>
              )}
              {canTag === true && (
                <Tooltip label="New tag" isNarrowOnly>
                  <Button
                    variant="default"
                    className="icon-when-narrow"
                    leftSection={<IconTag size={14} stroke={1.6} aria-hidden />}
                    onClick={() => panels.openEdit('tag', chosen?.snapshotId ?? mainSnapshotId)}
                  >
                    New tag
                  </Button>
                </Tooltip>
              )}
              {canMove === true && (
                <Tooltip label="Expire…" isNarrowOnly>
                  <Button
                    variant="default"
                    className="icon-when-narrow"
                    leftSection={<IconClockX size={14} stroke={1.6} aria-hidden />}
                    onClick={() => panels.openEdit('expire', 'table')}
                  >
                    Expire…
                  </Button>
                </Tooltip>
              )}
              <Tooltip label="Checks" isNarrowOnly>
                <Button
                  variant="default"
                  className="icon-when-narrow"
                  leftSection={<IconChecks size={14} stroke={1.6} aria-hidden />}
                  onClick={() => panels.openStep('checks', null)}
                >
                  Checks
                </Button>
              </Tooltip>
            </div>
          )
        }
      >
        <div role="group" aria-label="List" className={classes.lists}>
          {(
            [
              ['snapshots', formatQuantity(tableCount, 'snapshot')],
              ['refs', formatQuantity(detail.refs.length, 'ref')],
            ] as const
          ).map(([value, label]) => (
            <button key={value} type="button" aria-pressed={list === value} onClick={() => void setList(value)}>
              {label}
            </button>
          ))}
        </div>
        {list === 'snapshots' && (
          <>
            <Button
              variant="default"
              className={classes.filterSwitch ?? ''}
              aria-expanded={areFiltersOpen || filters.isSet}
              onClick={() => setFiltersOpen(!areFiltersOpen)}
            >
              Filters
            </Button>
            <div className={classes.filters} data-open={areFiltersOpen || filters.isSet || undefined}>
              <SnapshotFilters filters={filters} operations={operations} writers={writers} />
            </div>
          </>
        )}
        <SnapshotTools
          table={table}
          picked={list === 'snapshots' ? picked : []}
          mainSnapshotId={mainSnapshotId}
          onClear={() => setPickedIds([])}
        />
      </TabToolbar>
      <AddressProblems checks={ADDRESS_CHECKS} />
      {list === 'refs' ? (
        <LazyRefList panels={panels} />
      ) : totalCount === 0 ? (
        <div className={classes.rest}>
          <EmptyState
            action={
              <Button variant="default" onClick={filters.clear}>
                Show all snapshots
              </Button>
            }
          >
            No snapshots match these filters.
          </EmptyState>
        </div>
      ) : (
        <SnapshotTable
          snapshots={snapshots}
          mainSnapshotId={mainSnapshotId}
          shownSnapshotId={
            moveTarget ?? chosen?.snapshotId ?? (detail.shown.isCurrent ? null : detail.shown.snapshotId)
          }
          moveTarget={moveTarget}
          going={going}
          pickedIds={pickedIds}
          onPick={(snapshotId) => setPickedIds((ids) => togglePick(ids, snapshotId))}
          panels={panels}
        />
      )}
      <ActionNotice table={table} done={done} onDismiss={dismissNotice} />
      <LazyPendingExpiries onUndo={(auditId) => panels.openEdit('undo-expiry', auditId)} />
      <PageFooter>
        <span>{summaryText({ totalCount, tableCount, unreferencedCount }, detail.refs)}</span>
        {going !== null && going.size > 0 && <span>Hollow: to be removed</span>}
        {!detail.shown.isCurrent && <span>This list is always current.</span>}
        {list === 'snapshots' && <NextPageButton query={query}>Load older snapshots</NextPageButton>}
      </PageFooter>
      <SnapshotSidePanel
        panels={panels}
        chosen={chosen ?? null}
        mainSnapshotId={mainSnapshotId}
        canMove={canMove === true}
        canTag={canTag === true}
        onGoing={setGoing}
        onDone={finish}
      />
    </>
  )
}

/** Two snapshots can be compared, so a third one replaces the first. */
function togglePick(ids: readonly string[], snapshotId: string): string[] {
  return ids.includes(snapshotId) ? ids.filter((id) => id !== snapshotId) : [...ids, snapshotId].slice(-2)
}

type Counts = { totalCount: number; tableCount: number; unreferencedCount: number }

/** `12 snapshots, 2 branches, 1 tag, 3 snapshots that no ref reaches`. */
function summaryText({ totalCount, tableCount, unreferencedCount }: Counts, refs: TableDetail['refs']): string {
  const branchCount = refs.filter(({ type }) => type === 'branch').length
  const tagCount = refs.length - branchCount
  return [
    totalCount === tableCount
      ? formatQuantity(tableCount, 'snapshot')
      : `${formatCount(totalCount)} of ${formatQuantity(tableCount, 'snapshot')}`,
    formatQuantity(branchCount, 'branch', 'branches'),
    ...(tagCount === 0 ? [] : [formatQuantity(tagCount, 'tag')]),
    ...(unreferencedCount === 0 ? [] : [`${formatQuantity(unreferencedCount, 'snapshot')} that no ref reaches`]),
  ].join(', ')
}
