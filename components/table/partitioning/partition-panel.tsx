'use client'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { ActionIcon, Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { IconArrowBackUp, IconPlus, IconX } from '@tabler/icons-react'
import { EditField } from '@/components/table/schema/edit/edit-field'
import { Panel } from '@/components/ui/panel'
import { sourceColumns, splitTransform, suggestCandidates } from '@/lib/layout/offered-transforms'
import { currentSchema, defaultSpecLabel } from '@/lib/iceberg/metadata/current-layout'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { AddPartitionField } from '@/lib/changes/intents/add-partition-field/describe'
import type { PartitionField as CommittedField } from '@/lib/iceberg/partitioning/partition-spec'
import { parseTransform, transformLabel } from '@/lib/iceberg/partitioning/transform'
import { indexFields } from '@/lib/iceberg/schema/schema'
import {
  addedFields,
  addField,
  changeNewField,
  currentFields,
  dropNewField,
  isSpecIntent,
  pendingField,
  removeField,
  renameField,
  renameNewField,
  restoreField,
} from './layout-edits'
import type { LayoutDraft } from './layout-draft'
import { PartitionField } from './partition-field'
import { TodayText } from './today-text'
import type { LayoutEdits } from './use-layout-edits'
import classes from './layout-fields.module.css'

/** The fields of the partition spec as the tray makes them, above the specs that the table has. */
export function PartitionPanel({ edits, children }: { edits: LayoutEdits; children: ReactNode }) {
  const { metadata, intents, canChange, change } = edits
  const isChanged = intents.some(isSpecIntent)
  const isReturning = intents.some(({ kind }) => kind === 'set-default-spec')
  const added = addedFields(intents)
  const retained = currentFields(metadata)
  const columns = sourceColumns(currentSchema(metadata))
  return (
    <Panel
      title="Partition spec"
      subtitle={`spec ${metadata.defaultSpecId}`}
      actions={isChanged && <span className={classes.changed}>changed</span>}
      flush
    >
      <div className="padded">
        <TodayText label={retained.length === 0 ? '' : defaultSpecLabel(metadata)} none="unpartitioned" />
        {isReturning ? (
          <p className={classes.note}>
            The table returns to another spec. Discard that change to edit its fields one by one.
          </p>
        ) : (
          <>
            <ul className={classes.fields} aria-label="Partition fields">
              {retained.map((field) => (
                <CurrentField key={field.fieldId} field={field} edits={edits} />
              ))}
              {added.map((field, i) => (
                // The column and the transform of a new field change while it is edited.
                <NewField key={i} field={field} edits={edits} columns={columns} />
              ))}
            </ul>
            {canChange && (
              <div className="row wrap gap-8 between">
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
                  disabled={columns.length === 0}
                  onClick={() =>
                    change((known, toDraft) => addField(metadata, known, firstChoice(metadata, toDraft(known))))
                  }
                >
                  Add partition field
                </Button>
                <span className="quiet">next field id {edits.draft.lastPartitionId + 1}</span>
              </div>
            )}
          </>
        )}
        {metadata.formatVersion === 1 && (
          <p className={classes.note}>In format version 1 a removed field stays in the spec as void, without values.</p>
        )}
      </div>
      {children}
    </Panel>
  )
}

/** A field that no other field is like. */
function firstChoice(metadata: TableMetadata, { partitionFields }: LayoutDraft) {
  const schema = currentSchema(metadata)
  const taken = new Set(partitionFields.map(({ sourceId }) => sourceId))
  const suggested = suggestCandidates(schema, null).flatMap(([one]) => one ?? [])
  const free = suggested.find(({ sourceId }) => !taken.has(sourceId))
  const column = sourceColumns(schema).find(({ sourceId }) => !taken.has(sourceId)) ?? sourceColumns(schema)[0]
  return free ?? { sourceId: column?.sourceId ?? 0, transform: 'identity' }
}

function CurrentField({ field, edits }: { field: CommittedField; edits: LayoutEdits }) {
  const { metadata, intents, canChange, change } = edits
  const { name, isRemoved } = pendingField(intents, field.fieldId)
  const source = indexFields(currentSchema(metadata)).get(field.sourceId)
  const label = transformLabel(parseTransform(field.transform), source ? columnLabel(source.path) : field.name)
  return (
    <li className={classes.field} data-removed={isRemoved || undefined}>
      <code className={classes.label}>{label}</code>
      {!canChange || isRemoved ? (
        <span className={classes.label}>{name ?? field.name}</span>
      ) : (
        <div className={classes.name}>
          <EditField
            label={`Name of the partition field ${field.name}`}
            value={name ?? field.name}
            isMono
            onCommit={(text) => change((known) => renameField(known, field, text))}
            onClose={() => undefined}
          />
        </div>
      )}
      {canChange && (
        <span className={classes.buttons}>
          <ActionIcon
            variant="subtle"
            aria-label={isRemoved ? `Keep ${field.name}` : `Remove ${field.name}`}
            onClick={() => change((known) => (isRemoved ? restoreField(known, field) : removeField(known, field)))}
          >
            {isRemoved ? <IconArrowBackUp size={15} stroke={1.6} /> : <IconX size={15} stroke={1.6} />}
          </ActionIcon>
        </span>
      )}
    </li>
  )
}

type NewFieldProps = {
  field: AddPartitionField
  edits: LayoutEdits
  columns: ReturnType<typeof sourceColumns>
}

function NewField({ field, edits, columns }: NewFieldProps) {
  const { metadata, canChange, change } = edits
  const label = transformLabel(parseTransform(field.transform), columnLabel(field.source))
  if (!canChange || splitTransform(field.transform) === null) {
    return (
      <li className={classes.field} data-added>
        <code className={classes.label}>{label}</code>
        <span className={classes.label}>{field.name}</span>
      </li>
    )
  }
  return (
    <PartitionField
      field={field}
      columns={columns}
      isAdded
      onPick={(next) => change((known) => changeNewField(metadata, known, field, next))}
      onRename={(text) => change((known) => renameNewField(known, field, text))}
      onRemove={() => change((known) => dropNewField(known, field))}
    />
  )
}
