'use client'
import { TextInput } from '@mantine/core'
import { FilterField } from '@/components/ui/controls/filter-field'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import { parseBytes } from '@/lib/format/parse-bytes'
import type { Namespace } from '@/lib/names/identifiers'
import classes from './bulk-edit.module.css'

const SCOPES = ['direct', 'nested', 'catalog'] as const
type Scope = (typeof SCOPES)[number]

/** As typed. All of them have to hold; empty ones do not count. */
export type Conditions = {
  scope: Scope
  search: string
  owner: string
  tag: string
  property: string
  minBytes: string
  maxBytes: string
  minFiles: string
  maxFiles: string
}

export const NO_CONDITIONS: Conditions = {
  scope: 'direct',
  search: '',
  owner: '',
  tag: '',
  property: '',
  minBytes: '',
  maxBytes: '',
  minFiles: '',
  maxFiles: '',
}

/** Without the numbers that cannot be read. */
export function toSelection(namespace: Namespace, { scope, ...texts }: Conditions): TableSelection {
  const { minBytes, maxBytes, minFiles, maxFiles, ...words } = texts
  const numbers = {
    minBytes: parseSize(minBytes),
    maxBytes: parseSize(maxBytes),
    minFiles: parseFileCount(minFiles),
    maxFiles: parseFileCount(maxFiles),
  }
  const given = Object.entries(words).filter(([, text]) => text.trim() !== '')
  return {
    ...(scope !== 'catalog' && { namespace, depth: scope }),
    ...Object.fromEntries(given.map(([name, text]) => [name, text.trim()])),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => typeof value === 'number')),
  }
}

/** Whether a number cannot be read, so that the list is not the one of the conditions. */
export function hasProblem({ minBytes, maxBytes, minFiles, maxFiles }: Conditions): boolean {
  return [parseSize(minBytes), parseSize(maxBytes), parseFileCount(minFiles), parseFileCount(maxFiles)].includes(null)
}

/** Undefined when empty, null when it is not a size. */
function parseSize(text: string): number | null | undefined {
  return text.trim() === '' ? undefined : toSafe(parseBytes(text))
}

function parseFileCount(text: string): number | null | undefined {
  return text.trim() === '' ? undefined : toSafe(/^\s*\d{1,16}\s*$/.test(text) ? text.trim() : null)
}

/** No table is larger than 2^53 bytes. */
function toSafe(digits: string | null): number | null {
  const value = digits === null ? Number.NaN : Number(digits)
  return Number.isSafeInteger(value) ? value : null
}

export function hasConditions({ scope: _scope, ...texts }: Conditions): boolean {
  return Object.values(texts).some((text) => text.trim() !== '')
}

function isUnreadable(name: string, text: string): boolean {
  if (name.endsWith('Bytes')) return parseSize(text) === null
  return name.endsWith('Files') && parseFileCount(text) === null
}

type ConditionFieldsProps = {
  conditions: Conditions
  onChange: (conditions: Conditions) => void
}

/** Which tables are listed. The server evaluates the conditions for the whole list, not for the page. */
export function ConditionFields({ conditions, onChange }: ConditionFieldsProps) {
  const field = (name: Exclude<keyof Conditions, 'scope' | 'search'>, label: string, placeholder: string) => (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={conditions[name]}
      error={isUnreadable(name, conditions[name])}
      autoComplete="off"
      spellCheck={false}
      w={name.startsWith('m') ? 110 : 150}
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
      {field('minBytes', 'Size at least', '≥ 1 GiB')}
      {field('maxBytes', 'Size at most', '≤ 1 TiB')}
      {field('minFiles', 'Data files at least', '≥ files')}
      {field('maxFiles', 'Data files at most', '≤ files')}
    </div>
  )
}
