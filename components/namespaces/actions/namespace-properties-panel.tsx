'use client'
import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { type NamespacePropertyChange, useChangeNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespaceQuery } from '@/lib/client/namespaces'
import { formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { type Namespace, namespaceLabel } from '@/lib/iceberg/identifiers'
import { secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'
import classes from './namespace-panel.module.css'

type NamespacePropertiesPanelProps = { catalog: string; namespace: Namespace; onClose: () => void }

/** Sets, changes and removes properties of the namespace in one change. */
export function NamespacePropertiesPanel({ catalog, namespace, onClose }: NamespacePropertiesPanelProps) {
  const query = useQuery(namespaceQuery(catalog, namespace))
  const label = `Namespace ${namespaceLabel(namespace)}`
  if (query.data) {
    return (
      <PropertiesForm catalog={catalog} namespace={namespace} properties={query.data.properties} onClose={onClose} />
    )
  }
  return (
    <SidePanel title="Properties" subtitle={namespaceLabel(namespace)} width={468} onClose={onClose} takesFocus>
      {query.error ? (
        <ProblemNote error={query.error} subject={label} onRetry={() => retryFetch(query.refetch)} />
      ) : (
        <SkeletonRows rows={4} columns={2} label="Reading the properties" />
      )}
    </SidePanel>
  )
}

/** A row of the form. `base` is null for a property that is new; `value` is null for one that is removed. */
type Row = { id: string; name: string; base: string | null; value: string | null }

/** What was typed, by row, with the base that was shown then. */
type Edits = Readonly<Record<string, Pick<Row, 'name' | 'value'> & { base?: string | null }>>

const NEW_ROW = /^new \d+$/

type PropertiesFormProps = NamespacePropertiesPanelProps & { properties: Readonly<Record<string, string>> }

function toRows(properties: Readonly<Record<string, string>>, edits: Edits): Row[] {
  const known = Object.entries(properties).map(([name, base]) => {
    const id = `set ${name}`
    return { id, name, base, value: base, ...edits[id] }
  })
  const added = Object.entries(edits).filter(([id]) => NEW_ROW.test(id))
  return [...known, ...added.map(([id, edit]) => ({ ...edit, id, base: null }))]
}

function PropertiesForm({ catalog, namespace, properties, onClose }: PropertiesFormProps) {
  const formId = useId()
  const save = useChangeNamespace(catalog, namespace)
  const [edits, setEdits] = useState<Edits>({})
  const [addedCount, setAddedCount] = useState(0)
  const rows = toRows(properties, edits)
  const change = ({ id, name, base, value }: Row, edit: Partial<Pick<Row, 'name' | 'value'>>) =>
    setEdits({ ...edits, [id]: { name, base, value, ...edit } })
  const add = () => {
    setEdits({ ...edits, [`new ${addedCount}`]: { name: '', value: '' } })
    setAddedCount(addedCount + 1)
  }
  const remove = (row: Row) => {
    if (row.base !== null) return change(row, { value: null })
    const { [row.id]: _removed, ...others } = edits
    return setEdits(others)
  }
  const changes = rows.filter(({ base, value, name }) => value !== base && name.trim() !== '')
  const problems = new Map(rows.map((row) => [row.id, rowProblem(row, rows)]))
  const canSave = changes.length > 0 && [...problems.values()].every((problem) => problem === null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!canSave) return
    const sent: NamespacePropertyChange[] = changes.map(({ name, base, value }) => ({ name: name.trim(), base, value }))
    // After a conflict, which says what the values are now, the same edits apply to these.
    const onError = () =>
      setEdits(Object.fromEntries(Object.entries(edits).map(([id, { name, value }]) => [id, { name, value }])))
    save.mutate(sent, { onSuccess: onClose, onError })
  }
  return (
    <SidePanel
      title="Properties"
      subtitle={namespaceLabel(namespace)}
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            Cancel
          </Button>
          <WaitingButton type="submit" form={formId} loading={save.isPending} disabled={!canSave}>
            {changes.length === 0 ? 'Save' : `Save ${formatQuantity(changes.length, 'change')}`}
          </WaitingButton>
        </div>
      }
    >
      <form id={formId} onSubmit={submit} className={classes.body}>
        {save.error && (
          <ProblemNote
            error={save.error}
            subject={`Namespace ${namespaceLabel(namespace)}`}
            unchanged="No property was changed."
          />
        )}
        {rows.length === 0 && <p className={classes.secondary}>No properties yet, such as an owner or a comment.</p>}
        {rows.map((row) => (
          <div key={row.id} className={classes.property}>
            <TextInput
              label="Key"
              value={row.base === null ? row.name : visibleText(row.name)}
              readOnly={row.base !== null}
              error={problems.get(row.id)}
              onChange={(event) => change(row, { name: event.currentTarget.value })}
              spellCheck={false}
            />
            <TextInput
              label="Value"
              description={
                save.error && row.base !== null && row.value !== row.base ? `now ${visibleText(row.base)}` : null
              }
              value={row.value ?? ''}
              disabled={row.value === null}
              placeholder={row.value === null ? 'will be removed' : undefined}
              onChange={(event) => change(row, { value: event.currentTarget.value })}
              spellCheck={false}
            />
            {row.value === null ? (
              <Button variant="subtle" onClick={() => change(row, { value: row.base })}>
                Keep
              </Button>
            ) : (
              <ActionIcon size={32} aria-label={visibleText(`Remove ${row.name}`)} onClick={() => remove(row)}>
                <IconX size={14} stroke={1.6} aria-hidden />
              </ActionIcon>
            )}
          </div>
        ))}
        <div>
          <Button variant="default" leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />} onClick={add}>
            Add property
          </Button>
        </div>
      </form>
    </SidePanel>
  )
}

function rowProblem({ id, name, base, value }: Row, rows: readonly Row[]): string | null {
  const key = name.trim()
  if (base !== null && (value === base || value === null)) return null
  if (key !== '' && rows.some((other) => other.id !== id && other.name.trim() === key))
    return `${key} is already there.`
  const problem = secretPropertyProblem(key)
  return problem === null ? null : `${key} ${problem}.`
}
