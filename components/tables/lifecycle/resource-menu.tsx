'use client'
import { Menu } from '@mantine/core'
import { IconCursorText, IconInfoCircle, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import { changePolicyQuery } from '@/lib/client/proposals'
import type { Namespace } from '@/lib/iceberg/identifiers'

type ResourceAction = 'about' | 'rename' | 'drop'

export type ResourceMenuProps = LoadedMenuProps & {
  /** What the user may do and the catalog supports. */
  offered: Readonly<Record<ResourceAction, boolean>>
  isProtected: boolean
  onChoose: (action: ResourceAction) => void
}

/** The menu of a table or a view: what both have, and between it what only one of them has. */
export function ResourceMenu({
  label,
  within,
  offered,
  isProtected,
  onChoose,
  afterAbout,
  afterRename,
  opened,
  onChange,
}: ResourceMenuProps & {
  label: string
  /** Its policy may demand two people. */
  within: { catalog: string; namespace: Namespace }
  afterAbout?: ReactNode
  afterRename?: ReactNode
}) {
  const { demandedBy = null } = useQuery(changePolicyQuery(within.catalog, within.namespace)).data ?? {}
  const held = demandedBy === null ? null : 'needs two people'
  const off = isProtected ? 'protected' : held
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={label} aria-labelledby={undefined}>
        {offered.about && (
          <ReasonedItem icon={IconInfoCircle} onClick={() => onChoose('about')}>
            About…
          </ReasonedItem>
        )}
        {afterAbout}
        {offered.rename && (
          <ReasonedItem icon={IconCursorText} off={off} onClick={() => onChoose('rename')}>
            Rename or move…
          </ReasonedItem>
        )}
        {afterRename}
        {offered.drop && (
          <>
            <Menu.Divider />
            <ReasonedItem icon={IconTrash} off={off} isDangerous onClick={() => onChoose('drop')}>
              Drop…
            </ReasonedItem>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
