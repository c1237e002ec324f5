'use client'
import { IconBan, IconCheck, IconClock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { ownRequestsQuery } from '@/lib/client/access/requests'
import { retryFetch } from '@/lib/client/call/retry'
import type { AccessRequest } from '@/lib/contract/access'
import { ResourceName } from './resource-name'
import classes from './requests.module.css'

/** What the signed-in user asked for, and the answers. */
export function OwnRequestsPanel() {
  const { data: requests, error, isPending, refetch } = useQuery(ownRequestsQuery())
  return (
    <Panel title="Requests for access" flush>
      {isPending ? (
        <SkeletonRows rows={2} columns={2} label="Reading your requests" />
      ) : error ? (
        <div className={classes.problem}>
          <ProblemNote error={error} subject="Your requests" onRetry={() => retryFetch(refetch)} />
        </div>
      ) : requests.length === 0 ? (
        <EmptyState>
          You have requested nothing. Where you may not read or change a table, its page has Request access.
        </EmptyState>
      ) : (
        <ul className={classes.requests}>
          {requests.map((request) => (
            <li key={request.requestId} className={classes.request}>
              <div className={classes.what}>
                <strong>{request.role}</strong>
                <span>on</span>
                <ResourceName on={request.on} />
                <span className={classes.quiet}>
                  <RelativeTime atMs={request.createdAtMs} />
                </span>
              </div>
              <RequestState request={request} />
              {request.word !== null && request.word !== '' && (
                <p className={classes.words}>
                  <VisibleText>{request.word}</VisibleText>
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

const STATE_ICONS = { open: IconClock, granted: IconCheck, refused: IconBan } as const

function RequestState({ request: { state, settledBy, settledAtMs } }: { request: AccessRequest }) {
  const Icon = STATE_ICONS[state]
  return (
    <span className={classes.state} data-state={state}>
      <Icon size={14} stroke={1.6} aria-hidden />
      {state === 'open' ? 'waits for an admin' : state}
      {settledBy !== null && settledAtMs !== null && (
        <span className={classes.quiet}>
          by <VisibleText>{settledBy}</VisibleText>, <RelativeTime atMs={settledAtMs} />
        </span>
      )}
    </span>
  )
}
