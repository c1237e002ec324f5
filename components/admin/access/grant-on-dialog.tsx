'use client'
import { Autocomplete, Button, Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { grantHoldersQuery, useAddGrant } from '@/lib/client/access/grants'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import { resourceLabel } from '@/lib/names/resource-name'
import type { Resource, Role } from '@/lib/permissions'
import { RoleChoice } from './role-choice'

type GrantOnDialogProps = { opened: boolean; on: Resource; onClose: () => void }

/** Grants a role on one resource to a user, a group or everyone. */
export function GrantOnDialog({ opened, on, onClose }: GrantOnDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Grant on ${resourceLabel(on)}`}
      size={460}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <GrantOnForm on={on} onClose={onClose} />
    </Modal>
  )
}

function GrantOnForm({ on, onClose }: Omit<GrantOnDialogProps, 'opened'>) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [query] = useDebouncedValue(toQuery(name), TYPING_PAUSE_MS)
  const { data: holders = [], error } = useQuery(grantHoldersQuery(on, query))
  const add = useAddGrant()
  const offered = [EVERYONE, ...holders.filter(({ kind }) => kind !== 'everyone')]
  const holder = offered.find((one) => labelOf(one) === name.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (holder) add.mutate({ holder, role, resource: on }, { onSuccess: onClose })
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <Autocomplete
        label="User or group"
        value={name}
        onChange={setName}
        data={[...new Set(offered.map(labelOf))]}
        limit={50}
        maxDropdownHeight={260}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={error && `Names cannot be listed: ${error.message}`}
        data-autofocus
      />
      <RoleChoice role={role} onChange={setRole} />
      {add.error && <ProblemNote error={add.error} subject={resourceLabel(on)} unchanged="Nothing was granted." />}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onClose} disabled={add.isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={add.isPending} disabled={holder === undefined}>
          Grant
        </WaitingButton>
      </div>
    </form>
  )
}

const EVERYONE: GrantHolder = { kind: 'everyone', id: 'everyone', name: 'everyone' }

const GROUP_SUFFIX = ' (group)'

/** A user and a group may have one name. */
function labelOf({ kind, name }: GrantHolder): string {
  return kind === 'group' ? `${name}${GROUP_SUFFIX}` : name
}

/** The search words of a label: a chosen name without its qualifier, and no words for everyone. */
function toQuery(label: string): string {
  const name = label.trim()
  if (name === EVERYONE.name) return ''
  return name.endsWith(GROUP_SUFFIX) ? name.slice(0, -GROUP_SUFFIX.length) : name
}
