'use client'
import { Button, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { checkNameProblem, MAX_CHECK_SQL_CHARS } from '@/lib/iceberg/properties/table-checks'
import { CheckTrial } from './check-trial'
import classes from './checks-panel.module.css'

type CheckFormProps = {
  /** Null for a new check. */
  name: string | null
  sql: string
  /** Whether it differs from the committed check. */
  isPending: boolean
  canEdit: boolean
  /** Names that a new check cannot have. */
  takenNames?: readonly string[]
  onSave: (sql: string, name: string) => void
  onRemove?: () => void
}

/** One check. Saving puts it among the pending changes of the table. */
export function CheckForm(props: CheckFormProps) {
  const { name, sql, isPending, canEdit, takenNames = [], onSave, onRemove } = props
  const [typedName, setTypedName] = useState('')
  const [typedSql, setTypedSql] = useState(sql)
  const finalName = name ?? typedName
  const isNew = name === null
  const nameProblem = isNew ? newNameProblem(typedName, takenNames) : null
  const sqlProblem = sqlProblemOf(typedSql)
  const isUnchanged = !isNew && typedSql === sql
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (nameProblem === null && sqlProblem === null && !isUnchanged) onSave(typedSql, finalName)
  }
  return (
    <form className={classes.form} onSubmit={save} aria-label={isNew ? 'New check' : `Check ${name}`}>
      {isNew ? (
        <TextInput
          label="New check"
          description='Name, e.g. "every origin is known"'
          value={typedName}
          onChange={(event) => setTypedName(event.currentTarget.value)}
          error={typedName === '' ? null : nameProblem}
          spellCheck={false}
        />
      ) : (
        <div className={classes.head}>
          <strong>{name}</strong>
          {isPending && <span className="warn">~ not committed</span>}
        </div>
      )}
      <Textarea
        aria-label={isNew ? 'SQL of the new check' : `SQL of ${name}`}
        placeholder="SELECT * FROM this_table WHERE …"
        value={typedSql}
        onChange={(event) => setTypedSql(event.currentTarget.value)}
        error={typedSql === '' ? null : sqlProblem}
        readOnly={!canEdit}
        rows={rowsFor(typedSql)}
        spellCheck={false}
        classNames={{ input: classes.sql ?? '' }}
      />
      {canEdit && <CheckTrial label={isNew ? 'the new check' : name} sql={typedSql} isRunnable={sqlProblem === null} />}
      {canEdit && (
        <div className="columns gap-8 to-end">
          {onRemove && (
            <Button variant="subtle" color="red" onClick={onRemove} aria-label={`Remove ${name}`}>
              Remove
            </Button>
          )}
          <Button
            type="submit"
            variant="default"
            disabled={nameProblem !== null || sqlProblem !== null || isUnchanged}
            aria-label={`Add to changes: ${isNew ? 'new check' : name}`}
          >
            Add to changes
          </Button>
        </div>
      )}
    </form>
  )
}

const [MIN_ROWS, MAX_ROWS, ROW_CHARS] = [2, 12, 54]

/** Roughly the lines that the text takes: long lines wrap. */
function rowsFor(sql: string): number {
  const rowCount = sql.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / ROW_CHARS)), 0)
  return Math.min(MAX_ROWS, Math.max(MIN_ROWS, rowCount))
}

function newNameProblem(name: string, takenNames: readonly string[]): string | null {
  return takenNames.includes(name) ? 'The table already has a check of this name.' : checkNameProblem(name)
}

function sqlProblemOf(sql: string): string | null {
  if (sql.trim() === '') return 'A check needs SQL.'
  if (sql.length > MAX_CHECK_SQL_CHARS) return `A check has at most ${MAX_CHECK_SQL_CHARS} characters.`
  return /\bthis_table\b/i.test(sql) ? null : 'A check reads the table as this_table.'
}
