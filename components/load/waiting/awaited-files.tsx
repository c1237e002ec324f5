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
import type { SentFile } from './use-sent-files'

/**
 * Files that this tab sends for loads of the table that wait for them, or has sent. They do not belong to the form.
 *
 * @param props.sent those that were sent while the form was open
 */
export function AwaitedFiles({ table, sent }: { table: TableIdentifier; sent: readonly SentFile[] }) {
  const { data: session } = useQuery(sessionQuery())
  const { uploads } = useUploads(session?.userId ?? '')
  const ofTable = uploads.filter(({ target }) => isSameTable(target, table))
  const runIds = [...new Set(ofTable.flatMap(({ awaitedBy }) => awaitedBy ?? []))]
  const doneRunIds = [...new Set(sent.map(({ runId }) => runId))].filter((runId) => !runIds.includes(runId))
  const done = doneRunIds.map((runId) => {
    const names = sent.flatMap(({ fileName, runId: its }) => (its === runId ? [fileName] : []))
    return (
      <p key={runId} className={classes.note} role="status">
        {names.length === 1
          ? `${names[0]} was sent, and is no longer of this form: `
          : `${formatQuantity(names.length, 'file')} were sent, and are no longer of this form: `}
        <Link href={paths.loadRun(runId)}>the load of {names.length === 1 ? 'it' : 'them'}</Link> goes on by itself.
      </p>
    )
  })
  const underWay = runIds.map((runId) => {
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
  return (
    <>
      {underWay}
      {done}
    </>
  )
}
