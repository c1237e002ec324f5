'use client'
import { Button, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import type { PendingChanges } from '@/lib/client/pending-changes'
import { Panel } from '@/components/ui/panel'
import { secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import { isReservedProperty } from '@/lib/iceberg/properties/table-properties'
import classes from './add-property.module.css'

type AddPropertyProps = { properties: Readonly<Record<string, string>>; pending: PendingChanges }

/** Adds a custom property, or a property of a column, to the pending changes. */
export function AddProperty({ properties, pending }: AddPropertyProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const key = name.trim()
  const problem = propertyProblem(key, value, properties)
  const add = (event: FormEvent) => {
    event.preventDefault()
    if (key === '' || problem !== null) return
    pending.put({ kind: 'set-property', key, value, base: null })
    setName('')
    setValue('')
  }
  return (
    <Panel title="Add property">
      <form className={classes.form} onSubmit={add}>
        <TextInput
          label="Key"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          spellCheck={false}
        />
        <TextInput
          label="Value"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          spellCheck={false}
        />
        <Button
          type="submit"
          variant="default"
          disabled={key === '' || problem !== null}
          leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
        >
          Add property
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

function propertyProblem(key: string, value: string, properties: Readonly<Record<string, string>>): string | null {
  if (key === '') return null
  if (isReservedProperty(key)) return `${key} is a field of the table’s metadata and cannot be set.`
  if (Object.hasOwn(properties, key)) return `${key} is already set. Change it in the list.`
  const problem = secretPropertyProblem(key) ?? propertyValueProblem(key, value)
  return problem === null ? null : `${key} ${problem}.`
}
