'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { grantsQuery } from '@/lib/client/access/grants'
import { retryFetch } from '@/lib/client/call/retry'
import type { AccessGrant, GrantHolder } from '@/lib/contract/access'
import { resourceLabel } from '@/lib/format/resource-name'
import classes from './access.module.css'
import { HolderChip } from './holder-chip'
import { ResourceName } from './resource-name'

/** The grants of a user, with those of their groups, or of a group; and giving and removing them. */
export function GrantPanel({ holder }: { holder: GrantHolder }) {
  const { data: grants, error, isPending, refetch } = useQuery(grantsQuery(holder))
  const addition = useLoadedDialog(loadAddition)
  const removal = useLoadedDialog(loadRemoval)
  const [grantToRemove, setGrantToRemove] = useState<AccessGrant | null>(null)
  const directCount = grants?.filter((grant) => isDirect(grant, holder)).length ?? 0
  return (
    <Panel
      title="Grants"
      {...(grants &&
        holder.kind === 'user' && { subtitle: `${directCount} direct, ${grants.length - directCount} by groups` })}
      actions={
        <Button variant="default" leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />} onClick={addition.open}>
          Grant
        </Button>
      }
      flush
    >
      {isPending ? (
        <SkeletonRows rows={4} columns={4} label="Reading grants" />
      ) : error ? (
        <div className={classes.problem}>
          <ProblemNote error={error} subject="The list of grants" onRetry={() => retryFetch(refetch)} />
        </div>
      ) : grants.length === 0 ? (
        <EmptyState>Nothing is granted to {holder.name} yet.</EmptyState>
      ) : (
        <DataTable
          label="Grants"
          columns={buildColumns(holder, (grant) => {
            setGrantToRemove(grant)
            removal.open()
          })}
          rows={grants}
          rowKey={({ grantId }) => grantId}
          stacks
        />
      )}
      <p className={classes.note}>Grants add up and none takes away: of those that reach a table the greatest holds.</p>
      {addition.Dialog && <addition.Dialog opened={addition.isOpen} holder={holder} onClose={addition.close} />}
      {removal.Dialog && grantToRemove && (
        <removal.Dialog
          key={grantToRemove.grantId}
          opened={removal.isOpen}
          grant={grantToRemove}
          onClose={removal.close}
        />
      )}
    </Panel>
  )
}

async function loadAddition() {
  return (await import('./grant-dialog')).GrantDialog
}

async function loadRemoval() {
  return (await import('./remove-grant')).RemoveGrant
}

function isDirect(grant: AccessGrant, holder: GrantHolder): boolean {
  return grant.holder.kind === holder.kind && grant.holder.id === holder.id
}

function buildColumns(holder: GrantHolder, onRemove: (grant: AccessGrant) => void): Column<AccessGrant>[] {
  return [
    {
      id: 'on',
      header: 'On',
      weight: 'name',
      sortBy: ({ on }) => resourceLabel(on),
      cell: ({ on }) => <ResourceName on={on} />,
    },
    { id: 'role', header: 'Role', cell: ({ role }) => role },
    ...(holder.kind === 'user'
      ? [
          {
            id: 'from',
            header: 'From',
            cell: (grant: AccessGrant) => <HolderChip holder={grant.holder} isDirect={isDirect(grant, holder)} />,
          },
        ]
      : []),
    {
      id: 'given',
      header: 'Given',
      wideOnly: true,
      cell: ({ createdAtMs, createdBy }) => (
        <>
          <RelativeTime atMs={createdAtMs} />, <VisibleText>{createdBy}</VisibleText>
        </>
      ),
    },
    {
      id: 'remove',
      header: '',
      align: 'end',
      width: 46,
      cell: (grant) =>
        isDirect(grant, holder) && (
          <Tooltip label="Remove">
            <ActionIcon
              aria-label={`Remove ${grant.role} on ${resourceLabel(grant.on)}`}
              onClick={() => onRemove(grant)}
            >
              <IconTrash size={14} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ]
}
