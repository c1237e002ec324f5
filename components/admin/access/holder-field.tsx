'use client'
import { Autocomplete } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { grantHoldersQuery } from '@/lib/client/access/grants'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import type { Resource } from '@/lib/permissions'

type HolderFieldProps = {
  /** The resource of the grant: only its admins may list names. */
  on: Resource
  name: string
  isFocused?: boolean
  onType: (name: string) => void
}

/** Finds a user, a group or everyone by name. `useNamedHolder` returns the one with the typed name. */
export function HolderField({ on, name, isFocused = false, onType }: HolderFieldProps) {
  const { offered, error } = useOfferedHolders(on, name)
  return (
    <Autocomplete
      label="User or group"
      value={name}
      onChange={onType}
      data={[...new Set(offered.map(labelOf))]}
      limit={50}
      maxDropdownHeight={260}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      error={error && `Names cannot be listed: ${error.message}`}
      {...(isFocused && { 'data-autofocus': true })}
    />
  )
}

/**
 * The user, the group or everyone with the name that was typed into the field; null: there is none, or not yet.
 *
 * @param name null while there is no field
 */
export function useNamedHolder(on: Resource, name: string | null): GrantHolder | null {
  const { offered } = useOfferedHolders(on, name)
  return offered.find((one) => labelOf(one) === name?.trim()) ?? null
}

function useOfferedHolders(on: Resource, name: string | null) {
  const query = useSettled(toQuery(name ?? ''))
  const { data: holders = [], error } = useQuery({ ...grantHoldersQuery(on, query), enabled: name !== null })
  return { offered: [EVERYONE, ...holders.filter(({ kind }) => kind !== 'everyone')], error }
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
