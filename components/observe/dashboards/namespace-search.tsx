'use client'
import { Select } from '@mantine/core'
import { useState } from 'react'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { joinNamespace, namespaceLabel, splitNamespace } from '@/lib/names/identifiers'

type NamespaceSearchProps = {
  catalog: string
  /** As in the address; null: all namespaces. */
  chosen: string | null
  onChoose: (chosen: string | null) => void
}

/** Chooses one of more namespaces than a list has: the server finds those that contain what is typed. */
export function NamespaceSearch({ catalog, chosen, onChoose }: NamespaceSearchProps) {
  const [typed, setTyped] = useState('')
  const { namespaces } = useKnownNamespaces({ catalog, parent: null }, { typed })
  const found = namespaces.map(joinNamespace)
  const values = chosen === null || found.includes(chosen) ? found : [chosen, ...found]
  return (
    <Select
      aria-label="Namespace"
      placeholder="All namespaces"
      w={180}
      searchable
      clearable
      limit={50}
      value={chosen}
      searchValue={typed}
      onSearchChange={setTyped}
      data={values.map((value) => ({ value, label: namespaceLabel(splitNamespace(value)) }))}
      onChange={onChoose}
    />
  )
}
