'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Panel } from '@/components/ui/panel'
import { sessionQuery } from '@/lib/client/session/session'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { entryLabelInCatalog } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { sum } from '@/lib/sum'
import classes from './choose-table.module.css'

/** Files that this browser tab uploads for tables, and the forms that load them. Nothing is shown without any. */
export function UploadsUnderWay() {
  const { data: session } = useQuery(sessionQuery())
  const { uploads } = useUploads(session?.userId ?? '')
  const groups = groupByForm(uploads)
  if (groups.length === 0) return null
  return (
    <Panel title="Not loaded yet" subtitle="dropped for these tables">
      <ul className={classes.underWay}>
        {groups.map(({ href, label, files }) => (
          <li key={href}>
            <Link href={href}>{label}</Link>: {describe(files)}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

type Group = { href: string; label: string; files: PageUpload[] }

function groupByForm(uploads: readonly PageUpload[]): Group[] {
  const groups = new Map<string, Group>()
  for (const upload of uploads) {
    const { target, runId, awaitedBy } = upload
    const form = runId === null ? paths.load(target) : paths.loadAgain(target, runId)
    const href = awaitedBy === null ? form : paths.loadRun(awaitedBy)
    const name = entryLabelInCatalog(target)
    const group = groups.get(href) ?? {
      href,
      label: awaitedBy === null ? name : `${name}, a load that waits`,
      files: [],
    }
    group.files.push(upload)
    groups.set(href, group)
  }
  return [...groups.values()]
}

function describe(files: readonly PageUpload[]): string {
  const sizeBytes = sum(files.map((file) => file.sizeBytes))
  const sentBytes = sum(files.map((file) => file.sentBytes))
  const failedCount = files.filter(({ state }) => state === 'failed').length
  const bytes =
    sentBytes === sizeBytes
      ? `${formatBytes(sizeBytes)} uploaded`
      : `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)} uploaded`
  return `${formatQuantity(files.length, 'file')}, ${bytes}${failedCount > 0 ? `, ${failedCount} not uploaded` : ''}`
}
