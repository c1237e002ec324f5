'use client'
import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Token } from '@/lib/contract/tokens'
import { resourceLabel } from '@/lib/names/resource-name'
import { formatDate, formatTimeTitle } from '@/lib/format/time'
import { isEverything } from '@/lib/permissions'

/** A token is shown as expiring soon when less than this is left. */
const EXPIRES_SOON_MS = 7 * 24 * 3_600_000

/** Tokens, including expired and revoked ones. */
export function TokenList({
  tokens,
  hasOwners,
  canRotate,
  onRotate,
  onRevoke,
}: {
  tokens: readonly Token[]
  /** Whether to show owners, because the tokens belong to several users. */
  hasOwners: boolean
  canRotate: (token: Token) => boolean
  onRotate: (token: Token) => void
  onRevoke: (token: Token) => void
}) {
  const sorting = useSortInUrl()
  return (
    <DataTable
      label="Tokens"
      columns={buildColumns({ hasOwners, canRotate, onRotate, onRevoke })}
      rows={tokens}
      rowKey={({ tokenId }) => tokenId}
      sorting={sorting}
      stacks
    />
  )
}

function buildColumns({ hasOwners, canRotate, onRotate, onRevoke }: Omit<Parameters<typeof TokenList>[0], 'tokens'>) {
  const owner: Column<Token> = {
    id: 'owner',
    header: 'Owner',
    sortBy: ({ username }) => username,
    cell: ({ username, isOfService }) => (
      <>
        {username}
        {isOfService && <span className="quiet"> service account</span>}
      </>
    ),
  }
  const columns: Column<Token>[] = [
    { id: 'name', header: 'Name', weight: 'name', sortBy: ({ name }) => name, cell: ({ name }) => name },
    ...(hasOwners ? [owner] : []),
    {
      id: 'role',
      header: 'Role',
      sortBy: ({ effectiveRole }) => effectiveRole,
      cell: (token) => <TokenRole {...token} />,
    },
    {
      id: 'for',
      header: 'For',
      sortBy: ({ resource: on }) => resourceLabel(on),
      cell: ({ resource: on }) =>
        isEverything(on) ? <span className="quiet">everything</span> : <VisibleText>{resourceLabel(on)}</VisibleText>,
    },
    { id: 'state', header: 'State', sortBy: ({ state }) => state, cell: (token) => <TokenState token={token} /> },
    {
      id: 'created',
      header: 'Created',
      wideOnly: true,
      sortBy: ({ createdAtMs }) => createdAtMs,
      cell: ({ createdAtMs }) => <RelativeTime atMs={createdAtMs} />,
    },
    {
      id: 'expires',
      header: 'Expires',
      sortBy: ({ expiresAtMs }) => expiresAtMs,
      cell: ({ expiresAtMs }) => <ExpiryDate atMs={expiresAtMs} />,
    },
    {
      id: 'used',
      header: 'Last used',
      wideOnly: true,
      sortBy: ({ lastUsedAtMs }) => lastUsedAtMs,
      cell: ({ lastUsedAtMs, oldSecret }) => (
        <>
          <LastUse atMs={lastUsedAtMs} />
          {oldSecret && (
            <span className="quiet">
              {' '}
              · old secret <LastUse atMs={oldSecret.lastUsedAtMs} />
            </span>
          )}
        </>
      ),
    },
    {
      id: 'revoke',
      header: '',
      align: 'end',
      width: 160,
      cell: (token) => (
        <>
          {token.state === 'live' && canRotate(token) && (
            <Button variant="subtle" aria-label={`Rotate ${token.name}`} onClick={() => onRotate(token)}>
              Rotate
            </Button>
          )}
          {(token.state === 'live' || token.state === 'disabled' || token.state === 'paused') && (
            <Button variant="subtle" aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
              Revoke
            </Button>
          )}
        </>
      ),
    },
  ]
  return columns
}

function LastUse({ atMs }: { atMs: number | null }) {
  return atMs === null ? <span className="quiet">never</span> : <RelativeTime atMs={atMs} />
}

function ExpiryDate({ atMs }: { atMs: number }) {
  const timeZone = useTimeZone()
  return <time title={formatTimeTitle(atMs, timeZone)}>{formatDate(atMs, timeZone)}</time>
}

/** The effective role; also the role it was created with, if the owner's role is lower now. */
function TokenRole({ role, effectiveRole }: Token) {
  if (role === effectiveRole) return role
  const reason = `Created with the ${role} role. The owner’s role is now ${effectiveRole}.`
  return (
    <span title={reason}>
      {effectiveRole} <span className="quiet">of {role}</span>
    </span>
  )
}

function TokenState({ token: { state, expiresAtMs, oldSecret } }: { token: Token }) {
  const nowMs = useNow()
  if (state === 'disabled') return <span className="quiet">owner disabled</span>
  if (state === 'paused') return <span className="quiet">waits for a new password</span>
  if (state !== 'live') return <span className="quiet">{state}</span>
  const old = oldSecret && (
    <span className="quiet">
      {' '}
      · old secret ends <RelativeTime atMs={oldSecret.endsAtMs} />
    </span>
  )
  if (expiresAtMs - nowMs > EXPIRES_SOON_MS) return <>active{old}</>
  return (
    <>
      <span className="inline-row gap-6 warn">
        <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
        expires soon
      </span>
      {old}
    </>
  )
}
