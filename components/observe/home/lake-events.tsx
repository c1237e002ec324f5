'use client'
import {
  IconArrowBackUp,
  IconFolderMinus,
  IconFolderPlus,
  IconGitCommit,
  IconMinus,
  IconPlus,
  IconRefresh,
  IconReplace,
  IconSettings,
  type TablerIcon,
} from '@tabler/icons-react'
import Link from 'next/link'
import { RowChange } from '@/components/observe/dashboards/newest-commits'
import { sourceText } from '@/components/about/source-text'
import { NamespaceLink, TableLink, ViewLink } from '@/components/about/table-link'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { LakeEvent } from '@/lib/contract/home'
import { actionName } from '@/lib/format/action-name'
import { formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { catalogColumns } from './catalog-columns'
import classes from './home.module.css'

/**
 * Commits and actions from the console or over REST, newest first. They explain the figures of the page.
 *
 * @param props.completeSinceMs before this time only commits are listed; null if no change is left out
 */
export function LakeEvents({
  events,
  completeSinceMs,
}: {
  events: readonly LakeEvent[]
  completeSinceMs: number | null
}) {
  return (
    <Panel title="Recent activity" flush>
      {events.length === 0 ? (
        <EmptyState>No activity yet. Commits and changes will appear here.</EmptyState>
      ) : (
        <div className={classes.list}>
          <DataTable
            label="Recent activity"
            columns={[
              TIME_COLUMN,
              TARGET_COLUMN,
              ...catalogColumns(events, ({ target }) => target.catalog),
              ...CHANGE_COLUMNS,
            ]}
            rows={groupEvents(events)}
            rowKey={eventKey}
            stacks
          />
        </div>
      )}
      {completeSinceMs !== null && <OlderChangesNote completeSinceMs={completeSinceMs} />}
    </Panel>
  )
}

function OlderChangesNote({ completeSinceMs }: { completeSinceMs: number }) {
  const canReadAudit = useHasPermission('audit:read') === true
  return (
    <p className={classes.note}>
      Only commits are listed from before <RelativeTime atMs={completeSinceMs} />: other changes of that time were not
      looked up.{' '}
      {canReadAudit ? (
        <>
          <Link href={paths.audit()}>The audit</Link> has them.
        </>
      ) : (
        'The History of a table lists its changes.'
      )}
    </p>
  )
}

function eventKey({ atMs, target, action, commit }: LakeEvent): string {
  return [atMs, target.catalog, targetLabel(target), action, commit?.snapshotId].join(' ')
}

function targetLabel({ namespace, table }: LakeEvent['target']): string {
  return [namespaceLabel(namespace), ...(table === null ? [] : [table])].join('.')
}

/** Equal neighbours, such as the appends of a stream, with the commits added up. */
type EventGroup = LakeEvent & { count: number; oldestAtMs: number }

/** @param events newest first */
function groupEvents(events: readonly LakeEvent[]): EventGroup[] {
  const groups: EventGroup[] = []
  for (const event of events) {
    const last = groups.at(-1)
    if (last && kindKey(last) === kindKey(event)) {
      groups[groups.length - 1] = {
        ...last,
        count: last.count + 1,
        oldestAtMs: event.atMs,
        commit: addRows(last.commit, event.commit),
      }
    } else groups.push({ ...event, count: 1, oldestAtMs: event.atMs })
  }
  return groups
}

function kindKey({ target, isView, action, source, job, actor, via }: LakeEvent): string {
  return JSON.stringify([target, isView, action, source, job, actor, via])
}

/** The newer commit with the rows of both; rows are unknown if they are of one. */
function addRows(newer: LakeEvent['commit'], older: LakeEvent['commit']): LakeEvent['commit'] {
  if (newer === null || older === null) return null
  const add = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b)
  return {
    ...newer,
    addedRows: add(newer.addedRows, older.addedRows),
    removedRows: add(newer.removedRows, older.removedRows),
  }
}

const MINUTE_MS = 60_000

function repetitionText({ count, atMs, oldestAtMs }: EventGroup): string {
  const spanMs = atMs - oldestAtMs
  return `${formatCount(count)} times ${spanMs < MINUTE_MS ? 'within a minute' : `in ${formatDuration(spanMs)}`}`
}

const TIME_COLUMN: Column<EventGroup> = {
  id: 'time',
  header: 'Time',
  sortBy: ({ atMs }) => atMs,
  cell: ({ atMs }) => <RelativeTime atMs={atMs} />,
}

const TARGET_COLUMN: Column<EventGroup> = {
  id: 'table',
  header: 'Table',
  weight: 'name',
  fills: true,
  sortBy: ({ target }) => targetLabel(target),
  cell: ({ target: { table, ...target }, isView, action, commit }) =>
    action === 'drop-namespace' ? (
      namespaceLabel(target.namespace)
    ) : table === null ? (
      <NamespaceLink target={target} />
    ) : isView ? (
      <ViewLink view={{ ...target, view: table }} />
    ) : (
      <TableLink
        table={{ ...target, table }}
        {...(commit && { tab: 'snapshots' as const, asOf: { snapshotId: commit.snapshotId } })}
      />
    ),
}

const CHANGE_COLUMNS: readonly Column<EventGroup>[] = [
  {
    id: 'what',
    header: 'What',
    sortBy: ({ action }) => action,
    cell: (group) => {
      const { action, count } = group
      const Icon = ICONS[action] ?? IconGitCommit
      return (
        <span className={classes.judged}>
          <Icon size={14} stroke={1.6} className="quiet" aria-hidden />
          {actionName(action)}
          {count > 1 && <span className="quiet">{repetitionText(group)}</span>}
        </span>
      )
    },
  },
  {
    id: 'rows',
    header: 'Rows',
    align: 'end',
    sortBy: ({ commit }) => commit?.addedRows ?? null,
    cell: ({ commit }) => commit && <RowChange {...commit} />,
  },
  {
    id: 'actor',
    header: 'By',
    align: 'end',
    sortBy: ({ actor }) => actor,
    cell: ({ actor, source, job, via, count }) => (
      <span className={classes.actor} title={sourceText({ source, job, via })}>
        {actor ?? <Unknown reason={count > 1 ? 'writers not recorded' : 'writer not recorded'} />}
        {via?.client && ` · ${via.client}`}
        {isSourceNamed({ source, actor }) && ` · ${sourceText({ source, job, via })}`}
      </span>
    ),
  },
]

const ICONS: Readonly<Record<string, TablerIcon>> = {
  append: IconPlus,
  delete: IconMinus,
  overwrite: IconReplace,
  replace: IconRefresh,
  'roll-back': IconArrowBackUp,
  undo: IconArrowBackUp,
  'set-properties': IconSettings,
  'create-namespace': IconFolderPlus,
  'drop-namespace': IconFolderMinus,
}

/** Not the usual source, and not one that the user's name already tells. */
function isSourceNamed({ source, actor }: Pick<LakeEvent, 'source' | 'actor'>): boolean {
  return (
    source === 'job' || source === 'server' || (source === 'command-line' && actor?.startsWith('command line') !== true)
  )
}
