'use client'
import { IconAlertTriangle, IconSend } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { auditReceiversQuery } from '@/lib/client/audit'
import type { AuditReceiverView } from '@/lib/contract/audit-receivers'
import { formatQuantity } from '@/lib/format/count'
import classes from './audit.module.css'

/**
 * How far the audit was forwarded to each outside system, and any reason for a delay. Renders nothing if none is
 * configured.
 */
export function AuditReceivers() {
  const { data, error } = useQuery(auditReceiversQuery())
  if (error) return <p className={classes.receivers}>It is not known how far the audit was forwarded.</p>
  if (data === undefined || data.length === 0) return null
  return (
    <ul className={classes.receivers} aria-label="Forwarded to">
      {data.map((receiver) => (
        <li key={receiver.name} data-failing={receiver.failure !== null || undefined}>
          {receiver.failure === null ? (
            <IconSend size={14} stroke={1.6} aria-hidden />
          ) : (
            <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
          )}
          <span>
            Forwarded to {receiver.name} <strong>{receiver.target}</strong>: <Progress receiver={receiver} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Progress({ receiver }: { receiver: AuditReceiverView }) {
  const { waitingCount, hasMore, oldestWaitingAtMs, deliveredAtMs, failure } = receiver
  const waiting = `${hasMore ? 'more than ' : ''}${formatQuantity(waitingCount, 'entry', 'entries')}`
  if (waitingCount === 0)
    return deliveredAtMs === null ? (
      'nothing yet'
    ) : (
      <>
        up to date, last <RelativeTime atMs={deliveredAtMs} />
      </>
    )
  return (
    <>
      {waiting} {waitingCount === 1 ? 'waits' : 'wait'}
      {oldestWaitingAtMs !== null && (
        <>
          , the oldest from <RelativeTime atMs={oldestWaitingAtMs} />
        </>
      )}
      {failure !== null && (
        <>
          . Failing since <RelativeTime atMs={failure.sinceMs} />: {failure.error}
        </>
      )}
    </>
  )
}
