'use client'
import { ActionIcon, Autocomplete, Button, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { Panel } from '@/components/ui/panel'
import { VisibleText } from '@/components/ui/values/visible-text'
import { MAX_BULK_CHANGES, type PropertyChange } from '@/lib/client/bulk-edit/bulk-edit'
import { isUnknownColumnSetting, parseColumnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { propertyProblem } from '@/lib/iceberg/properties/new-property-problem'
import { isColumnPattern, TABLE_PROPERTIES } from '@/lib/iceberg/properties/table-properties'
import classes from './bulk-edit.module.css'

const KNOWN_KEYS = TABLE_PROPERTIES.map(({ name }) => name).filter((name) => !isColumnPattern(name))

type ChosenChangesProps = {
  changes: readonly PropertyChange[]
  onChange: (changes: readonly PropertyChange[]) => void
  isDisabled: boolean
}

/** The properties that every chosen table gets, or loses. */
export function ChosenChanges({ changes, onChange, isDisabled }: ChosenChangesProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const key = name.trim()
  const others = changes.filter((change) => change.key !== key)
  const isFull = others.length >= MAX_BULK_CHANGES
  const keyProblem = key === '' ? null : isFull ? `At most ${MAX_BULK_CHANGES} properties at once.` : columnProblem(key)
  const problem = keyProblem ?? (key === '' || value === '' ? null : propertyProblem(key, value))
  const add = (change: PropertyChange) => {
    onChange([...others, change])
    setName('')
    setValue('')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key !== '' && propertyProblem(key, value) === null && keyProblem === null) add({ key, value })
  }
  return (
    <Panel title="Changes" subtitle="the same for every chosen table">
      {changes.length > 0 && (
        <ul className={classes.list} aria-label="Changes">
          {changes.map((change) => (
            <li key={change.key}>
              <span>
                <VisibleText>{change.key}</VisibleText> → <PropertyValue value={change.value} />
              </span>
              <ActionIcon
                aria-label={`Leave out ${change.key}`}
                disabled={isDisabled}
                onClick={() => onChange(changes.filter((one) => one !== change))}
              >
                <IconTrash size={15} stroke={1.6} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
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
          disabled={isDisabled || key === '' || keyProblem !== null || propertyProblem(key, value) !== null}
          leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
        >
          Set
        </Button>
        <Button
          variant="default"
          disabled={isDisabled || key === '' || keyProblem !== null}
          onClick={() => add({ key, value: null })}
        >
          Unset
        </Button>
        {problem !== null && (
          <p role="alert" className={classes.problem}>
            {problem}
          </p>
        )}
      </form>
    </Panel>
  )
}

function columnProblem(key: string): string | null {
  return parseColumnSettingKey(key) !== null || isUnknownColumnSetting(key)
    ? `${key} names a column by its id, which is another column in another table. Set it in the studio of each table.`
    : null
}
