'use client'
import { Button } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/problem-note'
import { useSaveConnection, useTestConnection, useTestForm } from '@/lib/client/connections'
import { CATALOG_NAME_PATTERN } from '@/lib/contract/connections'
import { paths } from '@/lib/paths'
import classes from './connection-form.module.css'
import { type Draft, formOf } from './draft'
import { type FormPart, TextField } from './form-parts'
import { RestFields } from './rest-fields'
import { StorageFields, TableFields } from './storage-fields'
import { TestResult } from './test-result'

/**
 * A connection to fill in, to test and to save. Saving goes back to the list, where the stored one is tested once more.
 *
 * @param props.stored the one that is changed, with the names of the secrets that are kept; null for a new one
 */
export function ConnectionForm({
  start,
  stored,
  hint,
}: {
  start: Draft
  stored: { connectionId: string; version: number; keptSecrets: readonly string[] } | null
  hint?: ReactNode
}) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const [draft, setDraft] = useState(start)
  const save = useSaveConnection(stored)
  const testStored = useTestConnection()
  const testForm = useTestForm(stored?.connectionId ?? null)
  const change = (changed: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...changed }))
    testForm.reset()
  }
  const part: FormPart = { draft, change, kept: new Set(stored?.keptSecrets) }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(formOf(draft), {
      onSuccess: (connectionId) => {
        testStored.mutate(connectionId)
        router.push(paths.connections())
      },
    })
  }
  const test = () => {
    if (form.current?.reportValidity()) testForm.mutate(formOf(draft))
  }
  return (
    <form ref={form} className={classes.form} method="post" onSubmit={submit}>
      {hint !== undefined && <p className={classes.hint}>{hint}</p>}
      <Panel title="Name">
        <div className={classes.fields}>
          <TextField
            label="Name of the catalog"
            description="In addresses and in SQL: letters, digits, _ and -"
            required
            value={draft.name}
            onChange={(name) => change({ name })}
          />
        </div>
      </Panel>
      {draft.kind === 'rest' ? <RestFields {...part} /> : <TableFields {...part} />}
      <StorageFields {...part} />
      {(testForm.isPending || testForm.data) && (
        <Panel title="Test">
          <div role="status" ref={bringIntoSight}>
            {testForm.data ? (
              <TestResult test={testForm.data} />
            ) : (
              'Trying step by step; this takes some seconds at most.'
            )}
          </div>
        </Panel>
      )}
      {testForm.error && <ProblemNote error={testForm.error} what="The test" />}
      {save.error && <ProblemNote error={save.error} what={draft.name} unchanged="Nothing was saved." />}
      <div className={classes.buttons}>
        <Button
          type="submit"
          loading={save.isPending || save.isSuccess}
          disabled={!CATALOG_NAME_PATTERN.test(draft.name)}
        >
          {stored === null ? 'Add connection' : 'Save'}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={15} stroke={1.6} aria-hidden />}
          loading={testForm.isPending}
          onClick={test}
        >
          Test
        </Button>
        <Button variant="default" onClick={() => router.push(paths.connections())}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

/** What a test found stands above the button that asked for it, perhaps out of sight. */
function bringIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' })
}
