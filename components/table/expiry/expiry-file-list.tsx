'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { PathText } from '@/components/ui/values/path-text'
import { expiryFilesQuery } from '@/lib/client/table/expiry'
import type { ExpiryCriteria, ExpiryFileList as FileList } from '@/lib/contract/table/expiry'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import classes from './expiry-panel.module.css'

const KIND_WORDS: Readonly<Record<FileList['files'][number]['kind'], string>> = {
  data: 'data file',
  'position-deletes': 'position deletes',
  'equality-deletes': 'equality deletes',
  'deletion-vectors': 'deletion vectors',
  manifest: 'manifest',
  'manifest-list': 'manifest list',
  statistics: 'statistics',
}

type ExpiryFileListProps = {
  criteria: ExpiryCriteria
  /** The files that a run listed; null without such a run. */
  counted: FileList | null
}

/** The files that go, one by one. They are read only when a user wants them. */
export function ExpiryFileList({ criteria, counted }: ExpiryFileListProps) {
  const { table } = useShownTable()
  // As they were then: ages count from a new time with each dry run.
  const [request, setRequest] = useState<ExpiryCriteria | null>(null)
  const query = useQuery(expiryFilesQuery(table, counted === null ? request : null))
  const regionId = useId()
  const list = counted ?? query.data?.list
  return (
    <div className={classes.fileList}>
      <Button
        variant="default"
        aria-expanded={request !== null}
        aria-controls={request === null ? undefined : regionId}
        onClick={() => setRequest(request === null ? criteria : null)}
      >
        {request === null ? 'List the files' : 'Hide the files'}
      </Button>
      {request !== null && (
        <section id={regionId} aria-label="Files that go">
          {list ? (
            <Files list={list} />
          ) : !query.isSuccess ? (
            <Unloaded query={query} subject="The list of files" skeleton={[4, 2, 'Listing the files that go']} />
          ) : (
            <div className={classes.countLine}>
              <span>Listing the files of this table took more than two seconds.</span>
              <WaitingButton variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>
                Try again
              </WaitingButton>
            </div>
          )}
        </section>
      )}
    </div>
  )
}

function Files({ list: { fileCount, files } }: { list: FileList }) {
  const more = fileCount - files.length
  if (fileCount === 0) return <p className={classes.subject}>No file is removed.</p>
  return (
    <>
      <ul
        aria-label="Files"
        // A list that scrolls has to be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {files.map(({ kind, location, sizeBytes }) => (
          <li key={location}>
            <PathText>{location}</PathText>
            <span>
              {KIND_WORDS[kind]},{' '}
              {sizeBytes === null ? (
                'size not known'
              ) : (
                <span title={formatExactBytes(sizeBytes)}>{formatBytes(sizeBytes)}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className={classes.subject}>and {formatQuantity(more, 'more file', 'more files')}</p>}
    </>
  )
}
