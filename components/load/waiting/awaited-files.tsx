'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { sessionQuery } from '@/lib/client/session/session'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { sum } from '@/lib/sum'
import classes from '../more-rows.module.css'

/** Files that this tab sends for loads of the table that wait for them. They do not belong to the form. */
export function AwaitedFiles({ table }: { table: TableIdentifier }) {
  const { data: session } = useQuery(sessionQuery())
  const { uploads } = useUploads(session?.userId ?? '')
  const ofTable = uploads.filter(({ target }) => isSameTable(target, table))
  const runIds = [...new Set(ofTable.flatMap(({ awaitedBy }) => awaitedBy ?? []))]
  return runIds.map((runId) => {
    const files = ofTable.filter(({ awaitedBy }) => awaitedBy === runId)
    const [first] = files
    const sizeBytes = formatBytes(sum(files.map((file) => file.sizeBytes)))
    const sentBytes = formatBytes(sum(files.map((file) => file.sentBytes)))
    return (
      <p key={runId} className={classes.note} role="status">
        {files.length === 1
          ? `${first?.fileName} is on its way`
          : `${formatQuantity(files.length, 'file')} are on their way`}{' '}
        for <Link href={paths.loadRun(runId)}>the load that waits for {files.length === 1 ? 'it' : 'them'}</Link>:{' '}
        {sentBytes} of {sizeBytes}.
      </p>
    )
  })
}
