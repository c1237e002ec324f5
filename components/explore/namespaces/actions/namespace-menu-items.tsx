'use client'
import { Menu } from '@mantine/core'
import {
  IconAdjustments,
  IconArrowBackUp,
  IconGitPullRequest,
  IconInfoCircle,
  IconListDetails,
  IconLockQuestion,
  IconTrash,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import Link from 'next/link'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { Namespace } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { NamespaceAction } from './use-namespace-action'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

export function NamespaceMenuItems({
  catalog,
  namespace,
  hasDropped,
  canMaintain,
  canPropose,
  canSeeAccess,
  onChoose,
  onRequest,
  opened,
  onChange,
}: LoadedMenuProps & {
  catalog: string
  namespace: Namespace
  /** Whether the catalog knows which tables and views were dropped. */
  hasDropped: boolean
  canMaintain: boolean
  /** Whether the user may propose changes of it and of its tables, or commit them. */
  canPropose: boolean
  /** Whether the user can manage access here. */
  canSeeAccess: boolean
  onChoose: (action: NamespaceAction) => void
  /** Null for users who can already change the namespace. */
  onRequest: (() => void) | null
}) {
  return (
    <Menu position="bottom-end" width={230} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Namespace actions" aria-labelledby={undefined}>
        {canMaintain && (
          <>
            <Menu.Item leftSection={<IconInfoCircle {...ICON} />} onClick={() => onChoose('about')}>
              About…
            </Menu.Item>
            <Menu.Item leftSection={<IconListDetails {...ICON} />} onClick={() => onChoose('properties')}>
              Properties…
            </Menu.Item>
            <Menu.Item leftSection={<IconUsers {...ICON} />} onClick={() => onChoose('policy')}>
              Change policy…
            </Menu.Item>
            {hasDropped && (
              <Menu.Item leftSection={<IconArrowBackUp {...ICON} />} onClick={() => onChoose('dropped')}>
                Dropped tables and views…
              </Menu.Item>
            )}
          </>
        )}
        {canPropose && (
          <Menu.Item
            component={Link}
            href={paths.tableProperties(catalog, namespace)}
            leftSection={<IconAdjustments {...ICON} />}
          >
            Change many tables…
          </Menu.Item>
        )}
        <Menu.Item
          component={Link}
          href={paths.proposals({ catalog, namespace })}
          leftSection={<IconGitPullRequest {...ICON} />}
        >
          Proposals
        </Menu.Item>
        {canSeeAccess && (
          <Menu.Item
            component={Link}
            href={paths.accessTo({ catalog, namespace })}
            leftSection={<IconUsersGroup {...ICON} />}
          >
            Who has access
          </Menu.Item>
        )}
        {onRequest !== null && (
          <Menu.Item leftSection={<IconLockQuestion {...ICON} />} onClick={onRequest}>
            Request access…
          </Menu.Item>
        )}
        {canPropose && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash {...ICON} />} onClick={() => onChoose('drop')}>
              Drop…
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
