'use client'
import { toListing } from '@/components/ui/table/listing'
import { ActionIcon } from '@mantine/core'
import { IconFolder, IconHistory, IconLock, IconTrash, IconUsers } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type CSSProperties, useDeferredValue, useState } from 'react'
import { FavouriteButton } from '@/components/shell/shortcuts/favourite-button'
import { Unloaded } from '@/components/shell/unloaded'
import { FilterField } from '@/components/ui/controls/filter-field'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { savedQueriesQuery, useReadQuery } from '@/lib/client/queries'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { ListedQuery } from '@/lib/contract/queries'
import { visibleText } from '@/lib/format/visible-text'
import { formatCount } from '@/lib/format/count'
import { formatRelativeTime } from '@/lib/format/time'
import { groupByFolder } from './group-by-folder'
import { QueryVersions, type VersionContents } from './query-versions'
import { RemoveQuery } from './remove-query'
import panelClasses from '../history-panel.module.css'
import classes from './saved-queries.module.css'

type SavedQueriesProps = {
  openedId: string | null
  /** Whether the text in the editor differs from that of the opened query. */
  isChanged: boolean
  onOpen: (query: OpenedQuery) => void
  /** Called with the query as it is, and the contents of one of its versions. */
  onOpenVersion: (query: OpenedQuery, contents: VersionContents) => void
  onRemoved: (queryId: string) => void
}

/** The user's saved queries and those that others share. A click puts the text into the editor without running it. */
export function SavedQueries({ openedId, isChanged, onOpen, onOpenVersion, onRemoved }: SavedQueriesProps) {
  const [filter, setFilter] = useState('')
  const contains = useDeferredValue(filter.trim())
  const list = useInfiniteQuery(savedQueriesQuery(contains))
  const [removed, setRemoved] = useState<ListedQuery | null>(null)
  const [versionsOf, setVersionsOf] = useState<ListedQuery | null>(null)
  const read = useReadQuery()
  const { rows: queries } = toListing(list, (page) => page.queries)
  const counts = list.data?.pages[0]
  const open = ({ queryId }: ListedQuery) => read.mutate(queryId, { onSuccess: onOpen })
  return (
    <>
      <header className={panelClasses.head}>
        <h2 className={panelClasses.title}>
          Saved{' '}
          {counts !== undefined && counts.totalCount > 0 && (
            <span className={classes.count}>
              {contains === ''
                ? formatCount(counts.totalCount)
                : `${formatCount(counts.matchCount)} of ${formatCount(counts.totalCount)}`}
            </span>
          )}
        </h2>
      </header>
      {(contains !== '' || (counts?.totalCount ?? 0) > 0) && (
        <div className={classes.filter}>
          <FilterField label="Find in names and SQL" value={filter} onChange={setFilter} />
        </div>
      )}
      {read.error && <ProblemNote error={read.error} subject="The query" />}
      {list.data === undefined ? (
        <Unloaded query={list} subject="Saved queries" skeleton={[3, 1, 'Reading the saved queries']} />
      ) : queries.length === 0 ? (
        <p className={panelClasses.empty}>
          {contains === ''
            ? 'No saved queries yet. Save keeps a query under a name, for yourself or for the team.'
            : 'No saved query contains this text.'}
        </p>
      ) : (
        <div className={panelClasses.list}>
          {groupByFolder(queries).map(({ folder, queries: grouped }) => (
            <section key={folder ?? ''} {...(folder !== null && { 'aria-label': `Folder ${folder}` })}>
              {folder !== null && (
                <h3 className={classes.folder}>
                  <IconFolder size={14} stroke={1.6} aria-hidden />
                  <span className="truncate">{folder}</span>
                </h3>
              )}
              <ul className="bare-list">
                {grouped.map((query) => (
                  <SavedQueryRow
                    key={query.queryId}
                    query={query}
                    isOpen={query.queryId === openedId}
                    isChanged={query.queryId === openedId && isChanged}
                    onOpen={() => open(query)}
                    onVersions={() => setVersionsOf(query)}
                    onRemove={() => setRemoved(query)}
                  />
                ))}
              </ul>
            </section>
          ))}
          {list.hasNextPage && (
            <div className={classes.more}>
              <NextPageButton query={list} variant="default" size="xs">
                Show more
              </NextPageButton>
            </div>
          )}
        </div>
      )}
      <QueryVersions query={versionsOf} onClose={() => setVersionsOf(null)} onOpen={onOpenVersion} />
      <RemoveQuery query={removed} onClose={() => setRemoved(null)} onRemoved={onRemoved} />
    </>
  )
}

function SavedQueryRow({
  query,
  isOpen,
  isChanged,
  onOpen,
  onVersions,
  onRemove,
}: {
  query: ListedQuery
  isOpen: boolean
  isChanged: boolean
  onOpen: () => void
  onVersions: () => void
  onRemove: () => void
}) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const Icon = query.isShared ? IconUsers : IconLock
  const hasVersions = query.version > 1
  const actionCount = 1 + Number(hasVersions) + Number(query.canChange)
  const sharing = query.isShared ? (query.isOwn ? 'shared' : `shared, ${query.owner}`) : 'only you'
  return (
    <li className={classes.row} data-open={isOpen || undefined} style={{ '--actions': actionCount } as CSSProperties}>
      <button
        type="button"
        className={classes.entry}
        title={visibleText(query.sqlPreview)}
        onClick={onOpen}
        {...(isOpen && { 'aria-current': true })}
      >
        <span className={classes.name}>
          <Icon size={14} stroke={1.6} aria-hidden />
          <span className="truncate">{query.name}</span>
        </span>
        <span className={classes.about}>
          <span className={classes.sharing}>{isChanged ? `${sharing}, changes not saved` : sharing}</span>
          <span className={classes.when}>{formatRelativeTime(query.changedAtMs, nowMs, timeZone)}</span>
        </span>
      </button>
      <div className={classes.actions}>
        <FavouriteButton target={{ kind: 'query', queryId: query.queryId }} name={query.name} />
        {hasVersions && (
          <Tooltip label="Versions">
            <ActionIcon aria-label={`Versions of ${query.name}`} onClick={onVersions}>
              <IconHistory size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {query.canChange && (
          <Tooltip label="Remove">
            <ActionIcon aria-label={`Remove ${query.name}`} onClick={onRemove}>
              <IconTrash size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </li>
  )
}
