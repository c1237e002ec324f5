'use client'
import { CloseButton } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { actionName } from '@/lib/format/action-name'
import { SOURCES } from '@/components/about/source-text'
import { FilterField } from '@/components/ui/controls/filter-field'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Toolbar } from '@/components/ui/toolbar'
import { TYPING_PAUSE_MS } from '@/components/ui/use-settled'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import { AUDIT_SOURCES } from '@/lib/contract/shapes/plain-values'
import { namespaceLabel } from '@/lib/names/identifiers'
import classes from './audit.module.css'
import type { AuditAddress } from './use-audit-filter'

/** A value that no name can be. */
const ALL = ' '
const COMMON_ACTIONS = [
  'append',
  'change-connection',
  'change-role',
  'create-token',
  'drop-table',
  'export-audit',
  'overwrite',
  'refuse-request',
  'refuse-sign-in',
  'revoke-token',
  'roll-back',
  'rotate-token',
  'set-properties',
  'sign-in',
  'sign-out',
  'undo',
]

/** @param props.entries listed entries, whose names are offered */
export function AuditFilters({ address, entries }: { address: AuditAddress; entries: readonly AuditEntryView[] }) {
  const { filter, set } = address
  const { actor = ALL, action = ALL, source = ALL, outcome } = filter
  return (
    <Toolbar
      end={
        <SegmentedChoice
          label="Outcome"
          value={outcome === 'refused' || outcome === 'unknown' ? outcome : 'all'}
          options={[
            { value: 'all', label: 'All' },
            { value: 'refused', label: 'Refused' },
            { value: 'unknown', label: 'Unknown' },
          ]}
          onChange={(value) => set({ outcome: value === 'all' ? null : value })}
        />
      }
    >
      {/* Shows another text in the address, such as after Back. */}
      <TextFilter key={`text ${filter.text ?? ''}`} text={filter.text ?? ''} onChange={(q) => set({ q })} />
      <LazySelect
        aria-label="Who"
        w={150}
        allowDeselect={false}
        value={actor}
        data={[{ value: ALL, label: 'Anybody' }, ...names([actor, ...entries.map((entry) => entry.actor)])]}
        onChange={(value) => set({ actor: toFilter(value) })}
      />
      <LazySelect
        aria-label="What"
        w={170}
        allowDeselect={false}
        value={action}
        data={[
          { value: ALL, label: 'All actions' },
          ...names([action, ...COMMON_ACTIONS, ...entries.map((entry) => entry.action)]).map(({ value }) => ({
            value,
            label: actionName(value),
          })),
        ]}
        onChange={(value) => set({ action: toFilter(value) })}
      />
      <LazySelect
        aria-label="Via"
        w={170}
        allowDeselect={false}
        value={source}
        data={[
          { value: ALL, label: 'All sources' },
          ...AUDIT_SOURCES.map((value) => ({ value, label: SOURCES[value] })),
        ]}
        onChange={(value) => set({ source: toFilter(value) })}
      />
      <TargetChip address={address} />
    </Toolbar>
  )
}

function TextFilter({ text, onChange }: { text: string; onChange: (text: string | null) => void }) {
  const [typed, setTyped] = useState(text)
  const search = useDebouncedCallback((value: string) => onChange(value.trim() || null), TYPING_PAUSE_MS)
  return (
    <FilterField
      label="Who, table, request id"
      value={typed}
      hasSlashShortcut
      width={212}
      onChange={(value) => {
        setTyped(value)
        search(value)
      }}
    />
  )
}

/** The table, namespace or catalog that the list is about. */
function TargetChip({ address: { filter, set } }: { address: AuditAddress }) {
  const { catalog, namespace, table } = filter
  if (catalog === undefined) return null
  const name = [...(namespace ? [namespaceLabel(namespace)] : []), ...(table === undefined ? [] : [table])].join('.')
  return (
    <span className={classes.chip}>
      <span className={classes.quiet}>{catalog}</span> <VisibleText>{name}</VisibleText>
      <CloseButton
        size="sm"
        aria-label="Show all targets"
        onClick={() => set({ catalog: null, namespace: null, table: null })}
      />
    </span>
  )
}

function toFilter(value: string | null): string | null {
  return value === ALL ? null : value
}

function names(values: readonly string[]): { value: string; label: string }[] {
  return [...new Set(values)]
    .filter((value) => value !== ALL)
    .toSorted()
    .map((value) => ({ value, label: value }))
}
