'use client'
import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useState } from 'react'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useChangeGroup, useCreateGroup } from '@/lib/client/access/groups'
import type { Group } from '@/lib/contract/access'
import { paths } from '@/lib/paths'

const MAX_NAME_CHARS = 64
const MAX_DESCRIPTION_CHARS = 500

type DialogProps = { opened: boolean; onClose: () => void }

export function NewGroupDialog({ opened, onClose }: DialogProps) {
  const router = useRouter()
  const create = useCreateGroup()
  const close = () => {
    onClose()
    create.reset()
  }
  return (
    <Modal {...modalProps(opened, close)} title="New group">
      <GroupForm
        action="Create group"
        isPending={create.isPending}
        problem={create.error && <ProblemNote error={create.error} unchanged="No group was created." />}
        onSubmit={(text) =>
          create.mutate(text, {
            onSuccess: ({ group }) => {
              router.push(paths.group(group.groupId))
              close()
            },
          })
        }
        onCancel={close}
      />
    </Modal>
  )
}

/** Changes the name and the description of a group. Grants and members are kept. */
export function ChangeGroupDialog({ opened, onClose, group }: DialogProps & { group: Group }) {
  const change = useChangeGroup(group.groupId)
  const close = () => {
    onClose()
    change.reset()
  }
  return (
    <Modal {...modalProps(opened, close)} title={`Change ${group.name}`}>
      <GroupForm
        key={`${group.name} ${group.description}`}
        action="Save"
        initial={group}
        isPending={change.isPending}
        problem={change.error && <ProblemNote error={change.error} unchanged="The group was not changed." />}
        onSubmit={(text) => change.mutate(text, { onSuccess: close })}
        onCancel={close}
      />
    </Modal>
  )
}

function modalProps(opened: boolean, onClose: () => void) {
  return { opened, onClose, size: 460, lockScroll: false, closeButtonProps: { 'aria-label': 'Close' } }
}

type GroupText = { name: string; description: string | null }

function GroupForm({
  action,
  initial = { name: '', description: null },
  isPending,
  problem,
  onSubmit,
  onCancel,
}: {
  action: string
  initial?: GroupText
  isPending: boolean
  problem: ReactNode
  onSubmit: (text: GroupText) => void
  onCancel: () => void
}) {
  const [name, setName] = useState(initial.name)
  const [description, setDescription] = useState(initial.description ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') onSubmit({ name: name.trim(), description: description.trim() || null })
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={MAX_NAME_CHARS}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <Textarea
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        maxLength={MAX_DESCRIPTION_CHARS}
        rows={2}
      />
      {problem}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={name.trim() === ''}>
          {action}
        </WaitingButton>
      </div>
    </form>
  )
}
