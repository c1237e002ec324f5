'use client'
import { IconBan, IconCheck, IconClock, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { accessRequestsQuery, useSettleRequest } from '@/lib/client/access/requests'
import type { AccessRequest } from '@/lib/contract/access'
import { resourceLabel } from '@/lib/names/resource-name'
import { ResourceName } from '@/components/admin/access/resource-name'
import classes from './requests.module.css'

/** The signed-in user's requests, and the answers. */
export function OwnRequestsPanel() {
  const query = useQuery(accessRequestsQuery())
  const requests = query.data?.filter(({ isOwn }) => isOwn) ?? []
  return (
    <Panel title="Requests for access" flush>
      {!query.isSuccess ? (
        <Unloaded query={query} subject="Your requests" className="padded" skeleton={[2, 2, 'Reading your requests']} />
      ) : requests.length === 0 ? (
        <EmptyState>
          You have no requests. Where you may not read or change a table, its page has Request access.
        </EmptyState>
      ) : (
        <ul className="bare-list">
          {requests.map((request) => (
            <li key={request.accessRequestId} className={classes.request}>
              <div className={classes.what}>
                <strong>{request.role}</strong>
                <span>on</span>
                <ResourceName on={request.resource} />
                <span className="quiet">
                  <RelativeTime atMs={request.createdAtMs} />
                </span>
              </div>
              <div className={classes.what}>
                <RequestState request={request} />
                {request.state === 'open' && <Withdraw request={request} />}
              </div>
              {request.comment !== null && request.comment !== '' && (
                <p className={classes.words}>
                  <VisibleText>{request.comment}</VisibleText>
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

const STATE_ICONS = { open: IconClock, granted: IconCheck, refused: IconBan, withdrawn: IconX } as const

function RequestState({ request: { state, decidedBy, decidedAtMs } }: { request: AccessRequest }) {
  const Icon = STATE_ICONS[state]
  return (
    <span className={classes.state} data-state={state}>
      <Icon size={14} stroke={1.6} aria-hidden />
      {state === 'open' ? 'waits for an admin' : state}
      {decidedBy !== null && decidedAtMs !== null && (
        <span className="quiet">
          by <VisibleText>{decidedBy}</VisibleText>, <RelativeTime atMs={decidedAtMs} />
        </span>
      )}
    </span>
  )
}

function Withdraw({ request: { accessRequestId, resource: on } }: { request: AccessRequest }) {
  const settle = useSettleRequest()
  return (
    <>
      <WaitingButton
        variant="subtle"
        size="compact-xs"
        loading={settle.isPending}
        aria-label={`Withdraw the request for ${resourceLabel(on)}`}
        onClick={() => settle.mutate({ accessRequestId, outcome: 'withdrawn', comment: null })}
      >
        Withdraw
      </WaitingButton>
      {settle.error && <ProblemNote error={settle.error} unchanged="The request is still open." />}
    </>
  )
}
