'use client'
import { Checkbox, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconLock } from '@tabler/icons-react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { caseWarnings, siblingsOf } from '@/lib/changes/edits/column-edits'
import { canHaveDefault } from '@/lib/iceberg/schema/default-value'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { promotions } from '@/lib/iceberg/schema/promotion'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { TreeRow } from '../tree-rows'
import { DocText, IdentifierKey, TypeText } from '../tree-table'
import { defaultFromTyped, typedDefault } from './default-text'
import { DecimalFields } from './decimal-fields'
import { EditField } from './edit-field'
import type { ColumnEdits } from './column-edits'
import { writeDefaultText } from './edit-intents'
import { kindOfType, newTypeOptions, promotionOptions, typeOfKind } from './type-options'
import classes from './schema-editor.module.css'

type CellProps = { row: TreeRow; isOpen: boolean; edits: ColumnEdits }

/** Why the column, or a part of it, cannot change; null if it can. */
export function guardText({ row, edits }: Pick<CellProps, 'row' | 'edits'>): string | null {
  if (row.mark === '−') return null
  if (row.isInKey && !edits.isNew(row.fieldId)) return 'The key of a map cannot change.'
  return edits.guardOf(row.field, row.fieldId)
}

/** The name, with the former one, and notes about the column. Opens the fields of the column. */
export function NameCell({ row, isOpen, edits, isFixed }: CellProps & { isFixed: boolean }) {
  const { field, before, fieldId } = row
  const guard = guardText({ row, edits })
  const isNamed = row.role === 'column' && !row.isInKey
  const warnings = row.mark === '−' || !isNamed ? [] : caseWarnings(siblingsOf(edits.schema, row.parentId), field.name)
  const close = () => edits.setOpenId(null)
  return (
    <>
      {isOpen && isNamed ? (
        <EditField
          label={`Name of ${field.name}`}
          value={field.name}
          isFocused
          onCommit={(name) => edits.rename(fieldId, name)}
          onClose={close}
          onType={(name) => edits.typeName?.(fieldId, name)}
          onCancel={edits.cancelAdd ? () => edits.cancelAdd?.(fieldId) : undefined}
        />
      ) : row.mark === '−' || isFixed ? (
        <span className={classes.name} data-mark={row.mark} title={visibleText(field.name)}>
          <VisibleText>{field.name}</VisibleText>
        </span>
      ) : (
        <UnstyledButton
          className={classes.nameButton}
          data-tree-stop
          data-quiet={row.role !== 'column' || undefined}
          aria-expanded={isOpen}
          aria-label={`Edit ${field.name}`}
          title={visibleText(field.name)}
          onClick={() => edits.setOpenId(isOpen ? null : fieldId)}
        >
          <VisibleText>{field.name}</VisibleText>
        </UnstyledButton>
      )}
      {before && before.name !== field.name && <s className={classes.former}>{before.name}</s>}
      {row.isIdentifier && <IdentifierKey />}
      {guard !== null && (
        <Tooltip label={guard}>
          <UnstyledButton className={classes.lock} aria-label={guard}>
            <IconLock size={13} stroke={1.6} aria-hidden />
          </UnstyledButton>
        </Tooltip>
      )}
      {warnings.length > 0 && (
        <Tooltip label={warnings.join(' ')}>
          <UnstyledButton className={classes.warning} aria-label={warnings.join(' ')}>
            <IconAlertTriangle size={13} stroke={1.6} aria-hidden />
          </UnstyledButton>
        </Tooltip>
      )}
    </>
  )
}

/** The type: any for a new column, and the possible promotions for others. */
export function TypeCell({ row, isOpen, edits }: CellProps) {
  const { field, before, fieldId } = row
  if (!isOpen || row.mark === '−') return <TypeText row={row} />
  if (edits.isNew(fieldId)) {
    return (
      <LazySelect
        aria-label={`Type of ${field.name}`}
        className={classes.type ?? ''}
        data={newTypeOptions(edits.formatVersion)}
        value={kindOfType(field.type)}
        onChange={(kind) => kind !== null && edits.setType(fieldId, typeOfKind(kind, edits.nextFieldId))}
      />
    )
  }
  const known = before?.type
  if (row.isInKey || typeof known !== 'string') return <TypeText row={row} />
  const options = promotionOptions(known)
  if (options.length === 1) return <TypeText row={row} />
  const [committed, current] = [known, field.type].map((type) => typeof type === 'string' && parsePrimitive(type))
  if (committed && current && committed.kind === 'decimal' && current.kind === 'decimal') {
    const setType = (type: PrimitiveType) => edits.setType(fieldId, type)
    return <DecimalFields name={field.name} committed={committed} value={current} onChange={setType} />
  }
  return (
    <LazySelect
      aria-label={`Type of ${field.name}`}
      data={options}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      value={typeof field.type === 'string' ? field.type : null}
      onChange={(type) => edits.setType(fieldId, promotions(known).find((one) => one === type) ?? known)}
    />
  )
}

/** A required column can be made optional; only a new one can be required. */
export function RequiredCell({ row, edits, isFixed }: Omit<CellProps, 'isOpen'> & { isFixed: boolean }) {
  const { field, before, fieldId } = row
  const reason =
    edits.isNew(fieldId) || before?.required ? null : 'Rows may have nulls: an optional column cannot become required.'
  const isOff = isFixed || row.mark === '−' || row.isInKey || reason !== null
  return (
    <Checkbox
      aria-label={`${field.name} is required`}
      checked={field.required}
      disabled={isOff}
      title={row.isInKey ? 'The key of a map is required.' : (reason ?? undefined)}
      onChange={(event) => {
        const isRequired = event.currentTarget.checked
        edits.setRequired(fieldId, isRequired)
      }}
    />
  )
}

/** The value of rows that are written without one, which format version 3 knows. */
export function DefaultCell({ row, isOpen, edits }: CellProps) {
  const { field, fieldId } = row
  const value = writeDefaultText(field)
  const isOffered =
    edits.formatVersion >= 3 && row.role === 'column' && canHaveDefault(field.type) && edits.hasDefault(row)
  if (!isOpen || !isOffered) {
    return value === null ? <span className="quiet">–</span> : <code title={value}>{typedDefault(value)}</code>
  }
  return (
    <EditField
      label={`Default of ${field.name}`}
      value={typedDefault(value)}
      placeholder="none"
      isMono
      onClose={() => edits.setOpenId(null)}
      onCommit={(typed) => {
        const { value: next, problem } = defaultFromTyped(field.type, typed)
        return problem ?? edits.setDefault(fieldId, next)
      }}
    />
  )
}

export function DocCell({ row, isOpen, edits }: CellProps) {
  const { field, fieldId } = row
  if (!isOpen || row.role !== 'column' || row.isInKey) {
    return (
      <span className={classes.doc} data-mark={row.mark}>
        <DocText row={row} />
      </span>
    )
  }
  return (
    <EditField
      label={`Doc of ${field.name}`}
      value={field.doc ?? ''}
      placeholder="none"
      onClose={() => edits.setOpenId(null)}
      onCommit={(text) => edits.describe(fieldId, text === '' ? null : text)}
    />
  )
}
