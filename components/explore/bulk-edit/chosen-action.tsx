'use client'
import { Autocomplete } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { parseNamespace } from '@/components/table/lifecycle/parse-namespace'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Panel } from '@/components/ui/panel'
import type { BulkChange, BulkSetting } from '@/lib/changes/intents/bulk-change'
import { namespacesQuery } from '@/lib/client/namespaces'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { ChosenChanges } from './chosen-changes'
import classes from './bulk-edit.module.css'

/** The action of the form on the chosen tables, as far as it is filled in. */
export type ChosenAction =
  | { kind: 'settings'; settings: readonly BulkSetting[] }
  | { kind: 'move'; toNamespace: Namespace | null }
  | { kind: 'drop' }

export const NO_SETTINGS: ChosenAction = { kind: 'settings', settings: [] }

/** Empty when something is missing. */
export function toChanges(action: ChosenAction, canDrop: boolean): BulkChange[] {
  if (action.kind === 'settings') return [...action.settings]
  if (action.kind === 'drop') return canDrop ? [{ kind: 'drop' }] : []
  return action.toNamespace === null ? [] : [{ kind: 'move', toNamespace: action.toNamespace }]
}

type ActionFieldsProps = {
  catalog: string
  action: ChosenAction
  /** Whether the catalog can restore what it drops. */
  canDrop: boolean
  isDisabled: boolean
  onChange: (action: ChosenAction) => void
}

/** Sets properties and tags, moves, or drops: one of them for all chosen tables. */
export function ActionFields({ catalog, action, canDrop, isDisabled, onChange }: ActionFieldsProps) {
  const choose = (kind: ChosenAction['kind']) => {
    if (kind === action.kind) return
    onChange(kind === 'settings' ? NO_SETTINGS : kind === 'move' ? { kind, toNamespace: null } : { kind })
  }
  return (
    <div className="stack gap-8">
      <div>
        <SegmentedChoice
          label="What to do"
          value={action.kind}
          options={[
            { value: 'settings', label: 'properties and tags' },
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

function MoveFields({ catalog, onChange }: { catalog: string; onChange: (toNamespace: Namespace | null) => void }) {
  const [text, setText] = useState('')
  const { data } = useQuery(namespacesQuery(catalog, null))
  const known = data?.namespaces.map(({ namespace }) => namespace) ?? []
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
