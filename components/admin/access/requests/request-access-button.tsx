'use client'
import { Button } from '@mantine/core'
import { IconLockQuestion } from '@tabler/icons-react'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Resource, Role } from '@/lib/permissions'
import { loadRequestDialog } from './load-request-dialog'

/** Requests a role on a resource that the user may not read or change. Renders nothing for a user who may do both. */
export function RequestAccessButton({ on }: { on: Resource }) {
  const dialog = useLoadedDialog(loadRequestDialog)
  const canRead = useHasPermission('table:read', on)
  const canWrite = useHasPermission('table:write', on)
  const roles: Role[] = [
    ...(canRead === false ? (['viewer'] as const) : []),
    ...(canWrite === false ? (['editor'] as const) : []),
  ]
  if (roles.length === 0) return null
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconLockQuestion size={15} stroke={1.6} aria-hidden />}
        onClick={dialog.open}
      >
        Request access…
      </Button>
      {dialog.Dialog && <dialog.Dialog opened={dialog.isOpen} on={on} roles={roles} onClose={dialog.close} />}
    </>
  )
}
