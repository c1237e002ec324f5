'use client'
import { Button, Modal } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useAddGrant } from '@/lib/client/access/grants'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import { RESOURCE_KINDS, type ResourceKind } from '@/lib/names/resource-name'
import type { Resource, Role } from '@/lib/permissions'
import { ResourceField } from './resource-field'
import { RoleChoice } from './role-choice'

type GrantDialogProps = { opened: boolean; holder: GrantHolder; onClose: () => void }

/** Grants a role on everything, a catalog, a namespace or a table. */
export function GrantDialog({ opened, holder, onClose }: GrantDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Grant to ${holder.name}`}
      size={480}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <GrantForm holder={holder} onClose={onClose} />
    </Modal>
  )
}

const KIND_LABELS: Record<ResourceKind, string> = {
  everything: 'Everything',
  catalog: 'Catalog',
  namespace: 'Namespace',
  table: 'Table',
}
const KIND_HINTS: Record<ResourceKind, string> = {
  everything: 'All catalogs, also those that are connected later.',
  catalog: 'Everything in the catalog, also what is created later.',
  namespace: 'All tables and views in it and in the namespaces below it, also those that are created later.',
  table: 'The table or view of this name.',
}

function GrantForm({ holder, onClose }: Omit<GrantDialogProps, 'opened'>) {
  const [role, setRole] = useState<Role>('viewer')
  const [kind, setKind] = useState<ResourceKind>('namespace')
  const [on, setOn] = useState<Resource | null>(null)
  const add = useAddGrant()
  const chosen = kind === 'everything' ? {} : on
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (chosen !== null)
      add.mutate({ holder: { kind: holder.kind, id: holder.id }, role, resource: chosen }, { onSuccess: onClose })
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <RoleChoice role={role} onChange={setRole} />
      <ChoiceFieldset label="On" hint={KIND_HINTS[kind]}>
        <SegmentedChoice
          label="On"
          value={kind}
          onChange={(value) => {
            setKind(value)
            setOn(null)
          }}
          options={RESOURCE_KINDS.map((value) => ({ value, label: KIND_LABELS[value] }))}
        />
      </ChoiceFieldset>
      {kind !== 'everything' && <ResourceField key={kind} label={KIND_LABELS[kind]} kind={kind} onChange={setOn} />}
      {add.error && <ProblemNote error={add.error} subject={holder.name} unchanged="Nothing was granted." />}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onClose} disabled={add.isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={add.isPending} disabled={chosen === null}>
          Grant
        </WaitingButton>
      </div>
    </form>
  )
}
