'use client'
import { ActionIcon, Autocomplete, Button, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { BulkChangeText } from '@/components/changes/tray/bulk-change-text'
import { Panel } from '@/components/ui/panel'
import { type BulkSetting, bulkChangeTarget } from '@/lib/changes/intents/bulk-change'
import { bulkChangeProblem, bulkChangesProblem } from '@/lib/changes/intents/bulk-intents'
import { MAX_BULK_CHANGES } from '@/lib/contract/shapes/bulk-limits'
import { isPropertyPattern, TABLE_PROPERTIES } from '@/lib/iceberg/properties/table-properties'
import classes from './bulk-edit.module.css'

const KNOWN_KEYS = TABLE_PROPERTIES.map(({ name }) => name).filter((name) => !isPropertyPattern(name))

type ChosenChangesProps = {
  changes: readonly BulkSetting[]
  onChange: (changes: readonly BulkSetting[]) => void
  isDisabled: boolean
}

/** The properties and tags that every chosen table gets, or loses. */
export function ChosenChanges({ changes, onChange, isDisabled }: ChosenChangesProps) {
  const add = (change: BulkSetting) =>
    onChange([...changes.filter((one) => bulkChangeTarget(one) !== bulkChangeTarget(change)), change])
  const problemOf = (change: BulkSetting) => {
    const others = changes.filter((one) => bulkChangeTarget(one) !== bulkChangeTarget(change))
    if (others.length >= MAX_BULK_CHANGES) return `At most ${MAX_BULK_CHANGES} changes at once.`
    return bulkChangeProblem(change) ?? bulkChangesProblem([...others, change])
  }
  return (
    <Panel title="Changes" subtitle="the same for every chosen table">
      {changes.length > 0 && (
        <ul className={classes.list} aria-label="Changes">
          {changes.map((change) => (
            <li key={bulkChangeTarget(change)}>
              <span>
                <BulkChangeText change={change} />
              </span>
              <ActionIcon
                aria-label={`Leave out ${'tag' in change ? `the tag ${change.tag}` : change.key}`}
                disabled={isDisabled}
                onClick={() => onChange(changes.filter((one) => one !== change))}
              >
                <IconTrash size={15} stroke={1.6} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <PropertyForm isDisabled={isDisabled} problemOf={problemOf} onAdd={add} />
      <TagForm isDisabled={isDisabled} problemOf={problemOf} onAdd={add} />
    </Panel>
  )
}

type ChangeFormProps = {
  isDisabled: boolean
  problemOf: (change: BulkSetting) => string | null
  onAdd: (change: BulkSetting) => void
}

function PropertyForm({ isDisabled, problemOf, onAdd }: ChangeFormProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const key = name.trim()
  const removal: BulkSetting = { kind: 'remove-property', key }
  const setting: BulkSetting = { kind: 'set-property', key, value }
  const removalProblem = key === '' ? null : problemOf(removal)
  const settingProblem = key === '' ? null : problemOf(setting)
  const add = (change: BulkSetting) => {
    onAdd(change)
    setName('')
    setValue('')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key !== '' && settingProblem === null) add(setting)
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <Autocomplete
        label="Property"
        value={name}
        onChange={setName}
        data={KNOWN_KEYS}
        limit={20}
        maxDropdownHeight={260}
        autoCapitalize="none"
        spellCheck={false}
      />
      <TextInput
        label="Value"
        value={value}
        onChange={({ currentTarget }) => setValue(currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      <Button
        type="submit"
        variant="default"
        disabled={isDisabled || key === '' || settingProblem !== null}
        leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
      >
        Set
      </Button>
      <Button
        variant="default"
        disabled={isDisabled || key === '' || removalProblem !== null}
        onClick={() => add(removal)}
      >
        Unset
      </Button>
      <FormProblem>{value === '' ? removalProblem : settingProblem}</FormProblem>
    </form>
  )
}

function TagForm({ isDisabled, problemOf, onAdd }: ChangeFormProps) {
  const [text, setText] = useState('')
  const tag = text.trim()
  const problem = tag === '' ? null : problemOf({ kind: 'add-tag', tag })
  const add = (kind: 'add-tag' | 'remove-tag') => {
    onAdd({ kind, tag })
    setText('')
  }
  const isBlocked = isDisabled || tag === '' || problem !== null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isBlocked) add('add-tag')
  }
  return (
    <form className={classes.tagForm} onSubmit={submit}>
      <TextInput
        label="Tag to add or remove"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      <Button
        type="submit"
        variant="default"
        disabled={isBlocked}
        leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
      >
        Add tag
      </Button>
      <Button variant="default" disabled={isBlocked} onClick={() => add('remove-tag')}>
        Remove tag
      </Button>
      <FormProblem>{problem}</FormProblem>
    </form>
  )
}

function FormProblem({ children }: { children: string | null }) {
  if (children === null) return null
  return (
    <p role="alert" className={classes.problem}>
      {children}
    </p>
  )
}
