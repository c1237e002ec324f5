'use client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useUnfinishedLabel } from '@/lib/client/table/unfinished-edits'
import { candidateProblem } from '@/lib/layout/candidate-problem'
import { type LayoutCandidate, sourceColumns } from '@/lib/layout/offered-transforms'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { FieldPicker } from './field-picker'
import classes from './simulator.module.css'

type CandidateFormProps = {
  metadata: TableMetadata
  onAdd: (candidate: LayoutCandidate) => void
  onCancel: () => void
}

const MAX_FIELDS = 4

/** A layout to compare. It leaves the tray alone. */
export function CandidateForm({ metadata, onAdd, onCancel }: CandidateFormProps) {
  const columns = sourceColumns(currentSchema(metadata))
  const first = { sourceId: columns[0]?.sourceId ?? 0, transform: 'identity' }
  const [fields, setFields] = useState<LayoutCandidate>([first])
  const unfinished = useUnfinishedLabel('layout-candidate')
  const problem = unfinished === null ? candidateProblem(fields, metadata) : `${unfinished}: correct the value first.`
  const unused = columns.find(({ sourceId }) => fields.every((field) => field.sourceId !== sourceId))
  return (
    <div className={classes.form} role="group" aria-label="New candidate">
      {fields.map((field, i) => (
        <div key={i} className={classes.formField}>
          <FieldPicker
            columns={columns}
            label={fields.length === 1 ? 'the candidate' : `field ${i + 1} of the candidate`}
            value={field}
            form="layout-candidate"
            onChange={(next) => setFields(fields.with(i, next))}
          />
        </div>
      ))}
      <p className={classes.formProblem} role="status">
        {problem}
      </p>
      <div className="flow gap-8">
        {/* Not the primary one: that is the button to review the changes. */}
        <Button size="xs" variant="default" disabled={problem !== null} onClick={() => onAdd(fields)}>
          Compare
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={fields.length >= MAX_FIELDS}
          onClick={() => setFields([...fields, unused ? { sourceId: unused.sourceId, transform: 'identity' } : first])}
        >
          And by another field
        </Button>
        <Button size="xs" variant="subtle" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
