'use client'
import { Modal } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useRemoveGroup } from '@/lib/client/access/groups'
import type { Group } from '@/lib/contract/access'
import { paths } from '@/lib/paths/paths'

/** Confirms the removal of a group with its grants. */
export function RemoveGroup({ opened, group, onClose }: { opened: boolean; group: Group; onClose: () => void }) {
  const router = useRouter()
  const remove = useRemoveGroup(group.groupId)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Remove ${group.name}`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.form}>
        <p className="bare secondary">
          Removes the group with its grants: its members lose what only these allow, from the next request. The members
          stay users. Removing cannot be undone.
        </p>
        {remove.error && (
          <ProblemNote error={remove.error} subject={group.name} unchanged="The group was not removed." />
        )}
        <DangerConfirm
          name={group.name}
          action="Remove group"
          isPending={remove.isPending || remove.isSuccess}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => router.push(paths.users()) })}
          onCancel={onClose}
        />
      </div>
    </Modal>
  )
}
