'use client'
import { useState } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { CodeBlock } from '@/components/ui/values/code-block'
import type { ApiField, ApiOperation } from '@/lib/contract/description/api-reference'
import classes from './api-reference.module.css'

/** One operation: a line with method, path and summary that opens. */
export function ApiOperationDetails({ operation }: { operation: ApiOperation }) {
  const { name, method, path, summary } = operation
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details id={name} className={classes.entry} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className={classes.summary}>
        <code className={classes.method}>{method}</code>
        <code className="breakable">{path}</code>
        <span className={classes.about}>
          <WithCode text={summary} />
        </span>
      </summary>
      {isOpen && <OperationBody operation={operation} />}
    </details>
  )
}

function OperationBody({ operation }: { operation: ApiOperation }) {
  const { name, description, fields, response, example } = operation
  return (
    <div className={classes.body}>
      {description.split('\n\n').map((paragraph) => (
        <p key={paragraph}>
          <WithCode text={paragraph} />
        </p>
      ))}
      {fields.length > 0 && (
        <DataTable
          label={`Fields of ${name}`}
          columns={FIELD_COLUMNS}
          rows={fields}
          rowKey={(field) => field.name}
          stacks
        />
      )}
      <h3 className={classes.heading}>Response</h3>
      <CodeBlock label={`Response of ${name}`} className={classes.code}>
        {response}
      </CodeBlock>
      <h3 className={classes.heading}>
        Example {example !== null && <CopyButton value={example} label="example" size={24} />}
      </h3>
      {example === null ? (
        <p>Only the console can send this request: a token is refused.</p>
      ) : (
        <CodeBlock label={`Example of ${name}`} className={classes.code}>
          {example}
        </CodeBlock>
      )}
    </div>
  )
}

const FIELD_COLUMNS: readonly Column<ApiField>[] = [
  { id: 'name', header: 'Field', weight: 'name', cell: ({ name }) => <code>{name}</code> },
  { id: 'in', header: 'In', cell: (field) => field.in },
  { id: 'required', header: 'Required', cell: ({ isRequired }) => (isRequired ? 'yes' : 'no') },
  {
    id: 'type',
    header: 'Type',
    cell: ({ type }) => <code className={classes.type}>{type}</code>,
  },
]

/** Text in which code is between backticks. */
function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}
