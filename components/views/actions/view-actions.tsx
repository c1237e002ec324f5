'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconDots, IconPencil } from '@tabler/icons-react'
import Link from 'next/link'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { ViewDetail } from '@/lib/contract/views'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/iceberg/identifiers'
import { isProtected } from '@/lib/iceberg/properties/about'
import { paths } from '@/lib/paths'
import { type ViewAction, useViewAction } from './use-view-action'

/** What can be done with a view. Nothing for users who may only read it. */
export function ViewActions({ view, detail }: { view: ViewIdentifier; detail: ViewDetail }) {
  const [, setAction] = useViewAction()
  const { abilities, properties } = detail
  const canWrite =
    useHasPermission('table:write', asTableIdentifier(view)) === true && abilities.includes('commit-view')
  const canMaintain = useHasPermission('table:maintain', asTableIdentifier(view)) === true
  const offered = {
    about: canWrite,
    properties: canWrite,
    rename: canMaintain && abilities.includes('rename-view'),
    drop: canMaintain && abilities.includes('drop-view'),
  }
  if (!Object.values(offered).includes(true)) return null
  return (
    <>
      {canWrite && (
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
          view,
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
