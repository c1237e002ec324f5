'use client'
import { ActionIcon } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { type Listing } from '@/components/ui/table/listing'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AccessGrant } from '@/lib/contract/access/shapes'
import { resourceLabel } from '@/lib/names/resource-name'
import { reasonKey } from './access-detail'
import type { RemovableGrant } from './remove-grant'
import { ResourceName } from './resource-name'

/**
 * Grants, with a button that removes those of this page's holder.
 *
 * @param props.from a column with the holder of the grant, if lines differ
 * @param props.canRemove whether the page may remove it
 */
export function GrantTable({
  grants,
  from,
  canRemove,
}: {
  grants: Listing<AccessGrant>
  from: Column<AccessGrant> | null
  canRemove: (grant: AccessGrant) => boolean
}) {
  const removal = useLoadedDialog(loadRemoval)
  const [grantToRemove, setGrantToRemove] = useState<RemovableGrant | null>(null)
  const remove = (grant: RemovableGrant) => {
    setGrantToRemove(grant)
    removal.open()
  }
  return (
    <>
      <DataTable
        label="Grants"
        columns={buildColumns(from, canRemove, remove)}
        rows={grants}
        rowKey={reasonKey}
        stacks
      />
      {removal.Dialog && grantToRemove && (
        <removal.Dialog
          key={grantToRemove.grantId}
          opened={removal.isOpen}
          grant={grantToRemove}
          onClose={removal.close}
        />
      )}
    </>
  )
}

async function loadRemoval() {
  return (await import('./remove-grant')).RemoveGrant
}

function buildColumns(
  from: Column<AccessGrant> | null,
  canRemove: (grant: AccessGrant) => boolean,
  onRemove: (grant: RemovableGrant) => void,
): Column<AccessGrant>[] {
  return [
    {
      id: 'on',
      header: 'On',
      weight: 'name',
      sortBy: ({ resource: on }) => resourceLabel(on),
      cell: (grant) => <GrantedResource grant={grant} />,
    },
    { id: 'role', header: 'Role', cell: ({ role }) => role },
    ...(from === null ? [] : [from]),
    {
      id: 'given',
      header: 'Given',
      wideOnly: true,
      cell: ({ createdAtMs, createdBy }) => (
        <>
          {createdAtMs !== null && <RelativeTime atMs={createdAtMs} />}
          {createdBy !== null && (
            <>
              {createdAtMs !== null && ', '}
              <VisibleText>{createdBy}</VisibleText>
            </>
          )}
        </>
      ),
    },
    {
      id: 'remove',
      header: '',
      align: 'end',
      width: 46,
      cell: (grant) =>
        hasId(grant) &&
        canRemove(grant) && (
          <Tooltip label="Remove">
            <ActionIcon
              aria-label={`Remove ${grant.role} on ${resourceLabel(grant.resource)} of ${grant.holder.name}`}
              onClick={() => onRemove(grant)}
            >
              <IconTrash size={14} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ]
}

function hasId(grant: AccessGrant): grant is RemovableGrant {
  return grant.grantId !== null
}

/** Grants are by name, and the name may belong to no resource, now or ever. */
function GrantedResource({ grant: { resource: on, exists } }: { grant: AccessGrant }) {
  return (
    <>
      <ResourceName on={on} />
      {exists === false && (
        <span className="warn" title="Nothing has this name now. What gets it later is granted, too.">
          {' '}
          not there
        </span>
      )}
    </>
  )
}
