'use client'
import { Unloaded } from '@/components/shell/unloaded'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { ActionIcon } from '@mantine/core'
import { IconDots, IconGitBranch, IconTag } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { joinedListing } from '@/components/ui/table/listing'
import { Count } from '@/components/ui/values/count'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { refsQuery } from '@/lib/client/table/refs'
import type { RefDetail } from '@/lib/contract/table/refs'
import { entryLabel } from '@/lib/names/identifiers'
import { retentionLabel } from '@/lib/changes/intents/set-ref-retention/describe'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import classes from './ref-list.module.css'
import type { SnapshotPanels } from './use-snapshot-panels'

/** The branches and tags of the table, each with its tip, its retention and its distance from `main`. */
export function RefList({ panels }: { panels: SnapshotPanels }) {
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(refsQuery(table))
  const { intents } = usePendingChanges(table, detail)
  const name = entryLabel(table)
  if (!query.isSuccess)
    return (
      <Unloaded query={query} subject={name} className="page-note" skeleton={[6, 6, 'Reading branches and tags']} />
    )
  const changed = new Set(intents.flatMap((intent) => ('refName' in intent ? [intent.refName] : [])))
  return (
    <>
      <DataTable
        label="Branches and tags"
        columns={refColumns(query.data.refs, changed, panels)}
        rows={joinedListing(query, query.data.refs)}
        rowKey={({ type, name }) => `${type} ${name}`}
        rowHeight={40}
        gutter
        scrolls
        stacks
      />
      <NextPageButton query={query}>Load more branches and tags</NextPageButton>
    </>
  )
}

function refColumns(
  refs: readonly RefDetail[],
  changed: ReadonlySet<string>,
  panels: SnapshotPanels,
): Column<RefDetail>[] {
  // It is the first of the first page.
  const reason = refs.some(({ name }) => name === MAIN_BRANCH)
    ? 'Snapshots that connected it with main have expired.'
    : 'The table has no main.'
  const distanceCell = (name: string, stepCount: number | null) => {
    if (name === MAIN_BRANCH) return <span className="quiet">–</span>
    return stepCount === null ? <Unknown reason={reason} /> : <Count value={stepCount} />
  }
  return [
    {
      id: 'name',
      header: 'Name',
      weight: 'name',
      fills: true,
      cell: ({ name, type }) => (
        <span className={classes.name}>
          {type === 'branch' ? (
            <IconGitBranch size={14} stroke={1.6} aria-label="branch" />
          ) : (
            <IconTag size={14} stroke={1.6} aria-label="tag" />
          )}
          <span className={classes.text} title={visibleText(name)}>
            <VisibleText>{name}</VisibleText>
          </span>
          {changed.has(name) && <span className={classes.changed}>~ not committed</span>}
        </span>
      ),
    },
    { id: 'tip', header: 'Snapshot', cell: ({ snapshotId }) => <code>{snapshotId}</code> },
    {
      id: 'age',
      header: 'Committed',
      roomyOnly: true,
      cell: ({ committedAtMs }) =>
        committedAtMs === null ? (
          <Unknown reason="The table does not have this snapshot." />
        ) : (
          <RelativeTime atMs={committedAtMs} />
        ),
    },
    {
      id: 'ahead',
      header: 'Ahead',
      headerTitle: 'Snapshots that main does not have',
      align: 'end',
      cell: ({ name, aheadCount }) => distanceCell(name, aheadCount),
    },
    {
      id: 'behind',
      header: 'Behind',
      headerTitle: 'Snapshots of main that it does not have',
      align: 'end',
      cell: ({ name, behindCount }) => distanceCell(name, behindCount),
    },
    {
      id: 'retention',
      header: 'Kept',
      cell: (ref) => <span className="secondary">{retentionLabel(ref)}</span>,
    },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 60,
      endsNameLine: true,
      cell: (ref) => (
        <LazyMenu
          button={
            <ActionIcon aria-label={`${ref.name} options`}>
              <IconDots size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadMenu}
          menuProps={{ target: ref, panels }}
        />
      ),
    },
  ]
}

async function loadMenu() {
  return (await import('./ref-menu')).RefMenu
}
