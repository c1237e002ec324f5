'use client'
import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { queryVersionsQuery, useReadVersion } from '@/lib/client/queries'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { ListedQuery } from '@/lib/contract/queries'
import { formatExactTime } from '@/lib/format/time'
import panelClasses from '../history-panel.module.css'
import classes from './saved-queries.module.css'

export type VersionContents = Pick<OpenedQuery, 'sql' | 'connection' | 'parameters' | 'display'>

type QueryVersionsProps = {
  /** Null: the dialog is closed. */
  query: ListedQuery | null
  onClose: () => void
  onOpen: (query: OpenedQuery, contents: VersionContents) => void
}

/** The stored versions of a query. One opens as a change of the query, which is not saved. */
export function QueryVersions({ query, onClose, onOpen }: QueryVersionsProps) {
  return (
    <Modal
      opened={query !== null}
      onClose={onClose}
      title={query === null ? '' : `Versions of ${query.name}`}
      size={480}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {query && <VersionList query={query} onClose={onClose} onOpen={onOpen} />}
    </Modal>
  )
}

function VersionList({ query, onClose, onOpen }: QueryVersionsProps & { query: ListedQuery }) {
  const timeZone = useTimeZone()
  const list = useQuery(queryVersionsQuery(query.queryId))
  const read = useReadVersion()
  if (list.data === undefined)
    return <Unloaded query={list} subject="The versions" skeleton={[3, 1, 'Reading the versions']} />
  const open = (version: number) =>
    read.mutate(
      { queryId: query.queryId, version },
      {
        onSuccess: ({ query: current, stored }) => {
          const { sql, connection, parameters, display } = stored
          onOpen(current, { sql, connection, parameters, display })
          onClose()
        },
      },
    )
  return (
    <>
      <p className={panelClasses.question}>
        Each save adds a version; the last 20 are stored. One opens in a tab of its own and changes nothing until you
        save it.
      </p>
      {read.error && <ProblemNote error={read.error} subject="The version" />}
      <ul className="bare-list">
        {list.data.versions.map(({ version, name, savedAtMs, savedBy }) => (
          <li key={version} className={classes.version}>
            <span className="stack grow">
              <span>
                Version {version}
                {version === query.version ? ', current' : ''}
                {name === query.name ? '' : `: ${name}`}
              </span>
              <span className="quiet small">
                {formatExactTime(savedAtMs, timeZone)}, {savedBy}
              </span>
            </span>
            <Button
              variant="default"
              size="compact-xs"
              loading={read.isPending && read.variables.version === version}
              onClick={() => open(version)}
            >
              Open
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
