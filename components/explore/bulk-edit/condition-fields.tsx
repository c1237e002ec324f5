'use client'
import { TextInput } from '@mantine/core'
import { FilterField } from '@/components/ui/controls/filter-field'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import type { Namespace } from '@/lib/names/identifiers'
import classes from './bulk-edit.module.css'

const SCOPES = ['direct', 'nested', 'catalog'] as const
type Scope = (typeof SCOPES)[number]

/** As typed. All of them have to hold; empty ones do not count. */
export type Conditions = { scope: Scope; search: string; owner: string; tag: string; property: string }

export const NO_CONDITIONS: Conditions = { scope: 'direct', search: '', owner: '', tag: '', property: '' }

export function toSelection(namespace: Namespace, { scope, ...texts }: Conditions): TableSelection {
  const given = Object.entries(texts).filter(([, text]) => text.trim() !== '')
  return {
    ...(scope !== 'catalog' && { namespace, depth: scope }),
    ...Object.fromEntries(given.map(([name, text]) => [name, text.trim()])),
  }
}

export function hasConditions({ scope: _scope, ...texts }: Conditions): boolean {
  return Object.values(texts).some((text) => text.trim() !== '')
}

type ConditionFieldsProps = {
  conditions: Conditions
  onChange: (conditions: Conditions) => void
}

/** Which tables are listed. The server evaluates the conditions for the whole list, not for the page. */
export function ConditionFields({ conditions, onChange }: ConditionFieldsProps) {
  const field = (name: 'owner' | 'tag' | 'property', label: string, placeholder: string) => (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={conditions[name]}
      autoComplete="off"
      spellCheck={false}
      w={150}
      onChange={({ currentTarget }) => onChange({ ...conditions, [name]: currentTarget.value })}
    />
  )
  return (
    <div className={classes.conditions} role="search" aria-label="Conditions">
      <SegmentedChoice
        label="Where"
        value={conditions.scope}
        options={[
          { value: 'direct', label: 'this namespace' },
          { value: 'nested', label: 'and namespaces in it' },
          { value: 'catalog', label: 'whole catalog' },
        ]}
        onChange={(scope) => onChange({ ...conditions, scope })}
      />
      <FilterField
        label="Name contains"
        value={conditions.search}
        onChange={(search) => onChange({ ...conditions, search })}
        hasSlashShortcut
        width={200}
      />
      {field('owner', 'Owner', 'Owner')}
      {field('tag', 'Tag', 'Tag')}
      {field('property', 'Property of the tables', 'property=value')}
    </div>
  )
}
