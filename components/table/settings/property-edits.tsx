'use client'
import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { visibleText } from '@/lib/format/visible-text'
import type { PropertyEditsModel as Model } from './use-property-edits'
import classes from './property-edits.module.css'

type PropertyEditsProps = {
  model: Model
  /** Whether to show the current values next to the typed ones. */
  showsNow?: boolean
  /** Shown instead of the rows while there are none. */
  empty: string
}

/** The fields of properties that are saved together. */
export function PropertyEdits({ model, showsNow = false, empty }: PropertyEditsProps) {
  const { rows, problems, change, add, remove } = model
  return (
    <>
      {rows.length === 0 && <p className="bare secondary dense">{empty}</p>}
      {rows.map((row) => (
        <div key={row.id} className={classes.property}>
          <TextInput
            label="Key"
            value={row.base === null ? row.name : visibleText(row.name)}
            readOnly={row.base !== null}
            error={problems.get(row.id)}
            onChange={(event) => change(row, { name: event.currentTarget.value })}
            spellCheck={false}
            autoFocus={row.base === null}
          />
          <TextInput
            label="Value"
            description={
              showsNow && row.base !== null && row.value !== row.base ? `now ${visibleText(row.base)}` : null
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
    </>
  )
}
