'use client'
import { Button } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { localRootsQuery, useSaveConnection, useTestConnection, useTestConnectionForm } from '@/lib/client/connections'
import type { ConnectionTest } from '@/lib/contract/connections'
import { CATALOG_NAME_PATTERN, CATALOG_NAME_RULE } from '@/lib/contract/shapes/plain-values'
import { AppError, type ErrorCode } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import classes from './connection-form.module.css'
import { type Draft, toConnectionForm } from './draft'
import { type FieldGroupProps, FormSection, TextField } from './form-parts'
import { LabelFields } from './label-fields'
import { RestFields } from './rest-fields'
import { StorageFields, TableFields } from './storage-fields'
import type { Examples } from './templates'
import { failedStep, TestResult, testSummary } from './test-result'

/**
 * The form of a connection, with *Test connection* and *Save*, which stay in view. Saving returns to the list and tests the stored connection again.
 *
 * @param props.stored the connection to change, with the names of its stored secrets; null for a new connection
 */
export function ConnectionForm({
  initialDraft,
  stored,
  hint,
  examples = NO_EXAMPLES,
  onDraftChange,
}: {
  initialDraft: Draft
  stored: { connectionId: string; version: number; storedSecrets: readonly string[] } | null
  hint?: ReactNode
  /** Placeholders of the fields. */
  examples?: Examples
  /** Called with the draft whenever it changes. */
  onDraftChange?: (draft: Draft) => void
}) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const [draft, setDraft] = useState(initialDraft)
  const [isConfirming, setIsConfirming] = useState(false)
  const { data: localRoots } = useQuery(localRootsQuery())
  const save = useSaveConnection(stored)
  const testStored = useTestConnection()
  const testForm = useTestConnectionForm(stored?.connectionId ?? null)
  const testResultRef = useRef<HTMLDivElement>(null)
  const buttons = useRef<HTMLDivElement>(null)
  const { status } = testForm
  // The result is above the buttons, and on phones it may be out of view.
  useEffect(() => {
    if (status !== 'idle') testResultRef.current?.scrollIntoView({ block: 'nearest' })
  }, [status])
  // The question above them pushes the buttons down.
  useEffect(() => {
    if (isConfirming) buttons.current?.scrollIntoView({ block: 'nearest' })
  }, [isConfirming])
  const change = (changes: Partial<Draft>) => {
    setDraft((current) => ({ ...current, ...changes }))
    testForm.reset()
    setIsConfirming(false)
  }
  useEffect(() => onDraftChange?.(draft), [draft, onDraftChange])
  const fieldProps: FieldGroupProps = {
    draft,
    change,
    storedSecrets: new Set(stored?.storedSecrets),
    examples,
    localRoots: localRoots ?? null,
  }
  const failure = testForm.error ? 'The test could not be run' : testForm.data && failureOf(testForm.data)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (failure && !isConfirming) setIsConfirming(true)
    else saveDraft()
  }
  const saveDraft = () =>
    save.mutate(toConnectionForm(draft), {
      onSuccess: (connectionId) => {
        testStored.mutate(connectionId)
        router.push(paths.connections())
      },
    })
  const runTest = () => {
    setIsConfirming(false)
    if (form.current?.reportValidity()) testForm.mutate(toConnectionForm(draft))
  }
  return (
    <form ref={form} className={classes.form} method="post" onSubmit={submit}>
      <div className={classes.intro}>
        {hint !== undefined && <p>{hint}</p>}
        <p className="quiet small">Fields marked with * are required.</p>
      </div>
      <FormSection title="Name">
        <TextField
          label="Catalog name"
          description="Used in URLs and in SQL. Letters, digits, _ and -"
          required
          {...(draft.name !== '' &&
            !CATALOG_NAME_PATTERN.test(draft.name.trim()) && {
              error: CATALOG_NAME_RULE,
            })}
          value={draft.name}
          onChange={(name) => change({ name })}
        />
        <LabelFields draft={draft} change={change} />
      </FormSection>
      {draft.kind === 'rest' ? <RestFields {...fieldProps} /> : <TableFields {...fieldProps} />}
      <StorageFields {...fieldProps} />
      <div className={classes.foot}>
        <div ref={testResultRef} className={classes.tested}>
          {testForm.data ? (
            <div role="status">
              <TestResult test={testForm.data} />
            </div>
          ) : (
            testForm.isPending && <p role="status">Testing step by step. This takes a few seconds.</p>
          )}
          {testForm.error && <ProblemNote error={testForm.error} subject="The test" />}
        </div>
        {save.error && (
          <ProblemNote
            error={save.error}
            subject={draft.name}
            unchanged="The connection was not saved."
            next={nextStepFor(save.error)}
          />
        )}
        {failure && isConfirming && (
          <WarningNote isLive>
            {failure}. {stored === null ? 'Add the connection' : 'Save'} anyway?
          </WarningNote>
        )}
        <div ref={buttons} className="flow gap-8">
          <WaitingButton
            type="submit"
            loading={save.isPending || save.isSuccess}
            disabled={!CATALOG_NAME_PATTERN.test(draft.name.trim())}
          >
            {submitLabel(stored === null, failure !== undefined && isConfirming)}
          </WaitingButton>
          <WaitingButton
            variant="default"
            leftSection={<IconPlugConnected size={15} stroke={1.6} aria-hidden />}
            loading={testForm.isPending}
            onClick={runTest}
          >
            Test connection
          </WaitingButton>
          <Button variant="default" onClick={() => router.push(paths.connections())}>
            Cancel
          </Button>
        </div>
      </div>
    </form>
  )
}

const NO_EXAMPLES: Examples = {}

/** The failed step of a test, as a sentence; undefined if the test passed. */
function failureOf(test: ConnectionTest): string | undefined {
  return failedStep(test) && `The test failed: ${testSummary(test)}`
}

function submitLabel(isNew: boolean, isConfirming: boolean): string {
  if (isConfirming) return isNew ? 'Add anyway' : 'Save anyway'
  return isNew ? 'Add connection' : 'Save'
}

/** Advice after a failed save, if it differs from the usual advice. */
function nextStepFor(error: Error): string | undefined {
  if (!(error instanceof AppError)) return undefined
  return NEXT_STEPS[error.code]
}

const NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  'already-exists': 'Give the connection another name, then save again.',
  'version-conflict': 'Copy your edits first: reloading the page discards them.',
}
