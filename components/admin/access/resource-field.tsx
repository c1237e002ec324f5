'use client'
import { Autocomplete } from '@mantine/core'
import { useState } from 'react'
import { RESOURCE_KINDS, type ResourceKind, resourceKind, resourceLabel } from '@/lib/names/resource-name'
import type { Resource } from '@/lib/permissions'
import { RESOURCE_ICONS } from './resource-name'
import { resolveResource, useResourceSuggestions } from './use-resource-suggestions'

export type ResourceFieldProps = {
  label: string
  isLabelHidden?: boolean
  kind: ResourceKind | null
  initial?: Resource
  onChange?: (on: Resource | null) => void
  onSubmit?: (on: Resource) => void
}

const PLACEHOLDERS: Record<ResourceKind, string> = {
  everything: '',
  catalog: 'lake',
  namespace: 'lake.finance',
  table: 'lake.finance.ledger',
}

/**
 * A catalog, namespace or table, typed with dots between its levels or chosen from lists, which are read once the field
 * has the focus.
 *
 * @param props.kind null: of any kind
 * @param props.onChange gets null while the text names nothing
 * @param props.onSubmit a name was chosen from a list, or Enter was pressed
 */
export function ResourceField({
  label,
  isLabelHidden = false,
  kind,
  initial = {},
  onChange,
  onSubmit,
}: ResourceFieldProps) {
  const [text, setText] = useState(initial.catalog === undefined ? '' : resourceLabel(initial))
  const [chosen, setChosen] = useState<Resource | null>(initial.catalog === undefined ? null : initial)
  const [isRequested, setRequested] = useState(false)
  const { suggestions, error: listError } = useResourceSuggestions(text, kind, isRequested)
  const labels = [...new Set(suggestions.map((on) => suggestionLabel(on, kind)))]
  const Icon = RESOURCE_ICONS[chosen === null ? (kind ?? 'table') : resourceKind(chosen)]
  const change = (typed: string) => {
    const resolved = resolveResource(typed, kind, suggestions)
    setText(typed)
    setChosen(resolved)
    onChange?.(resolved)
  }
  return (
    <Autocomplete
      {...(isLabelHidden ? { 'aria-label': label } : { label })}
      placeholder={PLACEHOLDERS[kind ?? 'table']}
      value={text}
      onChange={change}
      onFocus={() => setRequested(true)}
      onOptionSubmit={(label) => {
        const resolved = resolveResource(label, kind, suggestions)
        if (resolved) onSubmit?.(resolved)
      }}
      onKeyDown={(event) => {
        // With an option under the arrow keys, Enter chooses it.
        const hasActiveOption = event.currentTarget.getAttribute('aria-activedescendant') !== null
        if (event.key === 'Enter' && !hasActiveOption && chosen !== null) onSubmit?.(chosen)
      }}
      data={labels}
      limit={50}
      maxDropdownHeight={260}
      leftSection={<Icon size={15} stroke={1.6} aria-hidden />}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      // A list that cannot be read hinders no typing.
      error={listError === null ? null : `Names cannot be listed: ${listError.message}`}
    />
  )
}

/** A parent of the requested kind ends in a dot: choosing it offers its contents. */
function suggestionLabel(on: Resource, kind: ResourceKind | null): string {
  const isAbove = kind !== null && RESOURCE_KINDS.indexOf(resourceKind(on)) < RESOURCE_KINDS.indexOf(kind)
  return `${resourceLabel(on)}${isAbove ? '.' : ''}`
}
