'use client'
import { Button, Checkbox, NumberInput } from '@mantine/core'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { columnProperties } from '@/lib/iceberg/properties/column-properties'
import { rulesOfColumn } from '@/lib/iceberg/properties/value-rules'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { TreeRow } from '../tree-rows'
import { ColumnAbout } from './column-about'
import type { ColumnEdits } from './column-edits'
import { moveProperties } from './edit-intents'
import type { SchemaEdits } from './use-schema-edits'
import classes from './schema-editor.module.css'

/** The fields of an opened column that its row does not have. */
export function ColumnDetails({ row, edits }: { row: TreeRow; edits: SchemaEdits }) {
  const isNew = edits.isNew(row.fieldId)
  return (
    <div className={classes.details}>
      {isNew && <TypeParameters row={row} edits={edits} />}
      {!isNew && row.role === 'column' && <ColumnAbout row={row} edits={edits} />}
      <PropertyFollowing row={row} edits={edits} />
      {edits.state.draft.formatVersion < 3 && row.role === 'column' && <UpgradeOffer edits={edits} isNew={isNew} />}
      <Button variant="subtle" onClick={() => edits.setOpenId(null)}>
        Done
      </Button>
    </div>
  )
}

/** Precision and scale of a decimal, or the length of a fixed. */
export function TypeParameters({ row: { field, fieldId }, edits }: { row: TreeRow; edits: ColumnEdits }) {
  if (typeof field.type !== 'string') return null
  const primitive = parsePrimitive(field.type)
  const setType = (type: PrimitiveType) => edits.setType(fieldId, type)
  if (primitive.kind === 'decimal') {
    const { precision, scale } = primitive
    return (
      <>
        <NumberField
          label="Precision"
          value={precision}
          min={Math.max(1, scale)}
          max={38}
          onChange={(next) => setType(`decimal(${next}, ${scale})`)}
        />
        <NumberField
          label="Scale"
          value={scale}
          min={0}
          max={precision}
          onChange={(next) => setType(`decimal(${precision}, ${next})`)}
        />
      </>
    )
  }
  if (primitive.kind !== 'fixed') return null
  return (
    <NumberField
      label="Length in bytes"
      value={primitive.lengthBytes}
      min={1}
      max={2_147_483_647}
      onChange={(next) => setType(`fixed[${next}]`)}
    />
  )
}

type NumberFieldProps = { label: string; value: number; min: number; max: number; onChange: (value: number) => void }

function NumberField({ label, value, min, max, onChange }: NumberFieldProps) {
  return (
    <label className="inline-row gap-6">
      {label}
      <NumberInput
        aria-label={label}
        className={classes.number ?? ''}
        value={value}
        min={min}
        max={max}
        allowDecimal={false}
        allowNegative={false}
        clampBehavior="strict"
        onChange={(next) => typeof next === 'number' && next >= min && onChange(next)}
      />
    </label>
  )
}

/** Whether the properties of the table that name the column follow its new name. */
function PropertyFollowing({ row: { fieldId }, edits }: { row: TreeRow; edits: SchemaEdits }) {
  const rename = edits.pending.intents.find((one) => one.kind === 'rename-column' && one.fieldId === fieldId)
  if (rename?.kind !== 'rename-column') return null
  const properties = new Map(Object.entries(edits.metadata.properties))
  const [column = '', nested] = rename.column
  const named = [
    ...columnProperties(properties, columnLabel(rename.column)).map(({ key }) => key),
    ...(nested === undefined ? rulesOfColumn(properties, column) : []),
  ]
  if (named.length === 0) return null
  return (
    <Checkbox
      label={
        <>
          Move the properties along: <code>{named.join(', ')}</code>
        </>
      }
      checked={rename.movesProperties}
      onChange={(event) => {
        const isMoved = event.currentTarget.checked
        edits.act((_state, intents) => moveProperties(intents, fieldId, isMoved))
      }}
    />
  )
}

/** Defaults and some types need format version 3. */
function UpgradeOffer({ edits, isNew }: { edits: SchemaEdits; isNew: boolean }) {
  const { formatVersion } = edits.metadata
  return (
    <span className="inline-row wrap gap-6">
      {isNew ? 'Defaults and types such as variant need' : 'Defaults need'} format version 3.
      <Button
        variant="default"
        onClick={() =>
          edits.act((_state, intents) => [
            // The edits below need version 3 already.
            { kind: 'upgrade-format-version', formatVersion: 3, base: formatVersion },
            ...intents.filter(({ kind }) => kind !== 'upgrade-format-version'),
          ])
        }
      >
        Upgrade to version 3
      </Button>
      It cannot be lowered again. Clients that do not support version 3 can no longer write the table, and some can no
      longer read it.
    </span>
  )
}
