'use client'
import { Autocomplete } from '@mantine/core'
import { useState } from 'react'
import { parseNamespace } from '@/components/table/lifecycle/parse-namespace'
import { HolderField } from '@/components/admin/access/holder-field'
import { ROLE_WORDS } from '@/components/admin/access/describe-role'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Panel } from '@/components/ui/panel'
import type { BulkChange, BulkSetting } from '@/lib/changes/intents/bulk-change'
import { usePermissions } from '@/lib/client/session/permissions'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { type Resource, type Role, ROLES } from '@/lib/permissions'
import { ChosenChanges } from './chosen-changes'
import classes from './bulk-edit.module.css'

/** The action of the form on the chosen tables, as far as it is filled in. */
export type ChosenAction =
  | { kind: 'settings'; settings: readonly BulkSetting[] }
  | { kind: 'move'; toNamespace: Namespace | null }
  | { kind: 'drop' }
  /** The holder as typed. */
  | { kind: 'grant'; name: string; role: Role | null }

export const NO_SETTINGS: ChosenAction = { kind: 'settings', settings: [] }
const NEW_ACTIONS: Record<ChosenAction['kind'], ChosenAction> = {
  settings: NO_SETTINGS,
  move: { kind: 'move', toNamespace: null },
  drop: { kind: 'drop' },
  grant: { kind: 'grant', name: '', role: 'viewer' },
}

/** Empty when something is missing. @param holder with the typed name */
export function toChanges(action: ChosenAction, canDrop: boolean, holder: GrantHolder | null): BulkChange[] {
  if (action.kind === 'grant') return holder === null ? [] : [{ kind: 'grant', holder, role: action.role }]
  if (action.kind === 'settings') return [...action.settings]
  if (action.kind === 'drop') return canDrop ? [{ kind: 'drop' }] : []
  return action.toNamespace === null ? [] : [{ kind: 'move', toNamespace: action.toNamespace }]
}

type ActionFieldsProps = {
  catalog: string
  /** In which the user grants. */
  namespace: Namespace
  action: ChosenAction
  /** Whether the catalog can restore what it drops. */
  canDrop: boolean
  isDisabled: boolean
  onChange: (action: ChosenAction) => void
}

/** Sets properties and tags, changes grants, moves, or drops: one of them for all chosen tables. */
export function ActionFields({ catalog, namespace, action, canDrop, isDisabled, onChange }: ActionFieldsProps) {
  const mayGrant = usePermissions()?.includes('access:manage') === true
  const choose = (kind: ChosenAction['kind']) => {
    if (kind !== action.kind) onChange(NEW_ACTIONS[kind])
  }
  return (
    <div className="stack gap-8">
      <div>
        <SegmentedChoice
          label="What to do"
          value={action.kind}
          options={[
            { value: 'settings', label: 'properties and tags' },
            ...(mayGrant ? [{ value: 'grant' as const, label: 'grants' }] : []),
            { value: 'move', label: 'move' },
            { value: 'drop', label: 'drop' },
          ]}
          onChange={choose}
        />
      </div>
      {action.kind === 'settings' ? (
        <ChosenChanges
          changes={action.settings}
          onChange={(settings) => onChange({ kind: 'settings', settings })}
          isDisabled={isDisabled}
        />
      ) : action.kind === 'grant' ? (
        <GrantFields on={{ catalog, namespace }} action={action} onChange={onChange} />
      ) : action.kind === 'move' ? (
        <MoveFields catalog={catalog} onChange={(toNamespace) => onChange({ kind: 'move', toNamespace })} />
      ) : canDrop ? (
        <Panel title="Drop" subtitle="after a preview, and when their number was typed">
          <p className={classes.text}>
            The tables are taken from {catalog}, and their files stay. The catalog can restore them, also with{' '}
            <i>Undo batch</i>. Grants on them end with the drop.
          </p>
        </Panel>
      ) : (
        <WarningNote>{catalog} could not restore dropped tables. Drop them one by one.</WarningNote>
      )}
    </div>
  )
}

type GrantFieldsProps = {
  on: Resource
  action: Extract<ChosenAction, { kind: 'grant' }>
  onChange: (action: ChosenAction) => void
}

function GrantFields({ on, action, onChange }: GrantFieldsProps) {
  const { name, role } = action
  return (
    <Panel title="Grants" subtitle="on each table itself; roles on a namespace or a catalog stay">
      <div className="stack gap-8">
        <HolderField on={on} name={name} onType={(typed) => onChange({ ...action, name: typed })} />
        <ChoiceFieldset label="Role" hint={role === null ? 'Their role on each table is taken.' : ROLE_WORDS[role]}>
          <SegmentedChoice
            label="Role"
            value={role ?? NO_ROLE}
            options={[...ROLES, NO_ROLE].map((value) => ({ value, label: value }))}
            onChange={(value) => onChange({ ...action, role: ROLES.find((one) => one === value) ?? null })}
          />
        </ChoiceFieldset>
      </div>
    </Panel>
  )
}

const NO_ROLE = 'none'

function MoveFields({ catalog, onChange }: { catalog: string; onChange: (toNamespace: Namespace | null) => void }) {
  const [text, setText] = useState('')
  const { namespaces: known } = useKnownNamespaces({ catalog, parent: null }, { typed: text })
  const change = (next: string) => {
    setText(next)
    const parsed = parseNamespace(next, known)
    onChange(parsed.every((level) => level !== '') ? parsed : null)
  }
  return (
    <Panel title="Move" subtitle="the tables keep their names, files and locations">
      <Autocomplete
        label="To the namespace"
        description="Levels are separated by dots. It must exist."
        data={[...new Set(known.map(namespaceLabel))]}
        value={text}
        onChange={change}
        limit={50}
        spellCheck={false}
      />
    </Panel>
  )
}
