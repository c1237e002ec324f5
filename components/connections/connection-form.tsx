'use client'
import { Button } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/problem-note'
import { WaitingButton } from '@/components/ui/waiting-button'
import { useSaveConnection, useTestConnection, useTestForm } from '@/lib/client/connections'
import { CATALOG_NAME_PATTERN, CATALOG_NAME_WORDS } from '@/lib/contract/connections'
import { AppError, type ErrorCode } from '@/lib/errors'
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
  onDraft,
}: {
  start: Draft
  stored: { connectionId: string; version: number; keptSecrets: readonly string[] } | null
  hint?: ReactNode
  /** Is told what stands in the form whenever that changes. */
  onDraft?: (draft: Draft) => void
}) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const [draft, setDraft] = useState(start)
  const save = useSaveConnection(stored)
  const testStored = useTestConnection()
  const testForm = useTestForm(stored?.connectionId ?? null)
  const tested = useRef<HTMLDivElement>(null)
  const { status } = testForm
  // What a test found stands above the button that asked for it, perhaps out of sight.
  useEffect(() => {
    if (status !== 'idle') tested.current?.scrollIntoView({ block: 'nearest' })
  }, [status])
  const change = (changed: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...changed }))
    testForm.reset()
  }
  useEffect(() => onDraft?.(draft), [draft, onDraft])
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
            {...(draft.name !== '' &&
              !CATALOG_NAME_PATTERN.test(draft.name.trim()) && {
                error: CATALOG_NAME_WORDS,
              })}
            value={draft.name}
            onChange={(name) => change({ name })}
          />
        </div>
      </Panel>
      {draft.kind === 'rest' ? <RestFields {...part} /> : <TableFields {...part} />}
      <StorageFields {...part} />
      <div ref={tested} className={classes.tested}>
        {(testForm.isPending || testForm.data) && (
          <Panel title="Test">
            <div role="status">
              {testForm.data ? (
                <TestResult test={testForm.data} />
              ) : (
                'Trying step by step; this takes some seconds at most.'
              )}
            </div>
          </Panel>
        )}
        {testForm.error && <ProblemNote error={testForm.error} what="The test" />}
      </div>
      {save.error && (
        <ProblemNote error={save.error} what={draft.name} unchanged="Nothing was saved." next={nextOf(save.error)} />
      )}
      <div className={classes.buttons}>
        <WaitingButton
          type="submit"
          loading={save.isPending || save.isSuccess}
          disabled={!CATALOG_NAME_PATTERN.test(draft.name.trim())}
        >
          {stored === null ? 'Add connection' : 'Save'}
        </WaitingButton>
        <WaitingButton
          variant="default"
          leftSection={<IconPlugConnected size={15} stroke={1.6} aria-hidden />}
          loading={testForm.isPending}
          onClick={test}
        >
          Test
        </WaitingButton>
        <Button variant="default" onClick={() => router.push(paths.connections())}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

/** Of a save that did not happen, where the usual way is not the way here. */
function nextOf(error: Error): string | undefined {
  if (!(error instanceof AppError)) return undefined
  return SAVE_AGAIN[error.code]
}

const SAVE_AGAIN: Partial<Record<ErrorCode, string>> = {
  'already-exists': 'Give the connection another name, then save again.',
  'changed-meanwhile': 'Keep a copy of what you typed here first: loading the page again takes it away.',
}
