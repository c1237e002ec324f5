'use client'
import { TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useCreateNamespace } from '@/lib/client/lifecycle/namespaces'
import type { Namespace } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

type CreateNamespacePanelProps = { catalog: string; parent: Namespace | null; onClose: () => void }

export function CreateNamespacePanel({ catalog, parent, onClose }: CreateNamespacePanelProps) {
  const router = useRouter()
  const [name, setName] = useState('')
  const create = useCreateNamespace(catalog)
  const namespace = [...(parent ?? []), name.trim()]
  return (
    <ActionPanel
      title="New namespace"
      subtitle={`in ${[catalog, ...(parent ?? [])].join('.')}`}
      entry={{ catalog, namespace }}
      write={create}
      unchanged="No namespace was created."
      action={{
        label: 'Create',
        fits: name.trim() !== '',
        commit: () =>
          create.mutate(namespace, { onSuccess: () => router.replace(paths.namespace(catalog, namespace)) }),
      }}
      fields={
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
      }
      onClose={onClose}
    />
  )
}
