'use client'
import { IconListDetails } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ResourceMenu, type ResourceMenuProps } from '@/components/tables/lifecycle/resource-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import { changePolicyQuery } from '@/lib/client/proposals'
import type { ViewIdentifier } from '@/lib/iceberg/identifiers'
import type { ViewAction } from './use-view-action'

export function ViewMenuItems({
  view,
  offered,
  onChoose,
  ...menu
}: Omit<ResourceMenuProps, 'offered' | 'onChoose'> & {
  view: ViewIdentifier
  /** What the user may do and the catalog supports. */
  offered: Readonly<Record<Exclude<ViewAction, 'roll-back'>, boolean>>
  onChoose: (action: ViewAction) => void
}) {
  const { demandedBy = null } = useQuery(changePolicyQuery(view.catalog, view.namespace)).data ?? {}
  return (
    <ResourceMenu
      {...menu}
      label="View actions"
      // These have no proposals.
      heldBy={demandedBy === null ? null : 'needs two people'}
      offered={offered}
      onChoose={onChoose}
      afterAbout={
        offered.properties && (
          <ReasonedItem icon={IconListDetails} onClick={() => onChoose('properties')}>
            Properties…
          </ReasonedItem>
        )
      }
    />
  )
}
