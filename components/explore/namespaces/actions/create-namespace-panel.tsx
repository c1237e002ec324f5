'use client'
import { Button, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { type FormEvent, useId, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useCreateNamespace } from '@/lib/client/lifecycle/namespaces'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

type CreateNamespacePanelProps = { catalog: string; parent: Namespace | null; onClose: () => void }

export function CreateNamespacePanel({ catalog, parent, onClose }: CreateNamespacePanelProps) {
  const router = useRouter()
  const formId = useId()
  const [name, setName] = useState('')
  const create = useCreateNamespace(catalog)
  const namespace = [...(parent ?? []), name.trim()]
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return
    create.mutate(namespace, { onSuccess: () => router.replace(paths.namespace(catalog, namespace)) })
  }
  return (
    <SidePanel
      title="New namespace"
      subtitle={`in ${[catalog, ...(parent ?? [])].join('.')}`}
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        <div className="columns gap-8 to-end">
          <Button variant="default" onClick={onClose} disabled={create.isPending}>
            Cancel
          </Button>
          <WaitingButton type="submit" form={formId} loading={create.isPending} disabled={name.trim() === ''}>
            Create
          </WaitingButton>
        </div>
      }
    >
      <div className="stack gap-12">
        {create.error && (
          <ProblemNote
            error={create.error}
            subject={`Namespace ${namespaceLabel(namespace)}`}
            unchanged="No namespace was created."
          />
        )}
        <form id={formId} onSubmit={submit}>
          <TextInput
            label="Name"
            description="One level. A dot in it would be read as two by many engines."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={255}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        </form>
      </div>
    </SidePanel>
  )
}
