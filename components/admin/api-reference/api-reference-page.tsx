'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { parseAsString, useQueryState } from 'nuqs'
import { useSyncExternalStore } from 'react'
import { Page } from '@/components/shell/page'
import { FilterField } from '@/components/ui/controls/filter-field'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { CodeBlock } from '@/components/ui/values/code-block'
import type { ApiReference } from '@/lib/contract/description/api-reference'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { ApiOperationDetails } from './api-operation'
import classes from './api-reference.module.css'
import { findOperations } from './find-operations'

/** The HTTP API by noun: every operation with its fields, its response and an example, then shapes and errors. */
export function ApiReferencePage({ reference }: { reference: ApiReference }) {
  const [query, setQuery] = useQueryState('find', parseAsString.withDefault(''))
  const { groups, shapes, errors } = findOperations(reference, query)
  const count = groups.reduce((total, { operations }) => total + operations.length, 0)
  const isNothingFound = count + shapes.length + errors.length === 0
  return (
    <Page
      title="API reference"
      subtitle={formatQuantity(count, 'operation')}
      actions={
        <FilterField
          label="Find an operation, a shape or an error"
          value={query}
          onChange={(text) => void setQuery(text === '' ? null : text)}
          hasSlashShortcut
          width={300}
        />
      }
    >
      {query.trim() === '' && <Introduction />}
      {isNothingFound && (
        <EmptyState>
          No operation, shape or error matches “{query.trim()}”.{' '}
          <Button variant="default" onClick={() => void setQuery(null)}>
            Clear filter
          </Button>
        </EmptyState>
      )}
      {groups.map(({ tag, description, operations }) => (
        <Panel key={tag} title={tag} subtitle={description} flush>
          {operations.map((operation) => (
            <ApiOperationDetails key={operation.name} operation={operation} />
          ))}
        </Panel>
      ))}
      {shapes.length > 0 && (
        <Panel title="Shapes" subtitle="that several operations share" flush>
          {shapes.map(({ name, type }) => (
            <details key={name} id={`shape-${name}`} className={classes.entry}>
              <summary className={classes.summary}>
                <code>{name}</code>
              </summary>
              <div className={classes.body}>
                <CodeBlock label={name} className={classes.code}>
                  {type}
                </CodeBlock>
              </div>
            </details>
          ))}
        </Panel>
      )}
      {errors.length > 0 && (
        <Panel title="Errors" subtitle="problem details (RFC 9457)" flush>
          <DataTable label="Errors" columns={ERROR_COLUMNS} rows={errors} rowKey={({ code }) => code} stacks />
        </Panel>
      )}
    </Page>
  )
}

const ERROR_COLUMNS: readonly Column<ApiReference['errors'][number]>[] = [
  { id: 'code', header: 'Code', sortBy: ({ code }) => code, cell: ({ code }) => <code>{code}</code> },
  { id: 'status', header: 'Status', align: 'end', sortBy: ({ status }) => status, cell: ({ status }) => status },
  { id: 'title', header: 'Title', sortBy: ({ title }) => title, cell: ({ title }) => title },
]

const setupFor = (origin: string) => `export LAKESHORE=${origin}   # the address of this console
export TOKEN=…   # a personal access token`

/** The address of this console is known only in the browser. */
const noChange = () => () => undefined
const originOfPage = () => window.location.origin
const originOnServer = () => 'https://…'

function Introduction() {
  const origin = useSyncExternalStore(noChange, originOfPage, originOnServer)
  return (
    <Panel title="Before you start">
      <div className={classes.text}>
        <p>
          The console is a client of this API, and other programs can be, too. They send a{' '}
          <Link href={paths.tokens()}>personal access token</Link>, which acts for its owner, with the role it was
          created with. The examples use these variables:
        </p>
        <CodeBlock label="Variables of the examples" className={classes.code}>
          {setupFor(origin)}
        </CodeBlock>
        <p>
          A namespace is its levels joined by U+001F, a 64-bit id is decimal text, and an instant is milliseconds since
          1970-01-01T00:00Z. A failed request is answered with problem details, whose <code>code</code> says why. To
          generate a client, use the{' '}
          <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer">
            OpenAPI document
          </a>
          , which says the same.
        </p>
      </div>
    </Panel>
  )
}
