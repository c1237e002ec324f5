'use client'
import { TextInput } from '@mantine/core'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { DESCRIPTION_PROPERTY } from '@/lib/changes/new-table/new-table-draft'
import { ABOUT_KEYS } from '@/lib/iceberg/properties/about'
import type { NewTableBlocker } from '@/lib/contract/table/new-tables'
import classes from './new-table.module.css'
import type { NewTableForm } from './use-new-table-form'

const FORMATS = [
  { value: '1', label: '1, for old readers' },
  { value: '2', label: '2, every engine' },
  { value: '3', label: '3, defaults and new types' },
]

type BasicsProps = {
  form: NewTableForm
  blockers: readonly NewTableBlocker[]
  /** Whether the user may say where the files are. A location that is chosen already can be removed in any case. */
  canChooseLocation: boolean
  /** Where the catalog would put the files; null: only the catalog knows, or it is not known yet. */
  chosenLocation: string | null
}

/** The name of the table, and the location of its files. */
export function BasicsPanel({ form, blockers, canChooseLocation, chosenLocation }: BasicsProps) {
  const { name, location, draft, change, changeDraft } = form
  const messageOf = (...parts: NewTableBlocker['part'][]) =>
    blockers.find(({ part }) => parts.includes(part))?.message ?? null
  const setProperty = (key: string, text: string) =>
    changeDraft((now) => {
      const { [key]: _, ...properties } = now.properties
      return { ...now, properties: text === '' ? properties : { [key]: text, ...properties } }
    })
  return (
    <Panel title="Table">
      <div className={classes.basics}>
        <TextInput
          label="Name"
          value={name}
          maxLength={255}
          error={messageOf('name', 'namespace')}
          autoComplete="off"
          spellCheck={false}
          onChange={({ currentTarget }) => change(() => ({ name: currentTarget.value }))}
        />
        <TextInput
          label="Description"
          value={draft.properties[DESCRIPTION_PROPERTY] ?? ''}
          placeholder="none"
          maxLength={4000}
          onChange={({ currentTarget }) => setProperty(DESCRIPTION_PROPERTY, currentTarget.value)}
        />
        <TextInput
          label="Owner"
          value={draft.properties[ABOUT_KEYS.owner] ?? ''}
          placeholder="none"
          maxLength={1000}
          autoComplete="off"
          onChange={({ currentTarget }) => setProperty(ABOUT_KEYS.owner, currentTarget.value)}
        />
        <LazySelect
          label="Format version"
          data={FORMATS}
          value={String(draft.formatVersion)}
          allowDeselect={false}
          onChange={(text) =>
            changeDraft((now) => ({ ...now, formatVersion: text === '3' ? 3 : text === '1' ? 1 : 2 }))
          }
        />
        {(canChooseLocation || location !== '') && (
          <TextInput
            className={classes.location ?? ''}
            label="Location"
            value={location}
            placeholder={location === '' && chosenLocation !== null ? chosenLocation : 'chosen by the catalog'}
            maxLength={4096}
            error={messageOf('location')}
            autoComplete="off"
            spellCheck={false}
            onChange={({ currentTarget }) => change(() => ({ location: currentTarget.value }))}
          />
        )}
      </div>
    </Panel>
  )
}
