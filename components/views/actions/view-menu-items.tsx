'use client'
import { IconListDetails } from '@tabler/icons-react'
import { ResourceMenu, type ResourceMenuProps } from '@/components/table/lifecycle/resource-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import type { ViewAction } from './use-view-action'

export function ViewMenuItems({
  offered,
  onChoose,
  ...menu
}: Omit<ResourceMenuProps, 'offered' | 'onChoose'> & {
  /** Actions that the user may take and the catalog supports. */
  offered: Readonly<Record<Exclude<ViewAction, 'roll-back'>, boolean>>
  onChoose: (action: ViewAction) => void
}) {
  return (
    <ResourceMenu
      {...menu}
      label="View actions"
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
