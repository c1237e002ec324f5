'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconDots, IconPencil } from '@tabler/icons-react'
import Link from 'next/link'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { ViewDetail } from '@/lib/contract/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { isProtected } from '@/lib/iceberg/properties/about'
import { paths } from '@/lib/paths/paths'
import { type ViewAction, useViewAction } from './use-view-action'

/** The actions on a view: committed, or proposed for another user to commit. */
export function ViewActions({ view, detail }: { view: ViewIdentifier; detail: ViewDetail }) {
  const [, setAction] = useViewAction()
  const { abilities, properties } = detail
  const canPropose = useHasPermission('table:propose', asTableIdentifier(view)) === true
  const canEdit = canPropose && abilities.includes('commit-view')
  const offered = {
    about: canEdit,
    properties: canEdit,
    rename: canPropose && abilities.includes('rename-view'),
    drop: canPropose && abilities.includes('drop-view'),
  }
  if (!Object.values(offered).includes(true)) return null
  return (
    <>
      {canEdit && (
        <Button
          component={Link}
          href={paths.editView(view)}
          variant="default"
          leftSection={<IconPencil size={15} stroke={1.6} aria-hidden />}
        >
          Edit
        </Button>
      )}
      <LazyMenu
        button={
          <ActionIcon variant="default" size={32} aria-label="View actions">
            <IconDots size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        }
        load={loadItems}
        menuProps={{
          offered,
          isProtected: isProtected(properties),
          onChoose: (action: ViewAction) => void setAction(action),
        }}
      />
    </>
  )
}

async function loadItems() {
  return (await import('./view-menu-items')).ViewMenuItems
}
