'use client'
import { IconEye } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { tableClientsQuery } from '@/lib/client/table/clients'
import type { TableClients } from '@/lib/contract/table/clients'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { clientLabel, clientLimits, describeAccess, RECENT_DAYS, recentClients } from '@/lib/uses/client-texts'

const MAX_NAMED = 3

/** An entry of a review: which clients used the table lately. */
export function RecentClients({ table }: { table: TableIdentifier }) {
  return (
    <li>
      <IconEye size={16} stroke={1.6} aria-hidden />
      <span>
        <RecentClientsText table={table} />
      </span>
    </li>
  )
}

/** Sentences of a review: which clients used the table lately, and what is not known about them. */
export function RecentClientsText({
  table,
  note = '',
}: {
  table: TableIdentifier
  /** The meaning of the change for them, shown if there are any. */
  note?: string
}) {
  const { data, error } = useQuery(tableClientsQuery(table))
  if (error) return `The list of clients could not be read, so it is not known which use the table: ${error.message}`
  if (data === undefined) return 'Reading which clients use the table…'
  return <ClientsText {...data} note={note} />
}

function ClientsText({ note, ...data }: TableClients & { note: string }) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const clients = recentClients(data, nowMs)
  const limits = clientLimits(data)
  if (clients.length === 0) {
    const nothing = data.recordedSince === null ? '' : `No client is recorded in the last ${RECENT_DAYS} days. `
    return `${nothing}${limits}`
  }
  return (
    <>
      Used in the last {RECENT_DAYS} days by{' '}
      {clients.slice(0, MAX_NAMED).map((client, i) => (
        <span key={`${clientLabel(client)} ${i}`}>
          {i > 0 && ', '}
          <strong>
            <VisibleText>{clientLabel(client)}</VisibleText>
          </strong>{' '}
          ({describeAccess(client, nowMs, timeZone)})
        </span>
      ))}
      {clients.length > MAX_NAMED && ` and ${formatQuantity(clients.length - MAX_NAMED, 'other client')}`}. {note}
      {limits}
    </>
  )
}
