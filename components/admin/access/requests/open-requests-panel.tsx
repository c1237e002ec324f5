'use client'
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { accessRequestsQuery, missingRequestedQuery, useSettleRequest } from '@/lib/client/access/requests'
import { retryFetch } from '@/lib/client/call/retry'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { AccessRequest } from '@/lib/contract/access'
import { formatQuantity } from '@/lib/format/count'
import { resourceKind, resourceLabel } from '@/lib/names/resource-name'
import { paths } from '@/lib/paths/paths'
import { ResourceName } from '@/components/admin/access/resource-name'
import classes from './requests.module.css'

const MAX_WORD_CHARS = 1_000

/** Requests that wait for an admin. */
export function OpenRequestsPanel() {
  const query = useQuery(accessRequestsQuery())
  const seesUsers = useHasPermission('console:admin')
  const requests = query.data?.filter(({ canDecide }) => canDecide) ?? []
  const missing = useQuery({ ...missingRequestedQuery(), enabled: requests.length > 0 })
  return (
    <Panel title="Requests for access" {...(query.data && { subtitle: waitingText(requests.length) })} flush>
      {!query.isSuccess ? (
        <Unloaded
          query={query}
          subject="The list of requests"
          className="padded"
          skeleton={[3, 3, 'Reading requests']}
        />
      ) : requests.length === 0 ? (
        <EmptyState>
          No requests to review.{seesUsers === true && ' Choose a user or group to see their access.'}
        </EmptyState>
      ) : (
        <>
          {missing.error && (
            <div className="padded">
              <ProblemNote
                error={missing.error}
                subject="The check whether there is what was asked for"
                onRetry={() => retryFetch(missing.refetch)}
              />
            </div>
          )}
          <ul className="bare-list">
            {requests.map((request) => (
              <OpenRequest
                key={request.accessRequestId}
                request={request}
                isMissing={missing.data?.has(request.accessRequestId) === true}
              />
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}

function waitingText(count: number): string {
  if (count === 0) return 'No requests waiting for your decision'
  return `${formatQuantity(count, 'request')} waiting for your decision`
}

function OpenRequest({ request, isMissing }: { request: AccessRequest; isMissing: boolean }) {
  const [comment, setComment] = useState('')
  const settle = useSettleRequest()
  const { accessRequestId, userId, username, role, resource: on, note, createdAtMs } = request
  const what = `${role} on ${resourceLabel(on)} for ${username}`
  const decide = (outcome: 'granted' | 'refused') =>
    settle.mutate({ accessRequestId, outcome, comment: comment.trim() || null })
  return (
    <li className={classes.request} aria-label={what}>
      <div className={classes.what}>
        <Link href={paths.user(userId)} prefetch={false} className="medium">
          <VisibleText>{username}</VisibleText>
        </Link>
        <span>asks for</span>
        <strong>{role}</strong>
        <span>on</span>
        <ResourceName on={on} />
        {isMissing && <span className="quiet">no such {missingKind(on)} today</span>}
        <span className="quiet">
          <RelativeTime atMs={createdAtMs} />
        </span>
      </div>
      {note !== '' && (
        <p className={classes.words}>
          <VisibleText>{note}</VisibleText>
        </p>
      )}
      {settle.error && <ProblemNote error={settle.error} unchanged="The request is still open." />}
      <div className={classes.decision}>
        <TextInput
          aria-label={`Reply about ${what}`}
          placeholder="Reply (optional)"
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          maxLength={MAX_WORD_CHARS}
          autoComplete="off"
        />
        <WaitingButton
          variant="default"
          loading={settle.isPending && settle.variables.outcome === 'granted'}
          disabled={settle.isPending}
          aria-label={`Grant ${what}`}
          onClick={() => decide('granted')}
        >
          Grant
        </WaitingButton>
        <Button
          variant="subtle"
          disabled={settle.isPending}
          aria-label={`Refuse ${what}`}
          onClick={() => decide('refused')}
        >
          Refuse
        </Button>
      </div>
    </li>
  )
}

function missingKind(on: AccessRequest['resource']): string {
  const kind = resourceKind(on)
  return kind === 'catalog' ? 'connection' : kind === 'table' ? 'table or view' : kind
}
