'use client'
import { Button, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { Panel } from '@/components/ui/panel'
import { propertyProblem } from '@/lib/iceberg/properties/new-property-problem'
import classes from './add-property.module.css'

type AddPropertyProps = {
  /** The existing properties. */
  properties: Readonly<Record<string, string>>
  onAdd: (key: string, value: string) => void
}

/** Adds a custom property, or a property of a column. */
export function AddProperty({ properties, onAdd }: AddPropertyProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const key = name.trim()
  const problem = newPropertyProblem(key, value, properties)
  const add = (event: FormEvent) => {
    event.preventDefault()
    if (key === '' || problem !== null) return
    onAdd(key, value)
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

function newPropertyProblem(key: string, value: string, properties: Readonly<Record<string, string>>): string | null {
  if (key === '') return null
  if (Object.hasOwn(properties, key)) return `${key} is already set. Change it in the list.`
  return propertyProblem(key, value)
}
