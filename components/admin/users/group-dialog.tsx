'use client'
import { Button, Modal, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useState } from 'react'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useAddGroup, useRenameGroup } from '@/lib/client/access/groups'
import type { Group } from '@/lib/contract/access'
import { paths } from '@/lib/paths/paths'

const MAX_NAME_CHARS = 100

type DialogProps = { opened: boolean; onClose: () => void }

export function NewGroupDialog({ opened, onClose }: DialogProps) {
  const router = useRouter()
  const add = useAddGroup()
  const close = () => {
    onClose()
    add.reset()
  }
  return (
    <Modal {...modalProps(opened, close)} title="New group">
      <NameForm
        action="Create group"
        isPending={add.isPending}
        problem={add.error && <ProblemNote error={add.error} unchanged="No group was created." />}
        onSubmit={(name) =>
          add.mutate(name, {
            onSuccess: ({ groupId }) => {
              router.push(paths.group(groupId))
              close()
            },
          })
        }
        onCancel={close}
      />
    </Modal>
  )
}

export function RenameGroupDialog({ opened, onClose, group }: DialogProps & { group: Group }) {
  const rename = useRenameGroup(group.groupId)
  const close = () => {
    onClose()
    rename.reset()
  }
  return (
    <Modal {...modalProps(opened, close)} title={`Rename ${group.name}`}>
      <NameForm
        action="Rename"
        initial={group.name}
        isPending={rename.isPending}
        problem={rename.error && <ProblemNote error={rename.error} unchanged="The group was not renamed." />}
        onSubmit={(name) => rename.mutate(name, { onSuccess: close })}
        onCancel={close}
      />
    </Modal>
  )
}

function modalProps(opened: boolean, onClose: () => void) {
  return { opened, onClose, size: 440, lockScroll: false, closeButtonProps: { 'aria-label': 'Close' } }
}

function NameForm({
  action,
  initial = '',
  isPending,
  problem,
  onSubmit,
  onCancel,
}: {
  action: string
  initial?: string
  isPending: boolean
  problem: ReactNode
  onSubmit: (name: string) => void
  onCancel: () => void
}) {
  const [typed, setTyped] = useState(initial)
  const name = typed.trim()
  const isComplete = name !== '' && name !== initial
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isComplete) onSubmit(name)
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label="Name"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        maxLength={MAX_NAME_CHARS}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      {problem}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={!isComplete}>
          {action}
        </WaitingButton>
      </div>
    </form>
  )
}
