'use client'
import { TextInput } from '@mantine/core'
import { LabelChip } from '@/components/shell/catalog-name'
import { type CATALOG_LABEL_COLORS, MAX_CATALOG_LABEL_CHARS } from '@/lib/contract/shapes/plain-values'
import classes from './connection-form.module.css'
import { ChoiceField, type FieldGroupProps } from './form-parts'

const COLORS: Readonly<Record<(typeof CATALOG_LABEL_COLORS)[number], string>> = {
  teal: 'Teal',
  sand: 'Sand',
  blue: 'Blue',
  clay: 'Clay',
  plum: 'Plum',
  pine: 'Pine',
}

/** The label of the connection. Without a text it has none, and no colour. */
export function LabelFields({ draft: { label }, change }: Pick<FieldGroupProps, 'draft' | 'change'>) {
  return (
    <>
      <TextInput
        label="Label (optional)"
        description="Shown with the names of its tables, and where a name is typed to confirm"
        placeholder="production"
        value={label.text}
        maxLength={MAX_CATALOG_LABEL_CHARS}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => change({ label: { ...label, text: currentTarget.value } })}
      />
      {label.text.trim() !== '' && (
        <>
          <ChoiceField
            label="Label colour"
            value={label.color}
            options={COLORS}
            onChange={(color) => change({ label: { ...label, color } })}
          />
          <span className={classes.aligned}>
            <LabelChip text={label.text.trim()} color={label.color} />
          </span>
        </>
      )}
    </>
  )
}
